/** Bytes to a packet. It does not know what came before, nor what an application makes of it. */

import type { ProtocolVersion, QoS } from '../api/types.js';
import { malformed, PacketError, protocolError, TOPIC_ALIAS_INVALID } from './error.js';
import { type Place, readProperties } from './properties.js';
import { mayStandIn, packetType } from './reason-codes.js';
import { isTopicFilter, isTopicName, sharedFilter } from './topics.js';
import type { Connect, Packet, PacketType, Properties, Publish, SubscriptionRequest, Will } from './types.js';
import { Reader, readVarint } from './wire.js';

/** Which end sent a packet. */
export type Sender = 'client' | 'server';

const OF_CLIENT = new Set<PacketType>(['connect', 'subscribe', 'unsubscribe', 'pingreq']);
const OF_SERVER = new Set<PacketType>(['connack', 'suback', 'unsuback', 'pingresp']);

/**
 * Decodes one whole packet, as `PacketSplitter` gives it. Payloads and binary data are views on `bytes`. The version of a
 * CONNECT is what it says itself.
 *
 * @param sender what only the other end may send is then an error; left out, either may have sent it
 * @throws {PacketError} any breach of the specification that the packet shows by itself
 */
export function decode(bytes: Uint8Array, version: ProtocolVersion, sender?: Sender): Packet {
  const [first = 0] = bytes;
  const type = packetType(first);
  const length = readVarint(bytes, 1, version === 5);
  if (!type || !length || bytes.length !== 1 + length[1] + length[0]) {
    throw malformed('not one whole packet');
  }
  if (sender && ((sender === 'client' ? OF_SERVER : OF_CLIENT).has(type) || (type === 'auth' && version !== 5))) {
    throw protocolError(`a ${sender} does not send ${type.toUpperCase()}`);
  }
  const body = new Reader(bytes.subarray(1 + length[1]));
  const packet = new Decoder(body, version).packet(type, first & 15);
  body.end();
  check(packet, version, sender);
  return packet;
}

/** What depends on who sent it. */
function check(packet: Packet, version: ProtocolVersion, sender: Sender | undefined): void {
  if (sender === 'client' && packet.type === 'publish' && packet.properties.subscriptionIdentifiers) {
    throw protocolError('a PUBLISH of a client has no Subscription Identifier'); // [MQTT-3.3.4-6]
  }
  if (sender === 'server' && packet.type === 'disconnect') {
    // [MQTT-3.14.2-2]
    if (version !== 5 || packet.reasonCode === 4 || packet.properties.sessionExpiryInterval !== undefined) {
      throw protocolError('a DISCONNECT of a server says what only one of a client may');
    }
  }
}

/** Reads the body of one packet. */
class Decoder {
  readonly #body: Reader;
  #version: ProtocolVersion;

  constructor(body: Reader, version: ProtocolVersion) {
    this.#body = body;
    this.#version = version;
  }

  packet(type: PacketType, flags: number): Packet {
    switch (type) {
      case 'connect':
        return this.#connect();
      case 'connack':
        return this.#connack();
      case 'publish':
        return this.#publish(flags);
      case 'puback':
      case 'pubrec':
      case 'pubrel':
      case 'pubcomp':
        return { type, packetIdentifier: this.#identifier(), ...this.#reason(type) };
      case 'subscribe':
        return {
          type,
          packetIdentifier: this.#identifier(),
          properties: this.#properties(type),
          subscriptions: this.#list(() => this.#subscription()),
        };
      case 'unsubscribe':
        return {
          type,
          packetIdentifier: this.#identifier(),
          properties: this.#properties(type),
          filters: this.#list(() => this.#filter()),
        };
      case 'suback':
      case 'unsuback':
        return this.#answer(type);
      case 'disconnect':
        return { type, ...this.#reason(type) };
      case 'auth':
        return this.#auth();
      default:
        return { type };
    }
  }

  #properties(place: Place): Properties {
    return this.#version === 5 ? readProperties(this.#body, place, (bytes) => new Reader(bytes)) : {};
  }

  #identifier(): number {
    const identifier = this.#body.integer(2);
    if (identifier === 0) {
      throw protocolError('the Packet Identifier is 0');
    }
    return identifier;
  }

  #code(type: PacketType): number {
    const code = this.#body.integer(1);
    if (!mayStandIn(code, type)) {
      throw malformed('a reason code that this packet does not have');
    }
    return code;
  }

  /** Reason code and properties, either of which may be left out at the end (3.4.2.1). */
  #reason(type: PacketType): { reasonCode: number; properties: Properties } {
    const reasonCode = this.#version === 5 && !this.#body.isEmpty ? this.#code(type) : 0;
    return { reasonCode, properties: this.#body.isEmpty ? {} : this.#properties(type) };
  }

  #auth(): Packet {
    if (this.#version !== 5) {
      throw protocolError('AUTH does not exist in this version');
    }
    if (this.#body.isEmpty) {
      return { type: 'auth', reasonCode: 0, properties: {} };
    }
    return { type: 'auth', reasonCode: this.#code('auth'), properties: this.#properties('auth') };
  }

  #connect(): Connect {
    const body = this.#body;
    const name = body.string();
    const version = body.integer(1) & 0x7f;
    if ((version !== 3 && version !== 4 && version !== 5) || name !== (version === 3 ? 'MQIsdp' : 'MQTT')) {
      throw protocolError('the protocol name or version is unknown');
    }
    this.#version = version;
    const flags = body.integer(1);
    const has = (flag: number) => (flags & flag) !== 0;
    if (has(1)) {
      throw malformed('the reserved Connect Flag is set'); // [MQTT-3.1.2-3]
    }
    const qos = quality(flags >> 3, malformed);
    if (!has(4) && (qos > 0 || has(0x20))) {
      throw malformed('Will QoS or Will Retain without a will'); // [MQTT-3.1.2-11] [MQTT-3.1.2-13]
    }
    if (version !== 5 && has(0x40) && !has(0x80)) {
      throw malformed('a password without a user name'); // [MQTT-3.1.2-22] (3.1.1)
    }
    const keepAlive = body.integer(2);
    const properties = this.#properties('connect');
    return {
      type: 'connect',
      version,
      clientIdentifier: body.string(),
      cleanStart: has(2),
      keepAlive,
      properties,
      ...(has(4) && { will: this.#will(qos, has(0x20)) }),
      ...(has(0x80) && { username: body.string() }),
      ...(has(0x40) && { password: body.binary() }),
    };
  }

  #will(qos: QoS, retain: boolean): Will {
    const properties = this.#properties('will');
    const topic = this.#body.string();
    if (!isTopicName(topic)) {
      throw malformed('the Will Topic is not a Topic Name');
    }
    return { topic, payload: this.#body.binary(), qos, retain, properties };
  }

  #connack(): Packet {
    const flags = this.#body.integer(1);
    const old = this.#version === 3;
    // 3.1 has a reserved byte here, which servers fill as they like.
    if (flags > 1 && !old) {
      throw malformed('a reserved flag of CONNACK is set');
    }
    const sessionPresent = flags === 1 && !old;
    const reasonCode = this.#body.integer(1);
    // A server that does not know 5.0 answers in the form of 3.x: two bytes and no properties.
    const short = this.#version !== 5 || (this.#body.isEmpty && reasonCode !== 0);
    if (!short && !mayStandIn(reasonCode, 'connack')) {
      throw malformed('a reason code that CONNACK does not have');
    }
    if (sessionPresent && reasonCode !== 0) {
      throw protocolError('Session Present in a CONNACK that refuses'); // [MQTT-3.2.2-6]
    }
    return { type: 'connack', sessionPresent, reasonCode, properties: short ? {} : this.#properties('connack') };
  }

  #publish(flags: number): Publish {
    const qos = quality(flags >> 1, malformed);
    const duplicate = flags > 7;
    if (duplicate && qos === 0) {
      throw protocolError('DUP is set on QoS 0'); // [MQTT-3.3.1-2]
    }
    const topic = this.#body.string();
    const identifier = qos > 0 && { packetIdentifier: this.#identifier() };
    const properties = this.#properties('publish');
    if (properties.topicAlias === 0) {
      throw new PacketError('the Topic Alias is 0', TOPIC_ALIAS_INVALID);
    }
    if (topic === '' && this.#version === 5) {
      if (properties.topicAlias === undefined) {
        throw protocolError('the topic is empty and there is no Topic Alias');
      }
    } else if (!isTopicName(topic)) {
      throw malformed('the topic is not a Topic Name');
    }
    if (properties.responseTopic !== undefined && !isTopicName(properties.responseTopic)) {
      throw protocolError('the Response Topic is not a Topic Name'); // [MQTT-3.3.2-14]
    }
    const retain = (flags & 1) === 1;
    return { type: 'publish', duplicate, qos, retain, topic, ...identifier, payload: this.#body.rest(), properties };
  }

  #answer(type: 'suback' | 'unsuback'): Packet {
    const packetIdentifier = this.#identifier();
    const properties = this.#properties(type);
    const reasonCodes: number[] = [];
    if (this.#version === 5 || type === 'suback') {
      reasonCodes.push(...this.#body.rest());
      if (reasonCodes.length === 0) {
        throw protocolError('an answer without a reason code');
      }
    }
    // Servers of 3.x answer with codes of 5.0: all from 0x80 on say that it failed.
    const known = (code: number) => (this.#version === 5 ? mayStandIn(code, type) : code <= 2 || code >= 0x80);
    if (!reasonCodes.every(known)) {
      throw malformed('a reason code that this packet does not have');
    }
    return { type, packetIdentifier, reasonCodes, properties };
  }

  #list<Item>(read: () => Item): Item[] {
    const items: Item[] = [];
    do {
      if (this.#body.isEmpty) {
        throw protocolError('a list without a Topic Filter'); // [MQTT-3.8.3-2] [MQTT-3.10.3-2]
      }
      items.push(read());
    } while (!this.#body.isEmpty);
    return items;
  }

  #filter(): string {
    const filter = this.#body.string();
    if (!isTopicFilter(filter)) {
      throw malformed('a Topic Filter is not one');
    }
    return filter;
  }

  #subscription(): SubscriptionRequest {
    const filter = this.#filter();
    const options = this.#body.integer(1);
    if ((options & (this.#version === 5 ? 0xc0 : 0xfc)) !== 0) {
      throw malformed('a reserved bit of the Subscription Options is set');
    }
    const retainHandling = (options >> 4) & 3;
    if (retainHandling === 3) {
      throw protocolError('Retain Handling 3 does not exist');
    }
    const noLocal = (options & 4) !== 0;
    if (noLocal && sharedFilter(filter)) {
      throw protocolError('No Local on a shared subscription'); // [MQTT-3.8.3-4]
    }
    return {
      filter,
      qos: quality(options, protocolError),
      noLocal,
      retainAsPublished: (options & 8) !== 0,
      retainHandling: retainHandling as 0 | 1 | 2,
    };
  }
}

function quality(bits: number, error: (message: string) => PacketError): QoS {
  const qos = bits & 3;
  if (qos === 3) {
    throw error('QoS 3 does not exist');
  }
  return qos as QoS;
}
