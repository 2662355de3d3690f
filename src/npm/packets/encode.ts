/** A packet to bytes, in the shortest form that says it. */

import type { ProtocolVersion } from '../api/types.js';
import { PacketError } from './error.js';
import { isEmpty, type Place, writeProperties } from './properties.js';
import { firstByte, mayStandIn } from './reason-codes.js';
import type { PacketToEncode, PacketType, Properties, SubscriptionRequest } from './types.js';
import { Writer } from './wire.js';

type Encoded<Type extends PacketType> = Extract<PacketToEncode, { type: Type }>;

/**
 * Encodes a packet; a CONNECT in the version that it says itself. What it does not hold has its default: no properties,
 * `false`, 0.
 *
 * @throws {PacketError} what the version, or MQTT, has no way to say
 */
export function encode(packet: PacketToEncode, version: ProtocolVersion): Uint8Array {
  const encoder = new Encoder(packet.type === 'connect' ? packet.version : version);
  encoder.packet(packet);
  return new Writer()
    .bytes([firstByte(packet.type) | flags(packet)])
    .counted(encoder.body)
    .done();
}

function flags(packet: PacketToEncode): number {
  if (packet.type !== 'publish') {
    return 0;
  }
  return (packet.duplicate ? 8 : 0) | (quality(packet.qos) << 1) | Number(packet.retain ?? false);
}

function quality(qos = 0): number {
  if (qos !== 0 && qos !== 1 && qos !== 2) {
    throw new PacketError(`there is no QoS ${qos}`);
  }
  return qos;
}

class Encoder {
  readonly body = new Writer();
  readonly #version: ProtocolVersion;

  constructor(version: ProtocolVersion) {
    this.#version = version;
  }

  packet(packet: PacketToEncode): void {
    switch (packet.type) {
      case 'connect':
        this.#connect(packet);
        break;
      case 'connack':
        this.#connack(packet);
        break;
      case 'publish':
        this.#publish(packet);
        break;
      case 'puback':
      case 'pubrec':
      case 'pubrel':
      case 'pubcomp':
        this.#identifier(packet.packetIdentifier);
        this.#reason(packet.type, packet.reasonCode, packet.properties);
        break;
      case 'disconnect':
      case 'auth':
        this.#reason(packet.type, packet.reasonCode, packet.properties);
        break;
      case 'subscribe':
      case 'unsubscribe':
        this.#identifier(packet.packetIdentifier);
        this.#properties(packet.type, packet.properties);
        this.#list(packet);
        break;
      case 'suback':
      case 'unsuback':
        this.#answer(packet);
    }
  }

  #identifier(identifier: number | undefined): void {
    this.body.integer(identifier ?? 0, 2, 1);
  }

  #properties(place: Place, properties: Properties = {}): void {
    if (this.#version === 5) {
      writeProperties(this.body, place, properties);
    } else if (!isEmpty(properties)) {
      throw this.#lacks('properties');
    }
  }

  #lacks(what: string): PacketError {
    return new PacketError(`version ${this.#version} has no ${what}`);
  }

  #reason(type: PacketType, code = 0, properties: Properties = {}): void {
    const bare = isEmpty(properties);
    if (this.#version !== 5 && (type === 'auth' || code !== 0 || !bare)) {
      throw this.#lacks(type === 'auth' ? 'AUTH' : 'reason codes');
    }
    if (!mayStandIn(code, type)) {
      throw new PacketError(`${type} has no reason code ${code}`);
    }
    if (code !== 0 || !bare) {
      this.body.integer(code, 1);
      if (!bare || type === 'auth') {
        this.#properties(type, properties);
      }
    }
  }

  /** A code that is none of 5.0 in the form of 3.x: so a server answers that does not know 5.0. */
  #connack({ sessionPresent = false, reasonCode = 0, properties = {} }: Encoded<'connack'>): void {
    this.body.bytes([Number(sessionPresent)]).integer(reasonCode, 1);
    if (this.#version !== 5 || mayStandIn(reasonCode, 'connack')) {
      this.#properties('connack', properties);
    } else if (!isEmpty(properties)) {
      throw new PacketError(`connack has no reason code ${reasonCode}`);
    }
  }

  #connect({
    version,
    clientIdentifier,
    cleanStart,
    keepAlive,
    username,
    password,
    will,
    properties,
  }: Encoded<'connect'>) {
    if (version !== 5 && password !== undefined && username === undefined) {
      throw this.#lacks('password without a user name');
    }
    const bits = [cleanStart, will, false, false, will?.retain, password !== undefined, username !== undefined];
    const flags = bits.reduce<number>((sum, bit, index) => sum | (bit ? 2 << index : 0), quality(will?.qos) << 3);
    this.body
      .string(version === 3 ? 'MQIsdp' : 'MQTT')
      .bytes([version, flags])
      .integer(keepAlive ?? 0, 2);
    this.#properties('connect', properties);
    this.body.string(clientIdentifier);
    if (will) {
      this.#properties('will', will.properties);
      this.body.string(will.topic).binary(will.payload ?? new Uint8Array());
    }
    if (username !== undefined) {
      this.body.string(username);
    }
    if (password !== undefined) {
      this.body.binary(password);
    }
  }

  #publish({ qos = 0, topic, packetIdentifier, properties, payload }: Encoded<'publish'>): void {
    this.body.string(topic);
    if (qos > 0) {
      this.#identifier(packetIdentifier);
    } else if (packetIdentifier !== undefined) {
      throw new PacketError('a PUBLISH of QoS 0 has no Packet Identifier');
    }
    this.#properties('publish', properties);
    this.body.bytes(payload ?? []);
  }

  #list(packet: Encoded<'subscribe' | 'unsubscribe'>): void {
    if ((packet.type === 'subscribe' ? packet.subscriptions : packet.filters).length === 0) {
      throw new PacketError('a packet with an empty list');
    }
    if (packet.type === 'unsubscribe') {
      for (const filter of packet.filters) {
        this.body.string(filter);
      }
      return;
    }
    for (const { filter, ...options } of packet.subscriptions) {
      this.body.string(filter).bytes([this.#options(options)]);
    }
  }

  #options({ qos, noLocal, retainAsPublished, retainHandling = 0 }: Partial<SubscriptionRequest>): number {
    const more = (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | (retainHandling << 4);
    if (more !== 0 && this.#version !== 5) {
      throw this.#lacks('Subscription Options besides the QoS');
    }
    return quality(qos) | more;
  }

  #answer({ type, packetIdentifier, properties, reasonCodes }: Encoded<'suback' | 'unsuback'>): void {
    if (reasonCodes.length > 0 !== (this.#version === 5 || type === 'suback')) {
      throw new PacketError('reason codes are missing or out of place');
    }
    this.#identifier(packetIdentifier);
    this.#properties(type, properties);
    this.body.bytes(reasonCodes);
  }
}
