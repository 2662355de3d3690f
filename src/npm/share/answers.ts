/**
 * What became of publishes whose page is not there to hear it. It stands among the records of the session, so that whoever leads
 * next has it, too; the engine does not see it there. It does not know which page asks for it.
 */

import { decode, encode } from '../port/bytes.js';
import type { SessionChange } from '../port/store.js';
import type { Event } from './events.js';
import type { Records } from './messages.js';

/** Keys from here on are none of the engine's, whose kinds of records are below 7. */
const FIRST = 7 * 2 ** 50;

/** Of pages that never come back nobody asks: the oldest are forgotten. */
const MOST = 1000;

export function isAnswer(key: number): boolean {
  return key >= FIRST;
}

export class Answers {
  readonly #keys = new Map<string, number>();
  #last = FIRST;
  /** None where the session is stored: there are no heirs then. */
  #keep: ((changes: readonly SessionChange[]) => void) | undefined;

  /** There are records: `keep` changes them. Calls `visit` with the answers among them. */
  open(
    records: Records,
    keep: (changes: readonly SessionChange[]) => void,
    visit: (name: string, event: Event) => void,
  ): void {
    this.#keep = keep;
    for (const [key, value] of records) {
      if (isAnswer(key)) {
        const [name, kind, words, bytes] = JSON.parse(decode(value));
        this.#keys.set(name, key);
        this.#last = Math.max(this.#last, key);
        visit(name, { kind, number: words[1], words: Uint32Array.from(words), bytes: Uint8Array.from(bytes) });
      }
    }
  }

  add(name: string, { kind, words, bytes }: Event): void {
    if (!this.#keep) {
      return;
    }
    this.drop(name);
    const [oldest] = this.#keys.keys();
    if (oldest !== undefined && this.#keys.size >= MOST) {
      this.drop(oldest);
    }
    this.#last += 1;
    this.#keys.set(name, this.#last);
    this.#keep([[this.#last, encode(JSON.stringify([name, kind, [...words], [...bytes]]))]]);
  }

  /** Its page knows it. */
  drop(name: string): void {
    const key = this.#keys.get(name);
    if (key !== undefined) {
      this.#keys.delete(name);
      this.#keep?.([[key, undefined]]);
    }
  }
}
