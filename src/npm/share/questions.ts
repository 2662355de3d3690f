/**
 * What a function of the application's has to answer: one page is asked, another one where that has gone. It does not know
 * what is asked.
 */

import {
  AUTHENTICATION,
  CREDENTIALS,
  EXPIRES,
  type Port,
  REFUSE_AUTHENTICATION,
  REFUSE_CREDENTIALS,
} from '../port/port.js';
import type { Command } from '../port/posted.js';
import type { Event } from './events.js';
import type { Seat } from './seat.js';

const ANSWERS: readonly number[] = [CREDENTIALS, REFUSE_CREDENTIALS, AUTHENTICATION, REFUSE_AUTHENTICATION, EXPIRES];

export class Questions {
  readonly #seats: ReadonlySet<Seat>;
  #question: Event | undefined;
  /** Who was asked. */
  #speaker: Seat | undefined;

  constructor(seats: ReadonlySet<Seat>) {
    this.#seats = seats;
  }

  /** The engine asks. */
  ask(question: Event): void {
    this.#question = question;
    this.#put();
  }

  /** The connection that it was for is lost. */
  drop(): void {
    this.#question = undefined;
  }

  /** A page answers, if that is an answer. */
  answered(seat: Seat, [kind, , first, second, text, data, properties]: Command, port: Port): void {
    if (seat === this.#speaker && ANSWERS.includes(kind)) {
      if (kind !== EXPIRES) {
        this.#question = undefined;
      }
      port.send(kind, 0, first, second, text, data, properties);
    }
  }

  /** A page has gone. */
  left(seat: Seat): void {
    if (this.#speaker === seat) {
      this.#speaker = undefined;
      this.#put();
    }
  }

  #put(): void {
    if (this.#question) {
      const local = [...this.#seats].find((seat) => seat.isLocal && seat.connected);
      this.#speaker ??= local ?? [...this.#seats].find((seat) => seat.connected);
      this.#speaker?.out.add(this.#question);
    }
  }
}
