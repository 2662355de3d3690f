/** The broker as a test sees it. */

import { encode } from '../packets/encode.js';
import { isTopicFilter, isTopicName } from '../packets/topics.js';
import type { Packet, PacketOf, PacketType, Properties } from '../packets/types.js';
import { type Message, publishOf, shown } from './message.js';
import type { Truthy } from './records.js';
import type { Action } from './rules.js';
import { MemoryServer } from './server.js';
import type { Session } from './session.js';
import { settingsOf } from './settings.js';
import { WebSocketClass } from './socket.js';
import type {
  BrokerClient,
  BrokerOptions,
  BrokerPublishOptions,
  BrokerSession,
  BrokerSubscription,
  ClientFilter,
  CutOptions,
  PacketFilter,
  PublishedMessage,
  ReasonOptions,
  ReceivedPacket,
  Rule,
  RuleFilter,
  Sendable,
} from './types.js';

/** Milliseconds that `next` and `waitFor` wait where nothing else is said. */
const PATIENCE = 3000;

/** A payload, or none. */
export type Answer = string | ArrayBuffer | ArrayBufferView | undefined;

/** How long a test waits. */
export interface PatienceOptions {
  /** Milliseconds until it rejects, `Infinity` for no limit; by `setTimeout`, so fake timers hold it. Default: 3 000. */
  timeout?: number | undefined;
}

/**
 * An MQTT broker in this page or process, behind WebSockets that it makes itself: nothing leaves through the network.
 * What a client sends is there a microtask later; only what takes time (latency, delays, expiry, keep-alive) uses
 * `setTimeout`, and so goes by the fake timers of a test.
 */
export class Broker {
  /** The address to connect to. It stands for this broker only by way of `factory`, `options` or `WebSocket`. */
  readonly url: string;
  /** Makes the WebSocket of a client: for `websocket.factory`, or `createWebsocket` of MQTT.js. */
  readonly factory: (url: string | URL, protocols?: string | string[]) => WebSocket;
  /** `connect(broker.url, broker.options)`; with options of yours: `{ ...broker.options, clientId: 'a' }`. */
  readonly options: { readonly websocket: { readonly factory: Broker['factory'] } };
  /** In place of the global `WebSocket`, for code whose factory cannot be reached: each address leads to this broker. */
  readonly WebSocket: typeof WebSocket;
  readonly #server: MemoryServer;

  /** @internal */
  constructor(options: BrokerOptions) {
    const settings = settingsOf(options);
    this.#server = new MemoryServer(settings);
    this.url = settings.url;
    this.WebSocket = WebSocketClass(this.#server);
    this.factory = (url, protocols) => new this.WebSocket(url, protocols);
    this.options = { websocket: { factory: this.factory } };
  }

  /** The packets that clients have sent, oldest first; topics that an alias stands for are filled in. */
  get received(): readonly ReceivedPacket[] {
    return this.#server.records.received;
  }

  /** The packets that the broker has sent, oldest first. */
  get sent(): readonly ReceivedPacket[] {
    return this.#server.records.sent;
  }

  /** The messages that were published, by clients, as wills and by the test: those whose topics match, oldest first. */
  published(filter = '#'): PublishedMessage[] {
    return this.#server.records.published(filter);
  }

  /** The retained messages whose topics match, in the order of their topics. */
  retained(filter = '#'): PublishedMessage[] {
    return this.#server.router.retained(filter).map(shown);
  }

  /** The clients that are connected, in the order in which they came. */
  get clients(): BrokerClient[] {
    return [...this.#server.connections].flatMap(({ session, connect, clientId, version, end, protocol }) =>
      session && connect
        ? [
            {
              ...{ clientId, username: connect.username, version, connect, url: end.url, protocol },
              subscriptions: subscriptionsOf(session),
            },
          ]
        : [],
    );
  }

  /** The sessions, of clients that are connected and of those that may come back. */
  get sessions(): BrokerSession[] {
    return [...this.#server.sessions.all.values()].map((session) => ({
      clientId: session.clientId,
      isConnected: session.outlet !== undefined,
      subscriptions: subscriptionsOf(session),
      pending: session.pending,
    }));
  }

  /** The subscriptions of all sessions. */
  get subscriptions(): BrokerSubscription[] {
    return this.sessions.flatMap(({ subscriptions }) => subscriptions);
  }

  /**
   * Publishes a message, as a client would that nobody sees.
   *
   * @returns kept when each client that is connected has been given it, unless its Receive Maximum holds it back
   * @throws {TypeError} the topic is not a Topic Name
   */
  async publish(
    topic: string,
    payload: string | ArrayBuffer | ArrayBufferView,
    options: BrokerPublishOptions = {},
  ): Promise<void> {
    if (!isTopicName(topic)) {
      throw new TypeError(`${topic} is not a Topic Name`);
    }
    await Promise.all(this.#server.publishAll(publishOf(topic, bytesOf(payload), options), undefined));
  }

  /**
   * Has the test itself listen to what is published, as a client would that nobody sees: to those who publish it is a
   * subscriber.
   *
   * @returns `count` is how many messages came
   */
  subscribe(filter: string, handler: (message: PublishedMessage) => void): Rule {
    if (!isTopicFilter(filter)) {
      throw new TypeError(`${filter} is not a Topic Filter`);
    }
    const { listeners } = this.#server;
    const listener = {
      filter,
      hear: (message: Message) => {
        if (listeners.has(listener)) {
          rule.count++;
          handler(shown(message));
        }
      },
    };
    const rule = { count: 0, remove: () => void listeners.delete(listener) };
    listeners.add(listener);
    return rule;
  }

  /**
   * Has the test answer requests (5.0, 4.10): what the handler gives goes to the Response Topic, with the Correlation Data.
   * `undefined` is no answer.
   */
  respond(filter: string, handler: (request: PublishedMessage) => Answer | Promise<Answer>): Rule {
    return this.subscribe(filter, async (request) => {
      const { responseTopic, correlationData } = request.properties;
      const answer = await handler(request);
      if (responseTopic !== undefined && answer !== undefined) {
        await this.publish(responseTopic, answer, { correlationData, qos: request.qos });
      }
    });
  }

  /** The next packet of that type from now on, by a client unless `from` says otherwise. */
  async next<Type extends PacketType>(
    type: Type,
    filter: Omit<PacketFilter, 'type'> & PatienceOptions = {},
  ): Promise<PacketOf<Type> & { readonly clientId: string }> {
    const { timeout = PATIENCE, ...others } = filter;
    const packet = await this.#server.records.next({ from: 'client', ...others, type }, timeout);
    return packet as unknown as PacketOf<Type> & { readonly clientId: string };
  }

  /**
   * The first value of the condition that counts as true: it is looked at now, and after all that
   * happens between the broker and its clients.
   * A condition that throws, as an assertion does, counts as false; its error is what this rejects with in the end.
   */
  waitFor<Value>(condition: () => Value, { timeout = PATIENCE }: PatienceOptions = {}): Promise<Truthy<Value>> {
    return this.#server.records.waitFor(condition, timeout);
  }

  /**
   * Refuses CONNECT with a reason code of 5.0, from 0x80 on; 3.x is told the return code that says the same.
   *
   * @param options `times` is how many, 1 where it is not given
   */
  refuse(reasonCode: number, options: ReasonOptions & { times?: number | undefined } = {}): Rule {
    if (!(reasonCode >= 0x80 && reasonCode <= 0xff)) {
      throw new TypeError('a reason code that refuses is from 0x80 to 0xFF');
    }
    return this.#server.rules.refuse({ ...options, reasonCode, times: options.times ?? 1 });
  }

  /** Loses packets: they were sent, and never arrive. */
  drop(filter: RuleFilter): Rule {
    return this.intercept(filter, () => null);
  }

  /** Packets take so many milliseconds longer; others overtake them. */
  delay(filter: RuleFilter, ms: number): Rule {
    return this.#intercept(filter, ms);
  }

  /** Changes packets: what the function gives goes on in place of what it was given, `null` is nothing. */
  intercept(filter: RuleFilter, change: (packet: Packet) => Packet | null): Rule {
    return this.#intercept(filter, change);
  }

  #intercept(filter: RuleFilter, action: Action): Rule {
    return this.#server.rules.intercept(filter, action);
  }

  /**
   * Forbids what a Topic Filter covers: publishing to its topics, which is answered by a reason code where there is an
   * answer, and never delivered; and subscribing to it or to a part of it, as to `secret/+` where `secret/#` is forbidden.
   *
   * @param options the reason codes of 5.0; without any both are 0x87
   */
  forbid(
    filter: string,
    options: { publish?: number | undefined; subscribe?: number | undefined } = { publish: 0x87, subscribe: 0x87 },
  ): Rule {
    if (!isTopicFilter(filter)) {
      throw new TypeError(`${filter} is not a Topic Filter`);
    }
    return this.#server.rules.forbid({ filter, publish: options.publish, subscribe: options.subscribe });
  }

  /** Cuts connections: without a close frame, or where there is a `code` with one. The broker publishes their wills. */
  cut({ clientId, code, reason }: CutOptions = {}): void {
    for (const connection of this.#meant({ clientId })) {
      connection.cut(code, reason);
    }
  }

  /** Sends DISCONNECT with a reason code (5.0) and closes; in 3.x it closes. The broker publishes the wills. */
  disconnect(reasonCode: number, { clientId, ...properties }: ReasonOptions = {}): void {
    for (const connection of this.#meant({ clientId })) {
      connection.disconnect(reasonCode, properties as Properties);
    }
  }

  /** Sends bytes as they are, however wrong, or a packet, whatever the broker itself would do. */
  send(what: Sendable, { clientId }: ClientFilter = {}): void {
    for (const connection of this.#meant({ clientId })) {
      void connection.sendRaw('type' in what ? encode(what, connection.version) : what);
    }
  }

  /** Cuts all connections without a close frame, and nobody can connect until `online`. */
  offline(): void {
    this.#server.network.isOnline = false;
    this.cut();
  }

  online(): void {
    this.#server.network.isOnline = true;
  }

  /** A dead line: nothing passes in either direction, and nobody is told, until `resume` lets it all through. */
  pause(): void {
    this.#server.network.pause();
  }

  resume(): void {
    this.#server.network.resume();
  }

  /** As new: connections are cut, and sessions, retained messages, rules and what was recorded are forgotten. */
  reset(): void {
    this.#server.sessions.clear();
    this.cut();
    this.#server.router.clear();
    this.#server.rules.clear();
    this.#server.listeners.clear();
    this.#server.records.clear();
    this.online();
    this.resume();
  }

  /** Ends it: connections are cut, no timer is left, and nobody can connect any more. */
  close(): void {
    this.reset();
    this.#server.network.isOnline = false;
  }

  #meant({ clientId }: ClientFilter) {
    return [...this.#server.connections].filter(
      (connection) => (clientId ?? connection.clientId) === connection.clientId,
    );
  }
}

function subscriptionsOf({ clientId, subscriptions }: Session): BrokerSubscription[] {
  return [...subscriptions.values()].map((subscription) => ({ ...subscription, clientId }));
}

function bytesOf(payload: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof payload === 'string') {
    return new TextEncoder().encode(payload);
  }
  return ArrayBuffer.isView(payload)
    ? new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength)
    : new Uint8Array(payload);
}
