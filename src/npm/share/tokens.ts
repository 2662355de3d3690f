/** Who is answered under which token: each page has its own, and the engine one for all. It does not know what was asked. */

import type { Seat } from './seat.js';

/** Tokens that are left to publishes of earlier leaders and pages. */
const RESTORED = 2 ** 20;
const LAST = 0xffff_ffff;

export interface Asker {
  readonly seat: Seat;
  /** As the page knows it. */
  readonly token: number;
  /** A publish that is not lost with the page. */
  readonly kept: boolean;
}

export class Tokens {
  readonly #all = new Map<number, Asker>();
  #last = RESTORED;

  /** One that nobody waits for. */
  next(): number {
    this.#last = this.#last < LAST ? this.#last + 1 : RESTORED;
    return this.#last;
  }

  /** The token under which the page is answered. */
  expect(seat: Seat, id: number, kept = false, token = this.next()): number {
    seat.asked.set(id, token);
    this.#all.set(token, { seat, token: id, kept });
    return token;
  }

  get(token: number): Asker | undefined {
    return this.#all.get(token);
  }

  /** It is answered, or nobody waits any more. */
  settle(token: number): void {
    const asker = this.#all.get(token);
    asker?.seat.asked.delete(asker.token);
    this.#all.delete(token);
  }
}
