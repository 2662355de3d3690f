/**
 * Publishes that an earlier leader, or an earlier page, did not complete: whose they are stands in what was kept of them. It
 * does not know what becomes of them.
 */

import { decode, encode } from '../port/bytes.js';
import { IS_STORED } from '../port/port.js';
import type { SessionChange } from '../port/store.js';
import { Answers } from './answers.js';
import { copy, type Event } from './events.js';
import type { Records } from './messages.js';
import type { Seat } from './seat.js';

/** In the flags of PUBLISH: the text has a word for it. */
const LABELLED = 8;

/** Publishes that nobody has to find again: QoS 0. */
const QOS = 3;

interface Restored {
  readonly name: string;
  /** Undefined for one of this leader: other pages are not told of it. */
  readonly event: Event | undefined;
  /** What became of it, where nobody has asked yet. */
  answer: Event | undefined;
}

export class Kept {
  /** By who published it. */
  readonly #tokens = new Map<string, number>();
  readonly #all = new Map<number, Restored>();
  readonly #answers = new Answers();
  /** Publishes of pages that are there again, and are told in a batch that waits what became of them, if anything has. */
  #claimed: string[] = [];
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

  /** Answers that an earlier leader had for pages that were not there. */
  inherit(records: Records, keep: (changes: readonly SessionChange[]) => void, token: () => number): void {
    this.#answers.open(records, keep, (name, answer) => {
      const number = token();
      this.#tokens.set(name, number);
      this.#all.set(number, { name, event: undefined, answer: { ...answer, number } });
    });
  }

  restored(event: Event): void {
    const { words, bytes } = event;
    const topic = words[5] ?? 0;
    const label = decode(bytes.subarray(topic));
    const [name = '', id] = split(label);
    // Where it is complete, too, its record was to go: it is brought to its end again.
    this.#all.delete(this.#tokens.get(name) ?? -1);
    this.#tokens.set(name, event.number);
    this.#all.set(event.number, { name, event: withLabel(event, id), answer: undefined });
  }

  /** The page has gone that published it under that token, and may return. */
  left(seat: Seat, id: number, token: number): void {
    const name = nameOf(seat, id);
    this.#tokens.set(name, token);
    this.#all.set(token, { name, event: undefined, answer: undefined });
  }

  /** Whoever published it is there: its token, if it was restored, and what became of it, if anything has. */
  claim(seat: Seat, token: number): { readonly token: number; readonly answer: Event | undefined } | undefined {
    const name = nameOf(seat, token);
    const restored = this.#tokens.get(name);
    if (restored === undefined) {
      return undefined;
    }
    const answer = this.#all.get(restored)?.answer;
    this.#all.delete(restored);
    this.#tokens.delete(name);
    this.#claimed.push(name);
    return { token: restored, answer };
  }

  /** What was told is on its way. */
  told(): void {
    for (const name of this.#claimed.splice(0)) {
      this.#answers.drop(name);
    }
  }

  /** Something was answered that nobody here has asked for. */
  answered(event: Event, all: () => void): void {
    const restored = this.#all.get(event.number);
    if (!restored) {
      return;
    }
    restored.answer = copy(event);
    this.#answers.add(restored.name, restored.answer);
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
