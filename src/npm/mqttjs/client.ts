/**
 * The client as programs for MQTT.js know it, over the client of the package: one of those for as long as its session lasts.
 * When it connects again is this one's matter, what is sent is the other's.
 */

import type { MqttError } from '../api/errors.js';
import type { ServerInfo } from '../api/types.js';
import type { Client } from '../index.js';
import { choose } from './address.js';
import { Connection } from './connection.js';
import { errorOfConnection } from './errors.js';
import type { IDisconnectPacket } from './packet-types.js';
import { connackOf } from './packets.js';
import { Pause } from './pause.js';
import { given, namedOf, pairsOf } from './properties.js';
import { promised, Requests } from './requests.js';
import { Store } from './store.js';
import { Stream } from './stream.js';
import type { DoneCallback, IClientOptions, IClientReconnectOptions, MqttClientEventCallbacks } from './types.js';

/** How the connection is kept alive: for programs that look whether it is. */
export interface KeepaliveManager {
  /** Seconds in milliseconds. */
  readonly keepalive: number;
  /** By when the server has to be heard of, in milliseconds since 1970. */
  readonly keepaliveTimeoutTimestamp: number;
}

export class MqttClient extends Requests {
  static readonly VERSION = '5.16.0';

  /** Connections begun after the first. */
  _reconnectCount = 0;
  keepaliveManager: KeepaliveManager | null = null;
  stream = new Stream();
  readonly #connection: Connection;
  readonly #pause = new Pause(() => this.#reconnect());
  #deferred: (() => void) | undefined;
  #settled: (() => void)[] = [];

  constructor(streamBuilder: unknown, options: IClientOptions = {}) {
    if (streamBuilder) {
      throw new TypeError('this client makes its own streams: use createWebsocket');
    }
    super(options);
    this.#connection = new Connection(this, {
      connected: (server) => this.#connected(server),
      lost: (error) => this.#lost(error),
      refused: (error) => this.#refused(error),
      message: (message) => this.incoming.message(message, this.subscribing.identified),
      made: (core, first) => {
        if (!first) {
          this.subscribing.restore(core);
        }
        this.publishing.restore();
      },
    });
    if (!options.manualConnect) {
      this.connect();
    }
  }

  /** @internal */
  override get server(): ServerInfo | undefined {
    return this.#connection.core?.server;
  }

  /** @internal The pause before the next attempt: programs look whether there is one. */
  get reconnectTimer(): ReturnType<typeof setTimeout> | null {
    return this.#pause.timer;
  }

  /** Connects, where `manualConnect` was asked for, or after the end. */
  connect(): this {
    this.#pause.end();
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
    this.#connection.begin();
    return this;
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
    this.#pause.end();
    this.disconnecting = true;
    this.#connection.forced = force;
    const finish = (): void => this.#finish(options, callback);
    if (!force && Object.keys(this.outgoing).length > 0 && this.#connection.isTrying) {
      this.#settled.push(finish);
    } else {
      finish();
    }
    return this;
  }

  endAsync(force?: boolean | Partial<IDisconnectPacket>, opts?: Partial<IDisconnectPacket>): Promise<void> {
    return promised<void>((done) => this.end(force as boolean, opts, done)) as Promise<void>;
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
        this.#connection.drop();
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
    this.#connection.core?.ping().catch(this.noop);
  }

  reschedulePing(_force?: boolean): void {}

  /** @internal */
  override whenMade(run: (core: Client) => void): void {
    this.#connection.whenMade(run);
  }

  /** @internal */
  override emptied(): void {
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

  protected override listened(event: keyof MqttClientEventCallbacks): void {
    if (event === 'packetsend' || event === 'packetreceive') {
      this.#connection.watch();
    }
  }

  #connected(server: ServerInfo): void {
    const { options } = this;
    this.connected = true;
    this.reconnecting = false;
    this.queue = [];
    this.#connection.accept(server);
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
    this.publishing.connectionLost();
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
      this.subscribing.forget();
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
    if (!this.#connection.core || this.disconnecting) {
      return;
    }
    this.#connection.drop();
    this.connected = false;
    this.keepaliveManager = null;
    this.disconnecting = true;
    this.emit('error', error);
    this.#closed();
    this.#over(undefined);
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
    if (this.disconnecting || this.#pause.timer || !(reconnectPeriod > 0)) {
      return;
    }
    if (!this.reconnecting) {
      this.emit('offline');
      this.reconnecting = true;
    }
    // Who was told may have ended it.
    if (!this.disconnecting) {
      this.#pause.begin(reconnectPeriod);
    }
  }

  /** Ends the connection. The session is kept, here, for who has its stores. */
  #finish(options: Partial<IDisconnectPacket> | undefined, callback: DoneCallback | undefined): void {
    const { core } = this.#connection;
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
    this.incoming.clear();
    this.#flush();
    const ended = core && kept && was ? this.#connection.stop(core, said) : this.#connection.close(said);
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
