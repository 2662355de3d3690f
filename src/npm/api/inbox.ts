/**
 * Where the messages of one subscription go: to its handler, and into a bounded buffer for `for await`. It does not
 * know filters, nor where the messages come from.
 */

import { type Ack, Backlog } from './backlog.js';
import { Deferred, ignore, onAbort, rejected } from './deferred.js';
import type { MqttError } from './errors.js';
import { Sampler } from './sampling.js';
import type { Message, UnsubscribeResult } from './types.js';

/** It acknowledges where it is given how. What it gives, if anything, settles when it is done. */
export type Handler = (message: Message, ack?: Ack) => Promise<unknown> | undefined;
type Next = IteratorResult<Message, undefined>;

export class Inbox {
  /** Number of the subscription, once the engine has it. */
  id: number | undefined;
  dropped = 0;
  ended = false;
  /** The server has been told of the end. */
  gone: Promise<UnsubscribeResult> = Promise.resolve({ reasonCode: 0, userProperties: [] });
  readonly #handler: Handler | undefined;
  /** What the handler has no time for, where it is to be given the newest of each topic. */
  readonly #queue: Backlog | undefined;
  #busy = false;
  readonly #sampler: Sampler<Message> | undefined;
  #buffers: boolean;
  #error: MqttError | undefined;
  #unwatch: () => void = ignore;
  /** Acknowledged by the loop: when it asks for the next message. */
  readonly #byLoop: boolean;
  readonly #messages: Backlog;
  #reading: Ack | undefined;
  readonly #readers: Deferred<Next>[] = [];

  constructor(
    handler: Handler | undefined,
    max?: number,
    keepOldest?: boolean,
    byLoop = false,
    latest = false,
    sample?: number,
  ) {
    this.#handler = handler;
    this.#byLoop = byLoop && !handler;
    this.#messages = new Backlog(max, keepOldest, latest);
    this.#queue = latest && handler ? new Backlog(max, keepOldest, latest) : undefined;
    this.#sampler = sample === undefined ? undefined : new Sampler(sample, (message) => this.#take(message));
    this.#buffers = !handler;
  }

  /** `ack` is given where the message is not acknowledged yet. */
  push(message: Message, ack?: Ack): void {
    if (!this.#sampler) {
      this.#take(message, ack);
    } else if (this.#sampler.push(message)) {
      this.dropped++;
    }
  }

  #take(message: Message, ack?: Ack): void {
    if (this.#busy) {
      this.#keep(this.#queue, message);
    } else {
      this.#handle(message, ack);
    }
    if (!this.#buffers) {
      return;
    }
    const reader = this.#readers.shift();
    if (reader) {
      reader.resolve({ value: message, done: false });
      this.#reading = ack;
      return;
    }
    this.#keep(this.#messages, message, ack);
  }

  #handle(message: Message, ack?: Ack): void {
    const done = this.#handler?.(message, ack);
    const queue = this.#queue;
    if (done && queue) {
      this.#busy = true;
      done.then(() => {
        this.#busy = false;
        for (let next = queue.shift(); next && !this.ended; next = this.#busy ? undefined : queue.shift()) {
          this.#handle(next[0]);
        }
      });
    }
  }

  #keep(backlog: Backlog | undefined, message: Message, ack?: Ack): void {
    const dropped = backlog?.keep(message, ack);
    if (dropped) {
      this.dropped++;
      // What nobody will see does not wait for anybody.
      this.#release(dropped[1]);
    }
  }

  /** Nothing more comes. What is buffered can still be read, then the error is thrown, once. */
  end(error?: MqttError): void {
    if (this.ended) {
      return;
    }
    this.ended = true;
    this.#error = error;
    this.#unwatch();
    this.#sampler?.end();
    for (const reader of this.#readers.splice(0)) {
      this.next().then(
        (next) => reader.resolve(next),
        (thrown) => reader.reject(thrown),
      );
    }
  }

  /** Calls `stop` when the signal is aborted before the end. */
  watch(signal: AbortSignal | undefined, stop: () => void): void {
    if (!this.ended) {
      this.#unwatch = onAbort(signal, stop);
    }
  }

  /** Buffering begins where there is a handler. */
  open(): void {
    this.#buffers = true;
  }

  next(): Promise<Next> {
    if (this.#byLoop) {
      this.#reading?.();
    }
    const [value, ack] = this.#messages.shift() ?? [];
    this.#reading = ack;
    if (value) {
      return Promise.resolve({ value, done: false });
    }
    const error = this.#error;
    if (error) {
      this.#error = undefined;
      return rejected(error);
    }
    if (this.ended) {
      return Promise.resolve({ value: undefined, done: true });
    }
    const reader = new Deferred<Next>();
    this.#readers.push(reader);
    return reader.promise;
  }

  /** Nobody reads any more. */
  discard(): void {
    if (this.#byLoop) {
      this.#reading?.();
    }
    for (const [, ack] of this.#messages.clear()) {
      this.#release(ack);
    }
    this.#error = undefined;
  }

  /** A message that is not read: where there is a handler, that has it. */
  #release(ack: Ack | undefined): void {
    if (!this.#handler) {
      ack?.();
    }
  }
}
