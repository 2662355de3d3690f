/**
 * One subscription as the application holds it. It knows its filter and its messages; how it is asked for and ended
 * is the client's.
 */

import { ignore } from './deferred.js';
import { asyncDispose } from './dispose.js';
import type { MqttError } from './errors.js';
import type { Inbox } from './inbox.js';
import type { Message, MessageIterator, SubscribeResult, UnsubscribeOptions, UnsubscribeResult } from './types.js';

/**
 * The messages of one topic filter, for its handler or for `for await`. It is made anew with every connection until
 * it is ended: by `unsubscribe`, by leaving the loop, by the `signal` of its options, or with the client.
 */
export class Subscription implements AsyncIterable<Message> {
  readonly filter: string;
  readonly #inbox: Inbox;
  readonly #ready: Promise<SubscribeResult>;
  readonly #unsubscribe: (options?: UnsubscribeOptions) => Promise<UnsubscribeResult>;
  #taken = false;

  /** @internal */
  constructor(
    filter: string,
    inbox: Inbox,
    ready: Promise<SubscribeResult>,
    unsubscribe: (options?: UnsubscribeOptions) => Promise<UnsubscribeResult>,
    failed: (error: MqttError, heard: boolean) => void,
  ) {
    this.filter = filter;
    this.#inbox = inbox;
    this.#ready = ready;
    this.#unsubscribe = unsubscribe;
    ready.catch((error: MqttError) => failed(error, this.#taken));
  }

  /** What the server granted. A refusal that nobody waits for, here or in a loop, is an `error` event. */
  get ready(): Promise<SubscribeResult> {
    this.#taken = true;
    return this.#ready;
  }

  /** @internal It has not ended, by whom ever. */
  get lives(): boolean {
    return !this.#inbox.ended;
  }

  /** Messages that were dropped: the loop was too slow, or `sample` or `latest` asks for fewer. */
  get dropped(): number {
    return this.#inbox.dropped;
  }

  /** Nothing is delivered from now on. Resolves when the server has been told; at once if it needs not be. */
  unsubscribe(options?: UnsubscribeOptions): Promise<UnsubscribeResult> {
    return this.#unsubscribe(options);
  }

  /**
   * The messages in order. Leaving the loop unsubscribes. It ends with the subscription and throws what ended it, if
   * that was an error.
   */
  [Symbol.asyncIterator](): MessageIterator {
    const inbox = this.#inbox;
    // The loop is told of a refusal.
    this.#taken = true;
    inbox.open();
    const iterator: MessageIterator = {
      next: () => inbox.next(),
      return: () => {
        // Not awaited: without a connection that could take long.
        this.unsubscribe().catch(ignore);
        inbox.discard();
        return Promise.resolve({ value: undefined, done: true });
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  async [asyncDispose](): Promise<void> {
    await this.unsubscribe().catch(ignore);
  }
}
