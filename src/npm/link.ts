/**
 * The way to the engine: what the application asks for waits here, in order, until the engine is loaded and until a
 * payload before it is read. It does not know what is asked.
 */

import { rejected } from './deferred.js';
import { closed, errorOf, type MqttError } from './errors.js';
import type { Engine } from './generated/wasmqtt.js';
import { Pending, type Start } from './pending.js';
import type { Sink } from './sink.js';
import type { QoS, WaitOptions } from './types.js';

export class Link {
  engine: Engine | undefined;
  /** Nothing more is accepted. */
  ended = false;
  /** What ended it, if that was an error. */
  cause: MqttError | undefined;
  readonly #sink: Sink;
  readonly #queue: Pending<unknown>[] = [];

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** What is asked now is handed over before `ask` returns. */
  get flows(): boolean {
    return this.engine !== undefined && this.#queue.length === 0;
  }

  pending<T>(wait: WaitOptions, start: Start, qos?: QoS): Pending<T> {
    return new Pending(wait, start, (pending) => this.#quit(pending), qos);
  }

  /** Asks what `make` makes; what that throws, rejects. */
  ask<T>(make: () => Pending<T>): Promise<T> {
    try {
      const pending = make();
      if (this.ended) {
        pending.reject(closed(this.cause));
      } else {
        this.push(pending);
      }
      return pending.promise;
    } catch (thrown) {
      return rejected(errorOf(thrown));
    }
  }

  push(pending: Pending<unknown>): void {
    this.#queue.push(pending);
    this.pump();
  }

  /** Hands over what can be. */
  pump(): void {
    const queue = this.#queue;
    for (let next = queue[0]; this.engine && next && (next.done || !next.blocked); next = queue[0]) {
      queue.shift();
      if (!next.done) {
        this.#start(next, this.engine);
      }
    }
  }

  /** Nothing will be answered any more. */
  end(error: MqttError): void {
    for (const pending of [...this.#queue.splice(0), ...this.#sink.pending.values()]) {
      pending.reject(error);
    }
    this.#sink.pending.clear();
  }

  #start(pending: Pending<unknown>, engine: Engine): void {
    try {
      pending.token = pending.start(engine);
      if (pending.token !== undefined) {
        this.#sink.pending.set(pending.token, pending);
      }
    } catch (thrown) {
      pending.reject(errorOf(thrown));
    }
  }

  #quit({ token }: Pending<unknown>): void {
    if (token !== undefined) {
      this.#sink.pending.delete(token);
      this.engine?.cancel(token);
    }
    this.pump();
  }
}
