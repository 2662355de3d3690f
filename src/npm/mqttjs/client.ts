/**
 * The client as programs for MQTT.js know it, over the client of the package: one of those for as long as its session lasts.
 * When it connects again is this one's matter, what is sent is the other's.
 */

import type { MqttError } from '../api/errors.js';
import type { ClientEventMap, ServerInfo } from '../api/types.js';
import { type Client, connect } from '../index.js';
import { addressOf, choose, subprotocolsOf, transformed } from './address.js';
import { payloadOf } from './bytes.js';
import { TypedEventEmitter } from './emitter.js';
import { errorOfConnection } from './errors.js';
import { DefaultMessageIdProvider, type IMessageIdProvider } from './identifiers.js';
import { Incoming } from './incoming.js';
import { Outgoing } from './outgoing.js';
import type { IAuthPacket, IConnackPacket, IDisconnectPacket, IPublishPacket, Packet } from './packet-types.js';
import { packetOf } from './packets.js';
import { given, namedOf, pairsOf } from './properties.js';
import { authenticationOf, changesOf } from './settings.js';
import { type IStore, Store } from './store.js';
import { Stream } from './stream.js';
import { Subscribing } from './subscribing.js';
import type {
  ClientSubscribeCallback,
  DoneCallback,
  IClientOptions,
  IClientPublishOptions,
  IClientReconnectOptions,
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

/** How the connection is kept alive: for programs that look whether it is. */
export interface KeepaliveManager {
  /** Seconds in milliseconds. */
  readonly keepalive: number;
  /** By when the server has to be heard of, in milliseconds since 1970. */
  readonly keepaliveTimeoutTimestamp: number;
}

export class MqttClient extends TypedEventEmitter<MqttClientEventCallbacks> {
  static readonly VERSION = '5.16.0';

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
  /** Connections begun after the first. */
  _reconnectCount = 0;
  // biome-ignore lint/suspicious/noExplicitAny: as console.log.
  log: (...args: any[]) => void;
  messageIdProvider: IMessageIdProvider;
  /** What waits for its acknowledgement; `volatile`: until the connection is lost. */
  outgoing: Record<number, { volatile: boolean; cb: PacketCallback }> = {};
  messageIdToTopic: Record<number, string[]> = {};
  keepaliveManager: KeepaliveManager | null = null;
  stream = new Stream();
  /** What waits for a connection, but for publishes of QoS 1 and 2. */
  queue: { packet: Packet; cb: PacketCallback }[] = [];

  #core: Client | undefined;
  /** To be asked of the next one. */
  #unmade: ((core: Client) => void)[] = [];
  #incoming = new Incoming(this);
  readonly #subscribing = new Subscribing(this, this.#incoming);
  readonly #publishing = new Outgoing(this);
  private reconnectTimer: ReturnType<typeof setTimeout> | null = null;
  #deferred: (() => void) | undefined;
  #begun = false;
  /** What the server said in place of an option, and what the option was. */
  #said = {
    keepalive: { said: Number.NaN, was: 0 },
    maximumPacketSize: { said: Number.NaN, was: 0 as number | undefined },
  };
  #settled: (() => void)[] = [];
  /** Somebody listens for packets; to those of that core; one was told. */
  #watched = false;
  #tapped: Client | undefined;
  #told = false;
  /** It ends at once: nobody is told what that sends. */
  #forced = false;

  static defaultId(): string {
    return `mqttjs_${Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')}`;
  }

  constructor(streamBuilder: unknown, options: IClientOptions = {}) {
    super();
    if (streamBuilder) {
      throw new TypeError('this client makes its own streams: use createWebsocket');
    }
    this.options = Object.assign(options, { ...DEFAULTS, ...given(options) });
    this.options.clientId ??= MqttClient.defaultId();
    this.#told = options.manualConnect === true;
    this.log = options.log ?? (() => {});
    this.messageIdProvider = options.messageIdProvider ?? new DefaultMessageIdProvider();
    this.outgoingStore = options.outgoingStore ?? new Store();
    this.incomingStore = options.incomingStore ?? new Store();
    this.queueQoSZero = options.queueQoSZero ?? true;
    if (!options.manualConnect) {
      this.connect();
    }
  }

  /** @internal */
  noop = (): void => {};

  /** @internal What CONNACK said. */
  get server(): ServerInfo | undefined {
    return this.#core?.server;
  }

  /** What is subscribed to again after a reconnect: programs look here what is. */
  get _resubscribeTopics(): ISubscriptionMap {
    return this.#subscribing.wanted;
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

  /** Connects, where `manualConnect` was asked for, or after the end. */
  connect(): this {
    this.#clearTimer();
    const { options } = this;
    if (this.disconnected && !this.reconnecting) {
      this.incomingStore = options.incomingStore ?? new Store();
      this.outgoingStore = options.outgoingStore ?? new Store();
      this.disconnecting = false;
      this.disconnected = false;
    }
    if (options.properties?.authenticationData && !options.properties.authenticationMethod) {
      this.end(() => this.emit('error', new Error('Packet has no Authentication Method')));
      return this;
    }
    choose(options, this._reconnectCount);
    this.stream = new Stream();
    if (this.#core && this.#core.clientId !== options.clientId && options.clientId !== '') {
      this.#drop();
    }
    if (this.#core) {
      this.#core.connect(this.#changes()).catch((error: MqttError) => {
        // A connection that failed is told of by the event.
        if (error.code === 'invalid-argument' || error.code === 'unsupported') {
          this.#refused(error);
        }
      });
    } else {
      this.#make();
    }
    return this;
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
      this.#publishing.publish(topic, message, options ?? {}, callback);
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
    this.#subscribing.subscribe(topics, options ?? undefined, callback ?? this.noop);
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
    this.#subscribing.unsubscribe(topics, options ?? undefined, callback ?? this.noop);
    return this;
  }

  unsubscribeAsync(topic: string | string[], opts?: IClientUnsubscribeProperties): Promise<Packet | undefined> {
    return promised((done) => this.unsubscribe(topic, opts, done));
  }

  /** Disconnects, so that there is no will; unless `force`, after what waits for an acknowledgement has it. */
  end(cb?: DoneCallback): this;
  end(force?: boolean): this;
  end(opts?: Partial<IDisconnectPacket>, cb?: DoneCallback): this;
  end(force?: boolean, cb?: DoneCallback): this;
  end(force?: boolean, opts?: Partial<IDisconnectPacket>, cb?: DoneCallback): this;
  end(...given: unknown[]): this {
    const force = given.find((one) => typeof one === 'boolean') === true;
    const options = given.find((one) => typeof one === 'object' && one !== null) as
      | Partial<IDisconnectPacket>
      | undefined;
    const callback = given.find((one) => typeof one === 'function') as DoneCallback | undefined;
    if (this.disconnecting) {
      callback?.();
      return this;
    }
    this.#clearTimer();
    this.disconnecting = true;
    this.#forced = force;
    const finish = (): void => this.#finish(options, callback);
    if (!force && Object.keys(this.outgoing).length > 0 && this.#isTrying()) {
      this.#settled.push(finish);
    } else {
      finish();
    }
    return this;
  }

  endAsync(force?: boolean | Partial<IDisconnectPacket>, opts?: Partial<IDisconnectPacket>): Promise<void> {
    return promised<void>((done) => this.end(force as boolean, opts, done)) as Promise<void>;
  }

  /** The message is not sent, or not again; its callback is told 'Message removed'. */
  removeOutgoingMessage(messageId: number): this {
    this.#publishing.remove(messageId);
    return this;
  }

  /** Connects again, after the end or in place of the connection there is; with the stores of before it goes on with what they hold. */
  reconnect(opts?: Pick<IClientReconnectOptions, 'incomingStore' | 'outgoingStore'>): this {
    const begin = (): void => {
      const before = this.outgoingStore;
      const { incomingStore, outgoingStore } = opts ?? {};
      Object.assign(this.options, { incomingStore, outgoingStore });
      this.incomingStore = incomingStore ?? new Store();
      this.outgoingStore = outgoingStore ?? new Store();
      if (this.disconnected && this.outgoingStore !== before) {
        this.#drop();
      }
      this.disconnecting = false;
      this.disconnected = false;
      this.#deferred = undefined;
      this.#reconnect();
    };
    if (this.disconnecting && !this.disconnected) {
      this.#deferred = begin;
    } else {
      begin();
    }
    return this;
  }

  /** Sends a PINGREQ. */
  sendPing(): void {
    this.#core?.ping().catch(this.noop);
  }

  reschedulePing(_force?: boolean): void {}

  /** @internal For the core there is, or the next one. */
  whenMade(run: (core: Client) => void): void {
    if (this.#core) {
      run(this.#core);
    } else {
      this.#unmade.push(run);
    }
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

  /** @internal Something less waits. */
  emptied(): void {
    if (this.disconnecting && Object.keys(this.outgoing).length === 0) {
      this.emit('outgoingEmpty');
      this.#settle();
    }
  }

  #settle(): void {
    for (const run of this.#settled.splice(0)) {
      run();
    }
  }

  #isTrying(): boolean {
    return this.#core?.state === 'connected' || this.#core?.state === 'connecting' || this.#core?.state === 'idle';
  }

  #changes(): ReturnType<typeof changesOf> {
    const { keepalive, maximumPacketSize } = this.#said;
    const { options } = this;
    const { properties } = options;
    return changesOf({
      ...options,
      ...(options.keepalive === keepalive.said && { keepalive: keepalive.was }),
      ...(properties && {
        properties: {
          ...properties,
          ...(properties.maximumPacketSize === maximumPacketSize.said &&
            ({ maximumPacketSize: maximumPacketSize.was } as { maximumPacketSize: number })),
        },
      }),
    });
  }

  #make(): void {
    const { options } = this;
    const core = connect(addressOf(options), {
      ...this.#changes(),
      clientId: options.clientId,
      authentication: authenticationOf(options, (packet) => this.#authenticate(packet)),
      websocket: { factory: () => this.#open() },
    });
    this.#core = core;
    const on = <K extends keyof ClientEventMap>(type: K, listener: (detail: ClientEventMap[K]) => void): void =>
      core.addEventListener(type, ({ detail }) => {
        if (this.#core === core) {
          listener(detail);
        }
      });
    on('connect', (server) => this.#connected(server));
    on('disconnect', ({ error }) => this.#lost(error));
    on('message', (message) => this.#incoming.message(message, this.#subscribing.identified));
    on('error', (error) => error.code !== 'refused' && this.emit('error', error));
    on('close', ({ error }) => error && this.#refused(error));
    this.#watch();
    if (this.#begun) {
      this.#subscribing.restore(core);
    }
    this.#begun = true;
    this.#publishing.restore();
    this.#ask(core);
  }

  protected override listened(event: keyof MqttClientEventCallbacks): void {
    if (event === 'packetsend' || event === 'packetreceive') {
      this.#watched = true;
      this.#watch();
    }
  }

  /** Has the core tell its packets, where somebody listens for them. */
  #watch(): void {
    const core = this.#core;
    if (!this.#watched || !core || this.#tapped === core) {
      return;
    }
    this.#tapped = core;
    core.addEventListener('packet', ({ detail: { direction, packet } }) => {
      // The first CONNECT goes out before anybody can listen, in MQTT.js.
      if (packet && !(this.disconnecting && this.#forced) && (this.#told || packet.type !== 'connect')) {
        this.#told = true;
        const five = this.options.protocolVersion === 5;
        this.emit(direction === 'sent' ? 'packetsend' : 'packetreceive', packetOf(packet, five));
      }
      this.#told = true;
    });
  }

  #ask(core: Client): void {
    for (const run of this.#unmade.splice(0)) {
      run(core);
    }
  }

  #open(): WebSocket {
    const { options, stream } = this;
    const url = transformed(options, this);
    const protocols = subprotocolsOf(options);
    const { createWebsocket } = options;
    return stream.opened(
      url,
      createWebsocket ? createWebsocket(url, protocols, options) : new WebSocket(url, protocols),
    );
  }

  #authenticate(packet: IAuthPacket): Promise<Uint8Array | undefined> {
    const data = packet.properties?.authenticationData;
    if (data) {
      packet.properties = { ...packet.properties, authenticationData: payloadOf(data) };
    }
    return new Promise((resolve, reject) =>
      this.handleAuth(packet, (error, answer) => {
        if (error) {
          this.emit('error', error);
          reject(error);
        } else {
          resolve((answer as IAuthPacket | undefined)?.properties?.authenticationData);
        }
      }),
    );
  }

  #connected(server: ServerInfo): void {
    const { options } = this;
    this.connected = true;
    this.reconnecting = false;
    this.queue = [];
    if (server.protocol === 5 && options.keepalive && server.keepAlive !== Number(options.keepalive)) {
      this.#said.keepalive = { said: server.keepAlive, was: options.keepalive };
      options.keepalive = server.keepAlive;
    }
    if (server.protocol === 5 && server.maximumPacketSize < 268_435_460) {
      const was = options.properties?.maximumPacketSize;
      this.#said.maximumPacketSize = { said: server.maximumPacketSize, was };
      options.properties = { ...options.properties, maximumPacketSize: server.maximumPacketSize };
    }
    const { keepalive = 0 } = options;
    this.keepaliveManager = keepalive
      ? { keepalive: keepalive * 1000, keepaliveTimeoutTimestamp: Date.now() + keepalive * 1500 }
      : null;
    this.emit('connect', connackOf(server));
  }

  /** A connection, or an attempt at one, is over. */
  #lost(error: MqttError): void {
    const { options } = this;
    this.connected = false;
    this.keepaliveManager = null;
    this.#publishing.connectionLost();
    if (error.code === 'disconnected' || (error.code === 'taken-over' && error.reasonCode !== undefined)) {
      const { reasonCode = 0, reasonString, userProperties } = error;
      const properties = given({ reasonString, userProperties: namedOf(userProperties) });
      this.emit('disconnect', { cmd: 'disconnect', reasonCode, properties });
    }
    const told = errorOfConnection(error, options.protocolVersion ?? 4);
    if (told) {
      this.emit('error', told);
    }
    this.#flush();
    if (!(options.resubscribe && options.reconnectPeriod) && options.clean) {
      this.#subscribing.forget();
    }
    this.#setTimer();
    this.#closed();
    this.#settle();
  }

  #closed(): void {
    this.stream.closed();
    this.emit('close');
  }

  /** Callbacks of what is until the connection is lost. */
  #flush(): void {
    for (const [messageId, { volatile, cb }] of Object.entries(this.outgoing)) {
      if (volatile) {
        delete this.outgoing[Number(messageId)];
        cb(new Error('Connection closed'));
      }
    }
  }

  /** The core has ended by itself: the options are wrong, or somebody else has the client identifier. */
  #refused(error: MqttError): void {
    if (!this.#core || this.disconnecting) {
      return;
    }
    this.#drop();
    this.connected = false;
    this.keepaliveManager = null;
    this.disconnecting = true;
    this.emit('error', error);
    this.#closed();
    this.#over(undefined);
  }

  #drop(): void {
    const core = this.#core;
    this.#core = undefined;
    core?.close().catch(this.noop);
  }

  #reconnect(): void {
    this.emit('reconnect');
    this._reconnectCount++;
    if (this.connected) {
      this.end(() => this.connect());
    } else {
      this.connect();
    }
  }

  #setTimer(): void {
    const { reconnectPeriod = 0 } = this.options;
    if (this.disconnecting || this.reconnectTimer || !(reconnectPeriod > 0)) {
      return;
    }
    if (!this.reconnecting) {
      this.emit('offline');
      this.reconnecting = true;
    }
    this.reconnectTimer = setTimeout(this.#due, reconnectPeriod);
    // Once the network is back nothing has to be waited for.
    globalThis.addEventListener?.('online', this.#due);
  }

  readonly #due = (): void => {
    this.#clearTimer();
    this.#reconnect();
  };

  #clearTimer(): void {
    clearTimeout(this.reconnectTimer ?? undefined);
    this.reconnectTimer = null;
    globalThis.removeEventListener?.('online', this.#due);
  }

  /** Ends the connection. The session is kept, here, for who has its stores. */
  #finish(options: Partial<IDisconnectPacket> | undefined, callback: DoneCallback | undefined): void {
    const core = this.#core;
    const kept = this.options.outgoingStore !== undefined;
    const five = this.options.protocolVersion === 5;
    const { reasonCode, properties } = options ?? {};
    const said = five
      ? {
          sendWill: reasonCode === 4,
          sessionExpiry: properties?.sessionExpiryInterval,
          reasonString: properties?.reasonString,
          userProperties: pairsOf(properties?.userProperties),
        }
      : {};
    const was = core !== undefined && core.state !== 'closed';
    const trying = was && !this.stream.destroyed;
    this.#incoming.clear();
    this.#flush();
    const ended = !core ? Promise.resolve() : kept && was ? this.#stop(core, said) : this.#close(core, said);
    const { stream } = this;
    ended.catch(this.noop).then(async () => {
      await stream.gone;
      const told = this.connected || trying;
      this.connected = false;
      this.keepaliveManager = null;
      if (told) {
        this.#closed();
      }
      this.#over(callback);
    });
  }

  #close(core: Client, said: object): Promise<void> {
    this.#core = undefined;
    return core.close(said);
  }

  async #stop(core: Client, said: object): Promise<void> {
    this.#core = undefined;
    await core.disconnect(said);
    this.#core = core;
    this.#ask(core);
  }

  #over(callback: DoneCallback | undefined): void {
    queueMicrotask(() => {
      this.disconnected = true;
      this.incomingStore.close((first) =>
        this.outgoingStore.close((second) => {
          this.emit('end');
          callback?.(first ?? second);
        }),
      );
      if (this.#deferred) {
        this.#deferred();
      } else if (this.options.reconnectPeriod === 0 || this.options.manualConnect) {
        this.disconnecting = false;
      }
    });
  }
}

function connackOf(server: ServerInfo): IConnackPacket {
  const { protocol, sessionPresent, keepAlive, sessionExpiry, userProperties } = server;
  if (protocol < 5) {
    return { cmd: 'connack', sessionPresent, returnCode: 0 };
  }
  const properties = given({
    sessionExpiryInterval: sessionExpiry,
    receiveMaximum: server.receiveMaximum,
    maximumQoS: server.maximumQoS,
    retainAvailable: server.retainAvailable,
    maximumPacketSize: server.maximumPacketSize,
    assignedClientIdentifier: server.clientId,
    topicAliasMaximum: server.topicAliasMaximum,
    wildcardSubscriptionAvailable: server.wildcardSubscriptionAvailable,
    subscriptionIdentifiersAvailable: server.subscriptionIdentifierAvailable,
    sharedSubscriptionAvailable: server.sharedSubscriptionAvailable,
    serverKeepAlive: keepAlive,
    responseInformation: server.responseInformation,
    serverReference: server.serverReference,
    reasonString: server.reasonString,
    userProperties: namedOf(userProperties),
  });
  return { cmd: 'connack', sessionPresent, reasonCode: 0, properties };
}

function promised<T>(run: (done: (error?: Error | null, result?: unknown) => void) => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    run((error, result) => (error ? reject(error) : resolve(result as T | undefined)));
  });
}
