/** The properties (5.0, 2.2.2.2), in one table: identifier, name, form, and where each may stand. Read and written by it. */

import { malformed, PacketError, protocolError } from './error.js';
import { LETTERS } from './reason-codes.js';
import type { PacketType, Properties } from './types.js';
import { type Reader, Writer } from './wire.js';

/** A packet, or the will in CONNECT. */
export type Place = PacketType | 'will';

/** `bit` is 0 or 1, `flag` the same as a truth; `+` is not 0. */
type Form = 'bit' | 'flag' | 'u16' | 'u16+' | 'u32' | 'u32+' | 'varint' | 'binary' | 'string' | 'pair';

type Row = readonly [identifier: number, name: keyof Properties, form: Form, places: string];

/** Places by the letters of reason codes; `W` is the will. */
const TABLE: readonly Row[] = [
  [0x01, 'payloadFormatIndicator', 'bit', 'PW'],
  [0x02, 'messageExpiryInterval', 'u32', 'PW'],
  [0x03, 'contentType', 'string', 'PW'],
  [0x08, 'responseTopic', 'string', 'PW'],
  [0x09, 'correlationData', 'binary', 'PW'],
  [0x0b, 'subscriptionIdentifiers', 'varint', 'PS'],
  [0x11, 'sessionExpiryInterval', 'u32', 'Ccd'],
  [0x12, 'assignedClientIdentifier', 'string', 'c'],
  [0x13, 'serverKeepAlive', 'u16', 'c'],
  [0x15, 'authenticationMethod', 'string', 'CcA'],
  [0x16, 'authenticationData', 'binary', 'CcA'],
  [0x17, 'requestProblemInformation', 'flag', 'C'],
  [0x18, 'willDelayInterval', 'u32', 'W'],
  [0x19, 'requestResponseInformation', 'flag', 'C'],
  [0x1a, 'responseInformation', 'string', 'c'],
  [0x1c, 'serverReference', 'string', 'cd'],
  [0x1f, 'reasonString', 'string', 'calsudA'],
  [0x21, 'receiveMaximum', 'u16+', 'Cc'],
  [0x22, 'topicAliasMaximum', 'u16', 'Cc'],
  [0x23, 'topicAlias', 'u16', 'P'],
  [0x24, 'maximumQoS', 'bit', 'c'],
  [0x25, 'retainAvailable', 'flag', 'c'],
  [0x26, 'userProperties', 'pair', 'CcPalSsUudAW'],
  [0x27, 'maximumPacketSize', 'u32+', 'Cc'],
  [0x28, 'wildcardSubscriptionAvailable', 'flag', 'c'],
  [0x29, 'subscriptionIdentifierAvailable', 'flag', 'c'],
  [0x2a, 'sharedSubscriptionAvailable', 'flag', 'c'],
];

/** Properties with their length in front. */
export function readProperties(reader: Reader, place: Place, block: (bytes: Uint8Array) => Reader): Properties {
  const properties: Record<string, unknown> = {};
  const inside = block(reader.take(reader.varint()));
  while (!inside.isEmpty) {
    const identifier = inside.integer(1);
    const row = TABLE.find(([known]) => known === identifier);
    if (!row) {
      throw malformed('a property is unknown');
    }
    const [, name, form] = row;
    const value = read(inside, form);
    if (!stands(row, place)) {
      throw malformed('a property may not stand in this packet');
    }
    if (name === 'userProperties' || name === 'subscriptionIdentifiers') {
      const all = (properties[name] as unknown[] | undefined) ?? [];
      if (all.length > 0 && place === 'subscribe' && name !== 'userProperties') {
        throw repeated();
      }
      properties[name] = [...all, value];
    } else if (name in properties) {
      throw repeated();
    } else {
      properties[name] = value;
    }
  }
  if ('authenticationData' in properties && !('authenticationMethod' in properties)) {
    throw protocolError('Authentication Data without a method');
  }
  return properties;
}

function repeated(): PacketError {
  return protocolError('a property stands twice');
}

function stands([, , , places]: Row, place: Place): boolean {
  return places.includes(place === 'will' ? 'W' : (LETTERS[place] ?? ' '));
}

function read(reader: Reader, form: Form): unknown {
  switch (form) {
    case 'bit':
    case 'flag': {
      const value = reader.integer(1);
      if (value > 1) {
        throw protocolError('a property that is 0 or 1 has another value');
      }
      return form === 'flag' ? value === 1 : value;
    }
    case 'u16':
      return reader.integer(2);
    case 'u32':
      return reader.integer(4);
    case 'u16+':
      return positive(reader.integer(2));
    case 'u32+':
      return positive(reader.integer(4));
    case 'varint':
      return positive(reader.varint());
    case 'binary':
      return reader.binary();
    case 'string':
      return reader.string();
    case 'pair':
      return [reader.string(), reader.string()];
  }
}

function positive(value: number): number {
  if (value === 0) {
    throw protocolError('a property that cannot be 0 is 0');
  }
  return value;
}

/** Appends the properties with their length in front. */
export function writeProperties(writer: Writer, place: Place, properties: Properties): void {
  const block = new Writer();
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) {
      continue;
    }
    const row = TABLE.find(([, known]) => known === name);
    if (!row || !stands(row, place)) {
      throw new PacketError(`${place} has no property ${name}`);
    }
    const [identifier, , form] = row;
    const many = form === 'pair' || form === 'varint';
    if (form === 'varint' && place === 'subscribe' && value.length > 1) {
      throw new PacketError('a SUBSCRIBE has one Subscription Identifier');
    }
    for (const one of many ? value : [value]) {
      block.bytes([identifier]);
      write(block, form, one);
    }
  }
  writer.counted(block);
}

/** Whether there is nothing to write. */
export function isEmpty(properties: Properties): boolean {
  return Object.values(properties).every(
    (value) => value === undefined || (Array.isArray(value) && value.length === 0),
  );
}

function write(writer: Writer, form: Form, value: unknown): void {
  switch (form) {
    case 'bit':
    case 'flag':
      if (Number(value) !== 0 && Number(value) !== 1) {
        throw new PacketError('a property that is 0 or 1 has another value');
      }
      writer.integer(Number(value), 1);
      break;
    case 'u16':
    case 'u16+':
      writer.integer(Number(value), 2, form === 'u16+' ? 1 : 0);
      break;
    case 'u32':
    case 'u32+':
      writer.integer(Number(value), 4, form === 'u32+' ? 1 : 0);
      break;
    case 'varint':
      writer.varint(Number(value), 1);
      break;
    case 'binary':
      writer.binary(value as Uint8Array);
      break;
    case 'string':
      writer.string(String(value));
      break;
    case 'pair':
      for (const text of value as readonly string[]) {
        writer.string(text);
      }
  }
}
