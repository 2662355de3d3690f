/** What the application subscribes to. Who is told of a message is not its matter. */

import type { MqttError } from '../api/errors.js';
import type { Message, SubscribeResult, UnsubscribeResult } from '../api/types.js';
import type { Client, Subscription } from '../index.js';
import { ErrorWithSubackPacket, ReasonCodes } from './errors.js';
import type { Incoming } from './incoming.js';
import type { Inside } from './inside.js';
import type { ISubackPacket, ISubscribePacket, IUnsubackPacket, IUnsubscribePacket, QoS } from './packet-types.js';
import { given, namedOf, pairsOf } from './properties.js';
import type {
  ClientSubscribeCallback,
  IClientSubscribeOptions,
  IClientUnsubscribeProperties,
  ISubscriptionGrant,
  ISubscriptionMap,
  ISubscriptionRequest,
  PacketCallback,
} from './types.js';
import { validateTopics } from './validations.js';

/** Filters that the client puts into one SUBSCRIBE. */
const BATCH = 8;

export class Subscribing {
  /** Some subscription has an identifier of the application's. */
  identified = false;
  readonly #client: Inside;
  readonly #incoming: Incoming;
  readonly #subscriptions = new Map<string, Subscription>();
  /** What is subscribed to again, by filter. */
  readonly #wanted = new Map<string, ISubscriptionRequest>();

  constructor(client: Inside, incoming: Incoming) {
    this.#client = client;
    this.#incoming = incoming;
  }

  get wanted(): ISubscriptionMap {
    return Object.fromEntries(this.#wanted) as ISubscriptionMap;
  }

  subscribe(
    topics: string | string[] | ISubscriptionMap,
    given: Partial<IClientSubscribeOptions> | undefined,
    callback: ClientSubscribeCallback,
  ): void {
    const client = this.#client;
    const again = typeof topics === 'object' && !Array.isArray(topics) && topics.resubscribe === true;
    const list =
      typeof topics === 'string'
        ? [topics]
        : Array.isArray(topics)
          ? topics
          : Object.keys(topics).filter((name) => name !== 'resubscribe');
    const wrong = validateTopics(list);
    if (wrong !== null) {
      setTimeout(() => callback(new Error(`Invalid topic ${wrong}`)));
      return;
    }
    if (client.refuses(callback)) {
      return;
    }
    const five = client.options.protocolVersion === 5;
    const properties = given?.properties;
    const requests: ISubscriptionRequest[] = [];
    for (const topic of list) {
      const own = typeof topics === 'object' && !Array.isArray(topics) ? topics[topic] : given;
      const { qos = 0, nl = false, rap = false, rh = 0 } = own ?? {};
      const before = this.#wanted.get(topic);
      if (!before || before.qos < qos || again) {
        requests.push({ topic, qos, ...(five && { nl, rap, rh, properties }) });
      }
    }
    if (requests.length === 0) {
      callback(null, []);
      return;
    }
    this.#request(requests, properties, callback);
  }

  unsubscribe(
    topics: string | string[],
    options: IClientUnsubscribeProperties | undefined,
    callback: PacketCallback,
  ): void {
    const client = this.#client;
    const list = typeof topics === 'string' ? [topics] : topics;
    const wrong = validateTopics(list);
    if (wrong !== null) {
      setTimeout(() => callback(new Error(`Invalid topic ${wrong}`)));
      return;
    }
    if (client.refuses(callback)) {
      return;
    }
    const messageId = client.messageIdProvider.allocate() ?? 0;
    const ask = client.options.protocolVersion === 5 ? pairsOf(options?.properties?.userProperties) : undefined;
    const packet: IUnsubscribePacket = { cmd: 'unsubscribe', messageId, unsubscriptions: list };
    client.outgoing[messageId] = { volatile: true, cb: callback };
    client.queued(packet, callback);
    client.whenMade((core) => {
      const ended = list.map((topic) => {
        this.#wanted.delete(topic);
        const subscription = this.#subscriptions.get(topic);
        this.#subscriptions.delete(topic);
        const said = { userProperties: ask };
        return subscription?.lives ? subscription.unsubscribe(said) : core.unsubscribe(topic, said);
      });
      Promise.all(ended).then(
        (results: UnsubscribeResult[]) => {
          const answer: IUnsubackPacket = {
            cmd: 'unsuback',
            messageId,
            granted: results.map(({ reasonCode }) => reasonCode),
          };
          client.answered(messageId, undefined, answer);
        },
        (error: MqttError) => client.answered(messageId, error),
      );
    });
  }

  /** Another core: it has none of what is wanted. */
  restore(core: Client): void {
    this.#subscriptions.clear();
    for (const request of this.#wanted.values()) {
      this.#begin(core, request).ready.catch(() => this.#wanted.delete(request.topic));
    }
  }

  /** The connection is lost, and what was subscribed to on it is not wanted on the next. */
  forget(): void {
    this.#wanted.clear();
    for (const subscription of this.#subscriptions.values()) {
      subscription.unsubscribe().catch(() => {});
    }
    this.#subscriptions.clear();
  }

  #request(
    requests: ISubscriptionRequest[],
    properties: ISubscribePacket['properties'],
    callback: ClientSubscribeCallback,
  ): void {
    const client = this.#client;
    const { subscribeBatchSize, resubscribe, reconnectPeriod } = client.options;
    const size = Math.max(1, Math.min(subscribeBatchSize || BATCH, BATCH));
    const messageId = client.messageIdProvider.allocate() ?? 0;
    const packet: ISubscribePacket = { cmd: 'subscribe', messageId, subscriptions: requests, ...given({ properties }) };
    if (resubscribe) {
      client.messageIdToTopic[messageId] = reconnectPeriod ? requests.map(({ topic }) => topic) : [];
    }
    const cb: PacketCallback = (error, answer) =>
      callback(error ?? null, requests as ISubscriptionGrant[], answer as ISubackPacket);
    client.outgoing[messageId] = { volatile: true, cb };
    client.queued(packet, cb);
    for (const request of requests) {
      if (resubscribe && reconnectPeriod) {
        this.#wanted.set(request.topic, { ...request, ...(properties && { properties }) });
      }
    }
    client.whenMade((core) => {
      const ready: Promise<SubscribeResult>[] = [];
      const batch = (from: number): void => {
        for (const request of requests.slice(from, from + size)) {
          ready.push(this.#begin(core, { ...request, ...(properties && { properties }) }).ready);
        }
        if (from + size < requests.length) {
          // What is asked for in another turn is in another packet.
          const last = ready.at(-1);
          last?.then(
            () => batch(from + size),
            () => batch(from + size),
          );
        } else {
          Promise.allSettled(ready).then((results) => this.#answered(messageId, requests, results));
        }
      };
      batch(0);
    });
  }

  #begin(core: Client, { topic, qos, nl, rap, rh, properties }: ISubscriptionRequest): Subscription {
    const before = this.#subscriptions.get(topic);
    const five = this.#client.options.protocolVersion === 5;
    const identifier = five ? properties?.subscriptionIdentifier : undefined;
    this.identified ||= identifier !== undefined;
    const options = {
      qos,
      ack: 'manual' as const,
      ...(five && {
        noLocal: nl ?? false,
        retainAsPublished: rap ?? false,
        retainHandling: (rh ?? 0) as 0 | 1 | 2,
        userProperties: pairsOf(properties?.userProperties),
      }),
    };
    const handle = (message: Message): void => this.#incoming.matched((answer) => message.ack(answer), identifier);
    const subscription = core.subscribe(topic, handle, options);
    this.#subscriptions.set(topic, subscription);
    // The new one has taken its place: the server is not told.
    before?.unsubscribe().catch(() => {});
    return subscription;
  }

  #answered(
    messageId: number,
    requests: ISubscriptionRequest[],
    results: PromiseSettledResult<SubscribeResult>[],
  ): void {
    const client = this.#client;
    let error: Error | undefined;
    let reasons: ISubackPacket['properties'];
    const granted = results.map((result, at) => {
      const request = requests[at];
      if (result.status === 'fulfilled') {
        const { qos, reasonString, userProperties } = result.value;
        reasons ??= given({ reasonString, userProperties: namedOf(userProperties) });
        if (request) {
          request.qos = qos;
        }
        return qos;
      }
      const refused = result.reason as MqttError;
      const code = refused.reasonCode ?? 128;
      if (request) {
        this.#wanted.delete(request.topic);
        this.#subscriptions.delete(request.topic);
        request.qos = code as QoS;
      }
      if (refused.code === 'refused') {
        const text = `Subscribe error: ${ReasonCodes[code] ?? refused.message}`;
        error ??= Object.assign(new Error(text, { cause: refused }), { code });
      } else {
        error ??= refused;
      }
      return code;
    });
    const packet: ISubackPacket = { cmd: 'suback', messageId, granted, ...given({ properties: reasons }) };
    delete client.messageIdToTopic[messageId];
    client.answered(
      messageId,
      error &&
        Object.assign(
          new ErrorWithSubackPacket(error.message, packet),
          given({ code: (error as { code?: number }).code, cause: error.cause }),
        ),
      packet,
    );
  }
}
