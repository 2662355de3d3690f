/**
 * Requests and their replies over one shared subscription (5.0, 4.10; for 3.x a convention of topics). It knows what a
 * request and its reply look like on the wire; it does not know connections.
 */

import { Deferred, ignore, onAbort } from './deferred.js';
import { closed, errorOf, MqttError } from './errors.js';
import { Inbox } from './inbox.js';
import type { Messenger } from './messenger.js';
import { REQUEST, REQUEST_MANY, read, type Schema } from './options.js';
import { bytesOf, isBlob } from './payload.js';
import { TopicReplies } from './reply-topic.js';
import type { Subscription } from './subscription.js';
import { after } from './timer.js';
import type {
  Message,
  MessageIterator,
  Payload,
  PublishOptions,
  RequestManyOptions,
  RequestOptions,
  ServerInfo,
} from './types.js';

/** One who waits for replies. */
interface Waiter {
  reply(message: Message): void;
  fail(error: MqttError): void;
}

/** Nobody subscribes to what was published (5.0, 3.4.2.1). */
const NO_MATCHING_SUBSCRIBERS = 0x10;

/** A reply with this User Property says that the responder failed. */
export const FAILED = 'wasmqtt-error';

/** Milliseconds that a request waits, unless it says otherwise. */
const PATIENCE = 30_000;

export class Requests {
  readonly #client: Messenger;
  readonly #replies = new TopicReplies();
  readonly #waiting = new Map<string, Waiter>();
  #subscription: Subscription | undefined;
  #filter = '';

  constructor(client: Messenger) {
    this.#client = client;
  }

  /** The client is closed, by that error if there was one. */
  end(error: MqttError = closed()): void {
    for (const waiter of [...this.#waiting.values()]) {
      waiter.fail(error);
    }
  }

  one(topic: string, payload: Payload, options?: RequestOptions): Promise<Message> {
    const answer = new Deferred<Message>();
    this.#ask(topic, payload, options, REQUEST, {
      reply: (message) => answer.resolve(message),
      fail: (error) => answer.reject(error),
      late: () => answer.reject(this.#client.placed(new MqttError('timeout', 'no reply in time', { retryable: true }))),
      done: () => true,
    });
    return answer.promise;
  }

  many(topic: string, payload: Payload, options?: RequestManyOptions): MessageIterator {
    const inbox = new Inbox(undefined, Number.POSITIVE_INFINITY);
    let count = 0;
    const stop = this.#ask(topic, payload, options, REQUEST_MANY, {
      reply: (message) => inbox.push(message),
      fail: (error) => inbox.end(error),
      late: () => inbox.end(),
      done: (max) => ++count >= max,
    });
    const iterator: MessageIterator = {
      next: () => inbox.next(),
      return: () => {
        stop();
        inbox.end();
        inbox.discard();
        return Promise.resolve({ value: undefined, done: true });
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** Sends a request; what it returns ends the waiting. */
  #ask(
    topic: string,
    payload: Payload,
    options: RequestManyOptions | undefined,
    schema: Schema,
    to: Waiter & { late(): void; done(max: number): boolean },
  ): () => void {
    const id = this.#replies.id();
    const cancel = new AbortController();
    let unset: () => void = ignore;
    let release: () => void = ignore;
    const stop = (): void => {
      this.#waiting.delete(id);
      unset();
      release();
      // What was not sent yet is taken back.
      cancel.abort();
    };
    const fail = (error: MqttError): void => {
      stop();
      to.fail(this.#client.placed(error));
    };
    try {
      const { timeout = PATIENCE, signal, qos = 1, max = Number.POSITIVE_INFINITY } = read(options, schema);
      const copy = isBlob(payload) ? payload : bytesOf(payload, 'the payload').slice();
      const { expiry, contentType, payloadFormat, userProperties } = options ?? {};
      const properties: PublishOptions = structuredClone({
        ...(expiry !== undefined && { expiry }),
        contentType,
        payloadFormat,
        userProperties,
      });
      unset = after(timeout, () => {
        stop();
        to.late();
      });
      this.#waiting.set(id, {
        reply: (message) => {
          if (message.properties.userProperties.some(([name]) => name === FAILED)) {
            // One of several does not end the waiting for the others.
            if (schema === REQUEST) {
              fail(new MqttError('refused', 'the responder failed'));
            }
            return;
          }
          const last = to.done(max);
          if (last) {
            stop();
          }
          to.reply(message);
          if (last) {
            to.late();
          }
        },
        fail,
      });
      const send = async (): Promise<void> => {
        const server = await this.#listen(cancel.signal);
        const asked = this.#replies.request(server, topic, id, properties, timeout);
        const result = await this.#client.publish(asked.topic, copy, {
          ...asked.options,
          qos,
          signal: cancel.signal,
        });
        if (result.reasonCode !== NO_MATCHING_SUBSCRIBERS) {
          return;
        }
        if (schema === REQUEST) {
          const { reasonCode } = result;
          fail(new MqttError('refused', 'nobody subscribes to the request', { reasonCode, retryable: true }));
        } else {
          stop();
          to.late();
        }
      };
      send().catch((thrown) => {
        if (this.#waiting.has(id)) {
          fail(errorOf(thrown));
        }
      });
      release = onAbort(signal, () => fail(new MqttError('aborted', 'aborted', { cause: signal?.reason })));
    } catch (thrown) {
      fail(errorOf(thrown));
    }
    return stop;
  }

  /** The server, once it has granted the subscription for replies. */
  async #listen(signal: AbortSignal): Promise<ServerInfo> {
    const client = this.#client;
    const server = client.server ?? (await client.ready);
    const filter = this.#replies.filter(server);
    // The server may have taken it back after a reconnect.
    if (!this.#subscription?.lives || filter !== this.#filter) {
      this.#subscription?.unsubscribe().catch(ignore);
      this.#filter = filter;
      const subscription = client.subscribe(filter, (message) => this.#reply(message), { qos: 1 });
      this.#subscription = subscription;
      subscription.ready.catch(() => {
        if (this.#subscription === subscription) {
          this.#subscription = undefined;
        }
      });
    }
    await this.#subscription?.ready;
    signal.throwIfAborted();
    return server;
  }

  #reply(message: Message): void {
    const id = this.#replies.idOf(message);
    if (id !== undefined) {
      this.#waiting.get(id)?.reply(message);
    }
  }
}
