/**
 * Publishes that an earlier leader, or an earlier page, did not complete: whose they are stands in what was kept of them. It
 * does not know what becomes of them.
 */

import { decode, encode } from '../port/bytes.js';
import { IS_STORED } from '../port/port.js';
import { copy, type Event } from './events.js';
import type { Seat } from './seat.js';

/** In the flags of PUBLISH: the text has a word for it. */
const LABELLED = 8;

/** Publishes that nobody has to find again: QoS 0. */
const QOS = 3;

interface Restored {
  /** Undefined for one of this leader: other pages are not told of it. */
  readonly event: Event | undefined;
  /** What became of it, where nobody has asked yet. */
  answer: Event | undefined;
}

export class Kept {
  /** By who published it. */
  readonly #tokens = new Map<string, number>();
  readonly #all = new Map<number, Restored>();
  /** Pages are told of those of earlier ones. */
  readonly #tells: boolean;

  constructor(tells: boolean) {
    this.#tells = tells;
  }

  /** Whether a publish with those flags is. */
  static isKept(flags: number): boolean {
    return (flags & QOS) > 0;
  }

  /** Flags and text of PUBLISH that say who published it. */
  static labelled(seat: Seat, token: number, flags: number, text: string): [flags: number, text: string] {
    if (!Kept.isKept(flags)) {
      return [flags, text];
    }
    const [topic, id] = (flags & LABELLED) === 0 ? [text] : text.split('\0');
    return [flags | LABELLED, `${topic}\0${nameOf(seat, token)}${id === undefined ? '' : `=${id}`}`];
  }

  restored(event: Event): void {
    const { words, bytes } = event;
    const topic = words[5] ?? 0;
    const label = decode(bytes.subarray(topic));
    const [name = '', id] = split(label);
    this.#tokens.set(name, event.number);
    this.#all.set(event.number, { event: withLabel(event, id), answer: undefined });
  }

  /** The page has gone that published it under that token, and may return. */
  left(seat: Seat, id: number, token: number): void {
    this.#tokens.set(nameOf(seat, id), token);
    this.#all.set(token, { event: undefined, answer: undefined });
  }

  /** Whoever published it is there: its token, if it was restored, and what became of it, if anything has. */
  claim(seat: Seat, token: number): { readonly token: number; readonly answer: Event | undefined } | undefined {
    const restored = this.#tokens.get(nameOf(seat, token));
    if (restored === undefined) {
      return undefined;
    }
    const answer = this.#all.get(restored)?.answer;
    this.#all.delete(restored);
    this.#tokens.delete(nameOf(seat, token));
    return { token: restored, answer };
  }

  /** Something was answered that nobody here has asked for. */
  answered(event: Event, all: () => void): void {
    const restored = this.#all.get(event.number);
    if (!restored) {
      return;
    }
    restored.answer = copy(event);
    if (this.#tells && restored.event) {
      all();
    }
  }

  /** A page that is new is told of those that are not complete, and that nothing more comes of them. */
  tell(seat: Seat): void {
    if (!this.#tells) {
      return;
    }
    for (const { event, answer } of this.#all.values()) {
      if (event && !answer) {
        seat.out.add(event);
      }
    }
    seat.out.words(IS_STORED, 0);
  }
}

function nameOf(seat: Seat, token: number): string {
  return `${seat.id}/${token}`;
}

function split(label: string): [name: string, id?: string] {
  const at = label.indexOf('=');
  return at < 0 ? [label] : [label.slice(0, at), label.slice(at + 1)];
}

/** As the application that published it called it. */
function withLabel({ words, bytes, ...rest }: Event, id: string | undefined): Event {
  const topic = words[5] ?? 0;
  const label = encode(id ?? '');
  const all = new Uint8Array(topic + label.length);
  all.set(bytes.subarray(0, topic));
  all.set(label, topic);
  const changed = words.slice();
  changed[6] = id === undefined ? 0 : 1;
  changed[7] = label.length;
  return { ...rest, words: changed, bytes: all };
}
