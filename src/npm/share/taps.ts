/** Which of the pages that share a connection see what is sent and received on it. It does not know what that is. */

import { type Batch, type Port, TAP } from '../port/port.js';
import type { Event } from './events.js';
import type { Seat } from './seat.js';

/** In the second byte of the first word: how to read what follows, as `Tapped` of `src/bindings/batch.rs` has it. */
const BEGIN = 2 << 8;

export class Taps {
  readonly #port: () => Port | undefined;
  /** With those that have been told how to read what follows. */
  readonly #seats = new Map<Seat, boolean>();

  constructor(port: () => Port | undefined) {
    this.#port = port;
  }

  /** Whether that page wants to see it, from now on. */
  ask(seat: Seat, on: boolean): void {
    if (on) {
      this.#seats.set(seat, false);
    } else if (!this.#seats.delete(seat) || this.#seats.size > 0) {
      return;
    }
    this.#port()?.send(TAP, 0, +on);
  }

  tell(event: Event, buffers: Batch['buffers']): void {
    const [first = 0, , , , buffer = 0] = event.words;
    const bytes = buffers[buffer];
    for (const [seat, begun] of bytes ? this.#seats : []) {
      const begins = (first & ~0xff) === BEGIN;
      if (begun !== begins) {
        this.#seats.set(seat, true);
        seat.out.frame(event, bytes as Uint8Array);
      }
    }
  }
}
