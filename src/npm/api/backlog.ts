/** Messages that wait to be read or handled, a bounded number of them. It does not know who does that. */

import type { AckOptions, Message } from './types.js';

export type Ack = (options?: AckOptions) => boolean;
/** A message, and how it is acknowledged, where it is not yet. */
export type Kept = readonly [message: Message, ack: Ack | undefined];

export class Backlog {
  readonly #max: number;
  readonly #keepOldest: boolean;
  readonly #latest: boolean;
  readonly #all: Kept[] = [];

  /** `latest`: of each topic the newest alone. */
  constructor(max = 1000, keepOldest = false, latest = false) {
    this.#max = max;
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
    const full = all.length >= this.#max;
    if (full && this.#keepOldest) {
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
