/**
 * The client of the package under one in MQTT.js's words: one for as long as a session lasts. What it is made with, which packets it
 * tells of, and how it ends; what follows from what it tells is not known here.
 */

import type { MqttError } from '../api/errors.js';
import type { ClientEventMap, Message, ServerInfo } from '../api/types.js';
import { type Client, connect } from '../index.js';
import { addressOf, subprotocolsOf, transformed } from './address.js';
import { payloadOf } from './bytes.js';
import type { PacketCallback } from './callbacks.js';
import type { Inside } from './inside.js';
import type { IAuthPacket } from './packet-types.js';
import { packetOf } from './packets.js';
import { authenticationOf, changesOf } from './settings.js';
import type { Stream } from './stream.js';
import type { AddressedClient, IClientOptions } from './types.js';

/** The client as this sees it. */
interface Owner extends Inside, AddressedClient {
  readonly connected: boolean;
  readonly options: IClientOptions;
  readonly disconnecting: boolean;
  readonly stream: Stream;
  handleAuth(packet: IAuthPacket, callback: PacketCallback): void;
}

/** Whom it tells. */
interface Told {
  connected(server: ServerInfo): void;
  /** A connection, or an attempt at one, is over. */
  lost(error: MqttError): void;
  /** It has ended by itself. */
  refused(error: MqttError): void;
  message(message: Message): void;
  /** There is a new one; `first`: the first of all. */
  made(core: Client, first: boolean): void;
}

export class Connection {
  core: Client | undefined;
  /** It ends at once: nobody is told what that sends. */
  forced = false;
  readonly #client: Owner;
  readonly #told: Told;
  /** To be asked of the next one. */
  readonly #unmade: ((core: Client) => void)[] = [];
  #first = true;
  /** What the server said in place of an option, and what the option was. */
  readonly #said = {
    keepalive: { said: Number.NaN, was: 0 },
    maximumPacketSize: { said: Number.NaN, was: 0 as number | undefined },
  };
  /** Somebody listens for packets; to those of that core; one was told. */
  #watched = false;
  #tapped: Client | undefined;
  #heard: boolean;

  constructor(client: Owner, told: Told) {
    this.#client = client;
    this.#told = told;
    this.#heard = client.options.manualConnect === true;
  }

  get isTrying(): boolean {
    return this.core !== undefined && /^(connected|connecting|idle)$/.test(this.core.state);
  }

  /** For the core there is, or the next one. */
  whenMade(run: (core: Client) => void): void {
    if (this.core) {
      run(this.core);
    } else {
      this.#unmade.push(run);
    }
  }

  begin(): void {
    const { core } = this;
    const { clientId } = this.#client.options;
    if (core && (core.clientId === clientId || clientId === '')) {
      core.connect(this.#changes()).catch((error: MqttError) => {
        // A connection that failed is told of by the event.
        if (error.code === 'invalid-argument' || error.code === 'unsupported') {
          this.#told.refused(error);
        }
      });
    } else {
      this.drop();
      this.#make();
    }
  }

  /** Options are what CONNACK says in their place. */
  accept(server: ServerInfo): void {
    const { options } = this.#client;
    if (server.protocol === 5 && options.keepalive && server.keepAlive !== Number(options.keepalive)) {
      this.#said.keepalive = { said: server.keepAlive, was: options.keepalive };
      options.keepalive = server.keepAlive;
    }
    if (server.protocol === 5 && server.maximumPacketSize < 268_435_460) {
      const was = options.properties?.maximumPacketSize;
      this.#said.maximumPacketSize = { said: server.maximumPacketSize, was };
      options.properties = { ...options.properties, maximumPacketSize: server.maximumPacketSize };
    }
  }

  /** Has the core tell its packets: somebody listens for them. */
  watch(): void {
    this.#watched = true;
    this.#tap();
  }

  drop(): void {
    const { core } = this;
    this.core = undefined;
    core?.close().catch(this.#client.noop);
  }

  /** Ends the session. */
  close(said: object): Promise<void> {
    const { core } = this;
    this.core = undefined;
    return core ? core.close(said) : Promise.resolve();
  }

  /** Ends the connection alone: what is asked for meanwhile waits. */
  async stop(core: Client, said: object): Promise<void> {
    this.core = undefined;
    await core.disconnect(said);
    this.core = core;
    this.#ask(core);
  }

  #make(): void {
    const { options } = this.#client;
    const core = connect(addressOf(options), {
      ...this.#changes(),
      clientId: options.clientId,
      authentication: authenticationOf(options, (packet) => this.#authenticate(packet)),
      websocket: { factory: () => this.#open() },
    });
    this.core = core;
    const on = <K extends keyof ClientEventMap>(type: K, listener: (detail: ClientEventMap[K]) => void): void =>
      core.addEventListener(type, ({ detail }) => {
        if (this.core === core) {
          listener(detail);
        }
      });
    on('connect', (server) => this.#told.connected(server));
    on('disconnect', ({ error }) => this.#told.lost(error));
    on('message', (message) => this.#told.message(message));
    on('error', (error) => error.code !== 'refused' && this.#client.emit('error', error));
    on('close', ({ error }) => error && this.#told.refused(error));
    this.#tap();
    this.#told.made(core, this.#first);
    this.#first = false;
    this.#ask(core);
  }

  #ask(core: Client): void {
    for (const run of this.#unmade.splice(0)) {
      run(core);
    }
  }

  #changes(): ReturnType<typeof changesOf> {
    const { keepalive, maximumPacketSize } = this.#said;
    const { options } = this.#client;
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

  #tap(): void {
    const { core } = this;
    if (!this.#watched || !core || this.#tapped === core) {
      return;
    }
    this.#tapped = core;
    const client = this.#client;
    core.addEventListener('packet', ({ detail: { direction, packet } }) => {
      // The first CONNECT goes out before anybody can listen, in MQTT.js.
      if (packet && !(client.disconnecting && this.forced) && (this.#heard || packet.type !== 'connect')) {
        this.#heard = true;
        const five = client.options.protocolVersion === 5;
        client.emit(direction === 'sent' ? 'packetsend' : 'packetreceive', packetOf(packet, five));
      }
      this.#heard = true;
    });
  }

  #open(): WebSocket {
    const { options, stream } = this.#client;
    const url = transformed(options, this.#client);
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
      this.#client.handleAuth(packet, (error, answer) => {
        if (error) {
          this.#client.emit('error', error);
          reject(error);
        } else {
          resolve((answer as IAuthPacket | undefined)?.properties?.authenticationData);
        }
      }),
    );
  }
}
