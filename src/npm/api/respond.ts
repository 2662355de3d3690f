/**
 * The side that answers requests. It knows where a reply goes; how requests look on the wire is `reply-topic`'s matter.
 */

import { passedOn } from './deferred.js';
import { asyncDispose } from './dispose.js';
import type { MqttError } from './errors.js';
import { Received } from './message.js';
import type { Messenger } from './messenger.js';
import { isPayload } from './payload.js';
import { filtersOf, wanted } from './reply-topic.js';
import { FAILED } from './request.js';
import type { Subscription } from './subscription.js';
import type { Message, PublishOptions, Reply, RespondOptions } from './types.js';

/** What is sent back; nothing where it is undefined. It may be async. */
export type RequestHandler = (request: Message) => Reply | undefined | Promise<Reply | undefined>;

/** Answers the requests to a filter until it is stopped, or the client closed. */
export class Responder {
  readonly filter: string;
  readonly #client: Messenger;
  readonly #handler: RequestHandler;
  readonly #subscriptions: readonly Subscription[];
  readonly #ready: Promise<void>;

  /** @internal */
  constructor(client: Messenger, filter: string, handler: RequestHandler, options?: RespondOptions) {
    this.filter = filter;
    this.#client = client;
    this.#handler = handler;
    const subscribe = (name: string): Subscription =>
      client.subscribe(name, (message) => this.#answer(message), over({ qos: 1 }, options));
    this.#subscriptions = filtersOf(String(filter)).map(subscribe);
    this.#ready = Promise.all(this.#subscriptions.map(({ ready }) => ready)).then(() => undefined);
    this.#ready.catch((error: MqttError) => {
      if (error.code !== 'closed' && error.code !== 'aborted') {
        client.report(error);
      }
    });
  }

  /** The server has granted the subscriptions. A refusal is an `error` event as well. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** No request is taken from now on. */
  stop(): Promise<void> {
    const ended = this.#subscriptions.map((subscription) => subscription.unsubscribe());
    return passedOn(Promise.all(ended).then(() => undefined));
  }

  async [asyncDispose](): Promise<void> {
    await this.stop().catch(() => {});
  }

  async #answer(message: Message): Promise<void> {
    const want = wanted(message);
    // What was retained was asked long ago, and would be answered at every subscribe.
    if (!want || message.retain) {
      return;
    }
    const { payload, qos, duplicate, properties } = message;
    const flags = qos | (+duplicate << 3);
    const request = new Received(want.topic, payload, flags, properties, (options) => message.ack(options));
    const five = this.#client.server?.protocol === 5;
    const common: PublishOptions = {
      qos,
      ...(five && want.correlationData && { correlationData: want.correlationData }),
    };
    try {
      const reply = await this.#handler(request);
      if (reply !== undefined) {
        const { payload: bytes, ...options } = isPayload(reply) ? { payload: reply } : reply;
        await this.#client.publish(want.reply, bytes, over(common, options));
      }
    } catch (thrown) {
      if (five && this.#client.state !== 'closed') {
        // The reason is the responder's own business.
        const failed = { ...common, userProperties: [[FAILED, 'failed']] as const };
        this.#client.publish(want.reply, '', failed).catch(() => {});
      }
      throw thrown;
    }
  }
}

/** Options over defaults; one that is undefined is as if not given. */
function over<T extends object>(defaults: T, options: T | undefined): T {
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
