/**
 * Where the messages of one subscription go: to its handler, and into a bounded buffer for `for await`. It does not
 * know filters, nor where the messages come from.
 */

import { Deferred, ignore, onAbort, rejected } from './deferred.js';
import type { MqttError } from './errors.js';
import type { AckOptions, Message, UnsubscribeResult } from './types.js';

type Ack = (options?: AckOptions) => boolean;
/** It acknowledges where it is given how. */
export type Handler = (message: Message, ack?: Ack) => void;
type Next = IteratorResult<Message, undefined>;

export class Inbox {
  /** Number of the subscription, once the engine has it. */
  id: number | undefined;
  dropped = 0;
  ended = false;
  /** The server has been told of the end. */
  gone: Promise<UnsubscribeResult> = Promise.resolve({ reasonCode: 0, userProperties: [] });
  readonly #handler: Handler | undefined;
  readonly #max: number;
  readonly #keepOldest: boolean;
  #buffers: boolean;
  #error: MqttError | undefined;
  #unwatch: () => void = ignore;
  /** Acknowledged by the loop: when it asks for the next message. */
  readonly #byLoop: boolean;
  readonly #messages: [message: Message, ack: Ack | undefined][] = [];
  #reading: Ack | undefined;
  readonly #readers: Deferred<Next>[] = [];

  constructor(handler: Handler | undefined, max = 1000, keepOldest = false, byLoop = false) {
    this.#handler = handler;
    this.#byLoop = byLoop && !handler;
    this.#max = max;
    this.#keepOldest = keepOldest;
    this.#buffers = !handler;
  }

  /** `ack` is given where the message is not acknowledged yet. */
  push(message: Message, ack?: Ack): void {
    this.#handler?.(message, ack);
    if (!this.#buffers) {
      return;
    }
    const reader = this.#readers.shift();
    if (reader) {
      reader.resolve({ value: message, done: false });
      this.#reading = ack;
      return;
    }
    if (this.#messages.length >= this.#max) {
      this.dropped++;
      // What nobody will see does not wait for anybody.
      const [, dropped] = this.#keepOldest ? [message, ack] : (this.#messages.shift() ?? []);
      this.#release(dropped);
      if (this.#keepOldest) {
        return;
      }
    }
    this.#messages.push([message, ack]);
  }

  /** Nothing more comes. What is buffered can still be read, then the error is thrown, once. */
  end(error?: MqttError): void {
    if (this.ended) {
      return;
    }
    this.ended = true;
    this.#error = error;
    this.#unwatch();
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
    for (const [, ack] of this.#messages.splice(0)) {
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
