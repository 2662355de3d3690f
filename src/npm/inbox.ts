/**
 * Where the messages of one subscription go: to its handler, and into a bounded buffer for `for await`. It does not
 * know filters, nor where the messages come from.
 */

import { ignore, onAbort } from './deferred.js';
import type { MqttError } from './errors.js';
import type { Message } from './types.js';

type Next = IteratorResult<Message, undefined>;
interface Reader {
  resolve: (next: Next) => void;
  reject: (error: unknown) => void;
}

export class Inbox {
  /** Number of the subscription, once the engine has it. */
  id: number | undefined;
  dropped = 0;
  ended = false;
  /** The server has been told of the end. */
  gone: Promise<void> = Promise.resolve();
  readonly #handler: ((message: Message) => void) | undefined;
  readonly #max: number;
  readonly #keepOldest: boolean;
  #buffers: boolean;
  #error: MqttError | undefined;
  #unwatch: () => void = ignore;
  readonly #messages: Message[] = [];
  readonly #readers: Reader[] = [];

  constructor(handler: ((message: Message) => void) | undefined, max = 1000, keepOldest = false) {
    this.#handler = handler;
    this.#max = max;
    this.#keepOldest = keepOldest;
    this.#buffers = !handler;
  }

  push(message: Message): void {
    this.#handler?.(message);
    if (!this.#buffers) {
      return;
    }
    const reader = this.#readers.shift();
    if (reader) {
      reader.resolve({ value: message, done: false });
      return;
    }
    if (this.#messages.length >= this.#max) {
      this.dropped++;
      if (this.#keepOldest) {
        return;
      }
      this.#messages.shift();
    }
    this.#messages.push(message);
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
      this.next().then(reader.resolve, reader.reject);
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
    const value = this.#messages.shift();
    if (value) {
      return Promise.resolve({ value, done: false });
    }
    const error = this.#error;
    if (error) {
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.ended) {
      return Promise.resolve({ value: undefined, done: true });
    }
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  /** Nobody reads any more. */
  discard(): void {
    this.#messages.length = 0;
    this.#error = undefined;
  }
}
