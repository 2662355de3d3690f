/**
 * What programs for MQTT.js ask of a client: publishing, subscribing, and their answers by callback or promise. It does not know when
 * there is a connection.
 */

import type { ServerInfo } from '../api/types.js';
import type { Client } from '../index.js';
import { TypedEventEmitter } from './emitter.js';
import { DefaultMessageIdProvider, type IMessageIdProvider } from './identifiers.js';
import { Incoming } from './incoming.js';
import { Outgoing } from './outgoing.js';
import type { IAuthPacket, IPublishPacket, Packet } from './packet-types.js';
import { given } from './properties.js';
import { type IStore, Store } from './store.js';
import { Subscribing } from './subscribing.js';
import type {
  ClientSubscribeCallback,
  DoneCallback,
  IClientOptions,
  IClientPublishOptions,
  IClientSubscribeOptions,
  IClientSubscribeProperties,
  IClientUnsubscribeProperties,
  ISubscriptionGrant,
  ISubscriptionMap,
  MqttClientEventCallbacks,
  PacketCallback,
} from './types.js';

const DEFAULTS = {
  keepalive: 60,
  reschedulePings: true,
  protocolId: 'MQTT',
  protocolVersion: 4,
  reconnectPeriod: 1000,
  connectTimeout: 30_000,
  clean: true,
  resubscribe: true,
  subscribeBatchSize: null,
  writeCache: true,
  timerVariant: 'auto',
} satisfies IClientOptions;

export abstract class Requests extends TypedEventEmitter<MqttClientEventCallbacks> {
  connected = false;
  /** It is ending, or has ended. */
  disconnecting = false;
  /** It has ended. */
  disconnected = false;
  reconnecting = false;
  incomingStore: IStore;
  outgoingStore: IStore;
  /** What is changed here holds from the next connection on, but for `clientId`: that is for the next session. */
  options: IClientOptions;
  queueQoSZero: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: as console.log.
  log: (...args: any[]) => void;
  messageIdProvider: IMessageIdProvider;
  /** What waits for its acknowledgement; `volatile`: until the connection is lost. */
  outgoing: Record<number, { volatile: boolean; cb: PacketCallback }> = {};
  messageIdToTopic: Record<number, string[]> = {};
  /** What waits for a connection, but for publishes of QoS 1 and 2. */
  queue: { packet: Packet; cb: PacketCallback }[] = [];

  /** @internal */
  readonly incoming = new Incoming(this);
  /** @internal */
  readonly subscribing = new Subscribing(this, this.incoming);
  /** @internal */
  readonly publishing = new Outgoing(this);

  static defaultId(): string {
    return `mqttjs_${Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')}`;
  }

  constructor(options: IClientOptions) {
    super();
    this.options = Object.assign(options, { ...DEFAULTS, ...given(options) });
    this.options.clientId ??= Requests.defaultId();
    this.log = options.log ?? (() => {});
    this.messageIdProvider = options.messageIdProvider ?? new DefaultMessageIdProvider();
    this.outgoingStore = options.outgoingStore ?? new Store();
    this.incomingStore = options.incomingStore ?? new Store();
    this.queueQoSZero = options.queueQoSZero ?? true;
  }

  /** @internal What CONNACK said. */
  abstract get server(): ServerInfo | undefined;

  /** @internal For the core there is, or the next one. */
  abstract whenMade(run: (core: Client) => void): void;

  /** @internal Something less waits. */
  abstract emptied(): void;

  /** @internal */
  noop = (): void => {};

  /** What is subscribed to again after a reconnect: programs look here what is. */
  get _resubscribeTopics(): ISubscriptionMap {
    return this.subscribing.wanted;
  }

  /** Answers the server's AUTH (5.0): with the packet that is given to `callback`. To be overridden. */
  handleAuth(_packet: IAuthPacket, callback: PacketCallback): void {
    callback();
  }

  /** Called with each message; the next one comes, and this one is acknowledged, after `callback`. To be overridden. */
  handleMessage(_packet: IPublishPacket, callback: DoneCallback): void {
    callback();
  }

  getLastMessageId(): number {
    return this.messageIdProvider.getLastAllocated() ?? 0;
  }

  publish(topic: string, message: string | Uint8Array, callback?: PacketCallback): this;
  publish(topic: string, message: string | Uint8Array, opts?: IClientPublishOptions, callback?: PacketCallback): this;
  publish(
    topic: string,
    message: string | Uint8Array,
    second?: IClientPublishOptions | PacketCallback | null,
    third?: PacketCallback,
  ): this {
    const [options, callback] = typeof second === 'function' ? [undefined, second] : [second, third];
    if (!this.refuses(callback)) {
      this.publishing.publish(topic, message, options ?? {}, callback);
    }
    return this;
  }

  publishAsync(topic: string, message: string | Uint8Array, opts?: IClientPublishOptions): Promise<Packet | undefined> {
    return promised((done) => this.publish(topic, message, opts, done));
  }

  subscribe(topicObject: string | string[] | ISubscriptionMap, callback?: ClientSubscribeCallback): this;
  subscribe(
    topicObject: string | string[] | ISubscriptionMap,
    opts?: IClientSubscribeOptions | IClientSubscribeProperties,
    callback?: ClientSubscribeCallback,
  ): this;
  subscribe(
    topics: string | string[] | ISubscriptionMap,
    second?: IClientSubscribeOptions | IClientSubscribeProperties | ClientSubscribeCallback | null,
    third?: ClientSubscribeCallback,
  ): this {
    const [options, callback] = typeof second === 'function' ? [undefined, second] : [second, third];
    this.subscribing.subscribe(topics, options ?? undefined, callback ?? this.noop);
    return this;
  }

  subscribeAsync(
    topicObject: string | string[] | ISubscriptionMap,
    opts?: IClientSubscribeOptions | IClientSubscribeProperties,
  ): Promise<ISubscriptionGrant[]> {
    return promised((done) => this.subscribe(topicObject, opts, done)) as Promise<ISubscriptionGrant[]>;
  }

  unsubscribe(topic: string | string[], callback?: PacketCallback): this;
  unsubscribe(topic: string | string[], opts?: IClientUnsubscribeProperties, callback?: PacketCallback): this;
  unsubscribe(
    topics: string | string[],
    second?: IClientUnsubscribeProperties | PacketCallback | null,
    third?: PacketCallback,
  ): this {
    const [options, callback] = typeof second === 'function' ? [undefined, second] : [second, third];
    this.subscribing.unsubscribe(topics, options ?? undefined, callback ?? this.noop);
    return this;
  }

  unsubscribeAsync(topic: string | string[], opts?: IClientUnsubscribeProperties): Promise<Packet | undefined> {
    return promised((done) => this.unsubscribe(topic, opts, done));
  }

  /** The message is not sent, or not again; its callback is told 'Message removed'. */
  removeOutgoingMessage(messageId: number): this {
    this.publishing.remove(messageId);
    return this;
  }

  /** @internal Tells who asks for something while the client ends. */
  refuses(callback?: ((error: Error) => void) | undefined): boolean {
    if (this.disconnecting) {
      const error = new Error('client disconnecting');
      if (callback && callback !== this.noop) {
        callback(error);
      } else {
        this.emit('error', error);
      }
    }
    return this.disconnecting;
  }

  /** @internal It waits for a connection. */
  queued(packet: Packet, cb: PacketCallback = this.noop): void {
    if (!this.connected) {
      this.queue.push({ packet, cb });
    }
  }

  /** @internal What is until the connection is lost has its answer. */
  answered(messageId: number, error?: Error, packet?: Packet): void {
    const entry = this.outgoing[messageId];
    delete this.outgoing[messageId];
    this.messageIdProvider.deallocate(messageId);
    if (entry) {
      entry.cb(error, packet);
    }
    this.emptied();
  }
}

/** What a callback is told, as a promise. */
export function promised<T>(
  run: (done: (error?: Error | null, result?: unknown) => void) => void,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    run((error, result) => (error ? reject(error) : resolve(result as T | undefined)));
  });
}
