/**
 * One connection of a client, from its first byte to its end: packets read and written, their rules, and what the
 * broker owes to each. It does not know the other clients: the server behind it does.
 */

import type { ProtocolVersion } from '../api/types.js';
import { decode } from '../packets/decode.js';
import { encode } from '../packets/encode.js';
import { PacketError, PROTOCOL_ERROR, protocolError } from '../packets/error.js';
import { PacketSplitter } from '../packets/splitter.js';
import type { Connect, Disconnect, Packet, PacketToEncode, Properties, Publish } from '../packets/types.js';
import { Aliases } from './aliases.js';
import { Alarm, Later } from './clock.js';
import { code3 } from './codes.js';
import { Handshake } from './handshake.js';
import type { Records } from './records.js';
import type { Rules } from './rules.js';
import type { Outlet, Session } from './session.js';
import type { Settings } from './settings.js';
import type { ServerEnd } from './socket.js';
import { answerSubscribe, answerUnsubscribe } from './subscribing.js';

/** What is behind a connection. */
export interface Server {
  readonly settings: Settings;
  readonly rules: Rules;
  readonly records: Records;
  /** A name for a client that has none. */
  assign(): string;
  /** Its session, once nobody else has it; whether it was there. */
  open(connection: Connection, connect: Connect, clientId: string): { session: Session; isPresent: boolean };
  /** Takes a message over; the reason code that PUBACK has. */
  publish(packet: Publish, clientId: string): number;
  subscribe(session: Session, subscription: Parameters<Session['subscriptions']['set']>[1]): void;
  /** The connection has ended. */
  ended(connection: Connection, session: Session | undefined): void;
}

export class Connection implements Outlet {
  readonly end: ServerEnd;
  readonly protocol: string;
  readonly #server: Server;
  readonly #splitter = new PacketSplitter(4);
  readonly #handshake: Handshake;
  readonly #aliases = new Aliases();
  readonly #keepAlive = new Alarm();
  readonly #later = new Later();
  /** Packets that came while a function of the test is asked. */
  readonly #waiting: Packet[] = [];
  #isBusy = false;
  #isEnded = false;
  #session: Session | undefined;
  #connect: Connect | undefined;
  #keepAliveSeconds = 0;
  #maximumPacketSize = Number.POSITIVE_INFINITY;
  clientId = '';
  receiveMaximum = 0xffff;

  constructor(server: Server, end: ServerEnd, protocol: string) {
    this.#server = server;
    this.end = end;
    this.protocol = protocol;
    this.#handshake = new Handshake(server.settings, server.rules, (packet) => void this.send(packet));
    this.#splitter.maximumPacketSize = server.settings.maximumPacketSize;
    end.onmessage = (data) => this.#came(data);
    end.onclose = () => this.#ended();
  }

  get version(): ProtocolVersion {
    return this.#connect?.version ?? this.#splitter.version;
  }

  get connect(): Connect | undefined {
    return this.#connect;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  canTake(packet: PacketToEncode): boolean {
    return encode(packet, this.version).length <= this.#maximumPacketSize;
  }

  /** Subject to the rules. Kept when the client has it, or never will. */
  send(packet: PacketToEncode): Promise<void> {
    const bytes = encode(packet, this.version);
    const ruled = this.#server.rules.applied(decode(bytes, this.version), 'server', this.clientId);
    const passes = ruled.packet;
    if (!passes || this.#isEnded) {
      this.#server.records.changed();
      return Promise.resolve();
    }
    if (ruled.delay === 0) {
      return this.#transmit(passes);
    }
    return new Promise((resolve) => {
      this.#later.do(ruled.delay, () => void this.#transmit(passes).then(resolve));
    });
  }

  /** Bytes as they are. */
  sendRaw(bytes: Uint8Array): Promise<void> {
    return this.end.send(bytes);
  }

  #transmit(packet: Packet): Promise<void> {
    if (this.#isEnded) {
      return Promise.resolve();
    }
    this.#server.records.packet(packet, 'server', this.clientId);
    const sent = this.end.send(packet.type === 'publish' ? this.#aliased(packet) : encode(packet, this.version));
    this.#server.records.changed();
    return sent;
  }

  /** With a Topic Alias, unless that makes it too large. */
  #aliased(packet: Publish): Uint8Array {
    const aliased = this.#aliases.toClient(packet);
    const bytes = encode(aliased, this.version);
    if (bytes.length <= this.#maximumPacketSize) {
      return bytes;
    }
    if (aliased.topic !== '') {
      this.#aliases.forget(packet.topic);
    }
    return encode(packet, this.version);
  }

  /** DISCONNECT, where the version has it from a server, and the end. */
  disconnect(reasonCode: number, properties: Properties = {}): void {
    if (this.version === 5 && this.#session) {
      void this.send({ type: 'disconnect', reasonCode, properties });
    }
    this.#close(1000, '');
  }

  /** Ends it: with a close frame where there is a code. */
  cut(code?: number, reason = ''): void {
    if (code === undefined) {
      this.end.cut();
    } else {
      this.#close(code, reason);
    }
  }

  #close(code: number, reason: string): void {
    this.end.close(code, reason);
    this.#ended();
  }

  #ended(): void {
    if (this.#isEnded) {
      return;
    }
    this.#isEnded = true;
    this.#keepAlive.clear();
    this.#later.clear();
    this.end.onmessage = () => {};
    this.#server.ended(this, this.#session);
  }

  #came(data: Uint8Array | string): void {
    if (typeof data === 'string') {
      this.#close(1003, ''); // [MQTT-6.0.0-1]
      return;
    }
    try {
      for (const bytes of this.#splitter.push(data)) {
        const packet = decode(bytes, this.#splitter.version, 'client');
        if (packet.type === 'connect') {
          this.#splitter.version = packet.version;
        }
        this.#rule(packet.type === 'publish' ? this.#aliases.fromClient(packet, this.#server.settings) : packet);
        if (this.#isEnded) {
          return;
        }
      }
    } catch (error) {
      this.#breach(error);
    }
  }

  /** A client that breaks the specification is told so, and left (5.0, 4.13). */
  #breach(error: unknown): void {
    if (!(error instanceof PacketError)) {
      this.#close(1011, '');
      throw error;
    }
    const legacy = !this.#connect && error.message.startsWith('the protocol');
    if (legacy) {
      void this.end.send(Uint8Array.of(0x20, 2, 0, 1)); // [MQTT-3.1.2-2] (3.1.1)
    }
    this.disconnect(error.reasonCode, { reasonString: error.message });
  }

  #rule(packet: Packet): void {
    const clientId = packet.type === 'connect' ? packet.clientIdentifier : this.clientId;
    const ruled = this.#server.rules.applied(packet, 'client', clientId);
    const passes = ruled.packet;
    if (passes && ruled.delay > 0) {
      this.#later.do(ruled.delay, () => this.#take(passes));
    } else if (passes) {
      this.#take(passes);
    }
    this.#server.records.changed();
  }

  #take(packet: Packet): void {
    const clientId = packet.type === 'connect' ? packet.clientIdentifier : this.clientId;
    this.#server.records.packet(packet, 'client', clientId);
    this.#alive();
    if (this.#isBusy) {
      this.#waiting.push(packet);
    } else {
      this.#handled(packet);
    }
    this.#server.records.changed();
  }

  #handled(packet: Packet): void {
    try {
      this.#handle(packet);
    } catch (error) {
      this.#breach(error);
    }
  }

  #handle(packet: Packet): void {
    const session = this.#session;
    if (!session) {
      if (packet.type !== 'connect' && packet.type !== 'auth') {
        throw protocolError('the first packet is CONNECT'); // [MQTT-3.1.0-1]
      }
      this.#ask(() => this.#handshake.take(packet));
      return;
    }
    switch (packet.type) {
      case 'publish':
        this.#publish(packet, session);
        break;
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        session.acknowledged(packet);
        break;
      case 'pubrel':
        this.#release(packet.packetIdentifier, session);
        break;
      case 'subscribe':
        answerSubscribe(packet, session, this.#server, (answer) => void this.send(answer));
        break;
      case 'unsubscribe':
        void this.send(answerUnsubscribe(packet, session, this.version));
        break;
      case 'pingreq':
        void this.send({ type: 'pingresp' });
        break;
      case 'disconnect':
        this.#left(packet, session);
        break;
      case 'auth':
        this.#ask(() => this.#handshake.take(packet));
        break;
      default:
        throw protocolError('CONNECT came twice'); // [MQTT-3.1.0-2]
    }
  }

  /** What takes time: packets that come meanwhile wait. */
  #ask(step: () => Promise<Awaited<ReturnType<Handshake['take']>>>): void {
    this.#isBusy = true;
    void step()
      .then((outcome) => {
        if (this.#isEnded) {
          return;
        }
        if (outcome?.type === 'accepted') {
          this.#accept(outcome.connect, outcome.properties);
        } else if (outcome?.type === 'refused') {
          this.#refuse(outcome.reasonCode, outcome.properties);
        }
      })
      .catch((error) => this.#breach(error))
      .finally(() => {
        this.#isBusy = false;
        while (!this.#isBusy && !this.#isEnded) {
          const next = this.#waiting.shift();
          if (!next) {
            break;
          }
          this.#handled(next);
        }
        this.#server.records.changed();
      });
  }

  #refuse(reasonCode: number, properties: Properties): void {
    if (this.#session) {
      this.disconnect(reasonCode, properties);
      return;
    }
    const isOld = this.version !== 5 || !this.#server.settings.versions.includes(5);
    void this.send({
      type: 'connack',
      reasonCode: isOld ? code3(reasonCode) : reasonCode,
      properties: isOld ? {} : properties,
    });
    this.#close(1000, '');
  }

  #accept(connect: Connect, properties: Properties): void {
    const isAssigned = connect.clientIdentifier === '';
    this.clientId = isAssigned ? this.#server.assign() : connect.clientIdentifier;
    this.#connect = connect;
    this.receiveMaximum = connect.properties.receiveMaximum ?? 0xffff;
    this.#maximumPacketSize = connect.properties.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    this.#aliases.maximum = connect.properties.topicAliasMaximum ?? 0;
    this.#keepAliveSeconds = properties.serverKeepAlive ?? connect.keepAlive;
    const { session, isPresent } = this.#server.open(this, connect, this.clientId);
    this.#session = session;
    const assigned = isAssigned && connect.version === 5 && { assignedClientIdentifier: this.clientId };
    void this.send({ type: 'connack', sessionPresent: isPresent, properties: { ...properties, ...assigned } });
    this.#alive();
    void session.resume(this);
  }

  #publish(packet: Publish, session: Session): void {
    const { qos, packetIdentifier = 0, retain } = packet;
    const { maximumQoS, retainAvailable, receiveMaximum } = this.#server.settings;
    if (qos > maximumQoS) {
      throw new PacketError('the QoS is greater than the Maximum QoS', 0x9b); // [MQTT-3.2.2-11]
    }
    if (retain && !retainAvailable) {
      throw new PacketError('retained messages are not available', 0x9a); // [MQTT-3.2.2-14]
    }
    if (qos === 2 && session.received.has(packetIdentifier)) {
      void this.send({ type: 'pubrec', packetIdentifier });
      return;
    }
    if (qos === 2 && session.received.size >= receiveMaximum) {
      throw new PacketError('more than the Receive Maximum is unacknowledged', 0x93); // [MQTT-3.3.4-9]
    }
    const forbidden = this.#server.rules.forbidden('publish', packet.topic);
    if (qos === 2) {
      // It is published once it is released (4.3.3).
      const isRefused = forbidden !== undefined && this.version === 5;
      if (!isRefused) {
        session.received.set(packetIdentifier, forbidden === undefined ? packet : undefined);
      }
      void this.send({ type: 'pubrec', packetIdentifier, reasonCode: isRefused ? forbidden : 0 });
      return;
    }
    const reasonCode = forbidden ?? this.#server.publish(packet, this.clientId);
    if (qos === 1) {
      void this.send({ type: 'puback', packetIdentifier, reasonCode: this.version === 5 ? reasonCode : 0 });
    }
  }

  #release(packetIdentifier: number, session: Session): void {
    const isKnown = session.received.has(packetIdentifier);
    const packet = session.received.get(packetIdentifier);
    session.received.delete(packetIdentifier);
    if (packet) {
      this.#server.publish(packet, this.clientId);
    }
    void this.send({ type: 'pubcomp', packetIdentifier, reasonCode: isKnown || this.version !== 5 ? 0 : 0x92 });
  }

  #left({ reasonCode, properties }: Disconnect, session: Session): void {
    const expiry = properties.sessionExpiryInterval;
    if (expiry !== undefined) {
      if (expiry > 0 && session.expiry === 0) {
        throw new PacketError('the session was to end with the connection', PROTOCOL_ERROR); // [MQTT-3.14.2-2]
      }
      session.expiry = expiry === 0xffff_ffff ? Number.POSITIVE_INFINITY : expiry;
    }
    if (reasonCode !== 4) {
      session.will = undefined; // [MQTT-3.14.4-3]
    }
    this.#close(1000, '');
  }

  /** Half as long again as the Keep Alive may pass without a packet [MQTT-3.1.2-22]. */
  #alive(): void {
    if (this.#keepAliveSeconds > 0 && !this.#isEnded && this.#session) {
      this.#keepAlive.set(this.#keepAliveSeconds * 1500, () => this.disconnect(0x8d), true);
    }
  }
}
