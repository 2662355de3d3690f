/** A subscription whose messages have values. */

import { asyncDispose } from '../api/dispose.js';
import type { Subscription } from '../api/subscription.js';
import type { SubscribeResult, UnsubscribeOptions, UnsubscribeResult } from '../api/types.js';
import type { TypedMessage } from './message.js';
import type { Reader } from './reader.js';

/** Messages one by one, as `for await` reads them. */
export interface TypedIterator<T> extends AsyncIterator<TypedMessage<T>, undefined> {
  /** Ends it, as leaving the loop does. */
  return(): Promise<IteratorResult<TypedMessage<T>, undefined>>;
  [Symbol.asyncIterator](): TypedIterator<T>;
}

/** As a `Subscription`; a message that is not valid is told of and passed over. */
export class TypedSubscription<T> implements AsyncIterable<TypedMessage<T>> {
  readonly filter: string;
  readonly #subscription: Subscription;
  readonly #reader: Reader<T>;

  /** @internal */
  constructor(subscription: Subscription, reader: Reader<T>) {
    this.filter = subscription.filter;
    this.#subscription = subscription;
    this.#reader = reader;
  }

  /** What the server granted. A refusal that nobody waits for, here or in a loop, is an `error` event. */
  get ready(): Promise<SubscribeResult> {
    return this.#subscription.ready;
  }

  /** @internal */
  get lives(): boolean {
    return this.#subscription.lives;
  }

  /** Messages that were dropped: the loop was too slow, or `sample` or `latest` asks for fewer. */
  get dropped(): number {
    return this.#subscription.dropped;
  }

  /** Nothing is delivered from now on. Resolves when the server has been told; at once if it needs not be. */
  unsubscribe(options?: UnsubscribeOptions): Promise<UnsubscribeResult> {
    return this.#subscription.unsubscribe(options);
  }

  /** The messages in order. Leaving the loop unsubscribes. */
  [Symbol.asyncIterator](): TypedIterator<T> {
    const messages = this.#subscription[Symbol.asyncIterator]();
    const next = async (): Promise<IteratorResult<TypedMessage<T>, undefined>> => {
      for (;;) {
        const { value: message } = await messages.next();
        const value = message && this.#reader.accept(message, await this.#reader.read(message));
        if (value) {
          return { value, done: false };
        }
        if (!message) {
          return { value: undefined, done: true };
        }
      }
    };
    const iterator: TypedIterator<T> = {
      next,
      return: async () => {
        await messages.return();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  async [asyncDispose](): Promise<void> {
    await this.unsubscribe().catch(() => {});
  }
}
