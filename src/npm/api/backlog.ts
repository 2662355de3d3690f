/** Messages that wait to be read or handled, a bounded number of them. It does not know who does that. */

import type { AckOptions, Message } from './types.js';

export type Ack = (options?: AckOptions) => boolean;
/** A message, and how it is acknowledged, where it is not yet. */
export type Kept = readonly [message: Message, ack: Ack | undefined];

export class Backlog {
  readonly #max: number;
  /** What owes an acknowledgement is kept: the server itself stops at the Receive Maximum. */
  readonly #keepsOwed: boolean;
  readonly #keepOldest: boolean;
  readonly #latest: boolean;
  readonly #all: Kept[] = [];

  /** Without `max` 1 000, and all that owe an acknowledgement. `latest`: of each topic the newest alone. */
  constructor(max?: number, keepOldest = false, latest = false) {
    this.#max = max ?? 1000;
    this.#keepsOwed = max === undefined;
    this.#keepOldest = keepOldest;
    this.#latest = latest;
  }

  /** What is dropped for it, or instead of the oldest it itself. */
  keep(message: Message, ack?: Ack): Kept | undefined {
    const all = this.#all;
    const kept: Kept = [message, ack];
    const same = this.#latest ? all.findIndex(([{ topic }]) => topic === message.topic) : -1;
    if (same >= 0) {
      return all.splice(same, 1, kept)[0];
    }
    const owed = (one: Kept | undefined): boolean => this.#keepsOwed && one?.[1] !== undefined;
    const full = all.length >= this.#max && !owed(kept);
    if (full && (this.#keepOldest || owed(all[0]))) {
      return kept;
    }
    all.push(kept);
    return full ? all.shift() : undefined;
  }

  /** The next one. */
  shift(): Kept | undefined {
    return this.#all.shift();
  }

  /** All of it, of which nothing is left. */
  clear(): Kept[] {
    return this.#all.splice(0);
  }
}
