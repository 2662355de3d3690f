/**
 * The acknowledgements that the server is owed: those of the pages, and those of messages that no page acknowledges by
 * hand. It does not know where messages go.
 */

import { ACKNOWLEDGE, type Port, TICK } from '../port/port.js';
import type { Command } from '../port/posted.js';
import type { Seat } from './seat.js';

export class Debts {
  readonly #port: () => Port | undefined;
  readonly #caughtUp: () => Promise<void>;
  #atLeastOnce: number[] = [];
  #exactlyOnce: number[] = [];

  /** `caughtUp`: what pages were told arrives, also if who leads dies. */
  constructor(port: () => Port | undefined, caughtUp: () => Promise<void>) {
    this.#port = port;
    this.#caughtUp = caughtUp;
  }

  /** A delivery is to be acknowledged so often, once pages are told of it. */
  owe(delivery: number, times: number, exactlyOnce: boolean): void {
    const due = exactlyOnce ? this.#exactlyOnce : this.#atLeastOnce;
    for (let left = times; left > 0; left--) {
      due.push(delivery);
    }
  }

  /** Pages are told. */
  pay(): void {
    const [atLeastOnce, exactlyOnce] = [this.#atLeastOnce, this.#exactlyOnce];
    this.#atLeastOnce = [];
    this.#exactlyOnce = [];
    // What acknowledges QoS 2 waits until the heir knows of it, which is told of it after the pages are.
    this.#acknowledge(exactlyOnce);
    if (exactlyOnce.length > 0) {
      // Now, and not in a turn.
      this.#port()?.send(TICK);
    }
    if (atLeastOnce.length > 0) {
      this.#caughtUp().then(() => this.#acknowledge(atLeastOnce));
    }
  }

  /** A page acknowledges by hand. */
  paid(seat: Seat, [, , delivery, reason, , , properties]: Command): void {
    const owed = seat.owed.get(delivery);
    if (owed !== undefined) {
      if (owed > 1) {
        seat.owed.set(delivery, owed - 1);
      } else {
        seat.owed.delete(delivery);
      }
      this.#port()?.send(ACKNOWLEDGE, 0, delivery, reason, '', undefined, properties);
    }
  }

  /** A page has gone, and acknowledges nothing more. */
  left(seat: Seat): void {
    for (const [delivery, times] of seat.owed) {
      this.#acknowledge(Array<number>(times).fill(delivery));
    }
  }

  #acknowledge(deliveries: readonly number[]): void {
    for (const delivery of deliveries) {
      this.#port()?.send(ACKNOWLEDGE, 0, delivery);
    }
  }
}
