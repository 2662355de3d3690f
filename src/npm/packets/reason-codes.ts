/** Packet types and Reason Codes (5.0, 2.1.2 and 2.4), in one table each. */

import type { PacketType } from './types.js';

/** By their numbers; 0 is reserved. */
const TYPES: readonly (PacketType | undefined)[] = [
  undefined,
  'connect',
  'connack',
  'publish',
  'puback',
  'pubrec',
  'pubrel',
  'pubcomp',
  'subscribe',
  'suback',
  'unsubscribe',
  'unsuback',
  'pingreq',
  'pingresp',
  'disconnect',
  'auth',
];

/** The type that the first byte of a packet tells. */
export function packetType(firstByte: number): PacketType | undefined {
  return TYPES[firstByte >> 4];
}

/** The first byte of a packet of that type, with the flags that it must have. */
export function firstByte(type: PacketType): number {
  const number = TYPES.indexOf(type);
  return (number << 4) | (type === 'pubrel' || type === 'subscribe' || type === 'unsubscribe' ? 2 : 0);
}

/** A letter for each place where reason codes and properties stand. */
export const LETTERS: { readonly [type in PacketType]?: string } = {
  connect: 'C',
  connack: 'c',
  publish: 'P',
  puback: 'a',
  pubrec: 'a',
  pubrel: 'l',
  pubcomp: 'l',
  subscribe: 'S',
  suback: 's',
  unsubscribe: 'U',
  unsuback: 'u',
  disconnect: 'd',
  auth: 'A',
};

/** Value, the packets in which it may stand, and the specification's name. */
const CODES: readonly (readonly [number, string, string])[] = [
  [0x00, 'calsuAd', 'Success'],
  [0x01, 's', 'Granted QoS 1'],
  [0x02, 's', 'Granted QoS 2'],
  [0x04, 'd', 'Disconnect with Will Message'],
  [0x10, 'a', 'No matching subscribers'],
  [0x11, 'u', 'No subscription existed'],
  [0x18, 'A', 'Continue authentication'],
  [0x19, 'A', 'Re-authenticate'],
  [0x80, 'casud', 'Unspecified error'],
  [0x81, 'cd', 'Malformed Packet'],
  [0x82, 'cd', 'Protocol Error'],
  [0x83, 'casud', 'Implementation specific error'],
  [0x84, 'c', 'Unsupported Protocol Version'],
  [0x85, 'c', 'Client Identifier not valid'],
  [0x86, 'c', 'Bad User Name or Password'],
  [0x87, 'casud', 'Not authorized'],
  [0x88, 'c', 'Server unavailable'],
  [0x89, 'cd', 'Server busy'],
  [0x8a, 'c', 'Banned'],
  [0x8b, 'd', 'Server shutting down'],
  [0x8c, 'cd', 'Bad authentication method'],
  [0x8d, 'd', 'Keep Alive timeout'],
  [0x8e, 'd', 'Session taken over'],
  [0x8f, 'sud', 'Topic Filter invalid'],
  [0x90, 'cad', 'Topic Name invalid'],
  [0x91, 'asu', 'Packet Identifier in use'],
  [0x92, 'l', 'Packet Identifier not found'],
  [0x93, 'd', 'Receive Maximum exceeded'],
  [0x94, 'd', 'Topic Alias invalid'],
  [0x95, 'cd', 'Packet too large'],
  [0x96, 'd', 'Message rate too high'],
  [0x97, 'casd', 'Quota exceeded'],
  [0x98, 'd', 'Administrative action'],
  [0x99, 'cad', 'Payload format invalid'],
  [0x9a, 'cd', 'Retain not supported'],
  [0x9b, 'cd', 'QoS not supported'],
  [0x9c, 'cd', 'Use another server'],
  [0x9d, 'cd', 'Server moved'],
  [0x9e, 'sd', 'Shared Subscriptions not supported'],
  [0x9f, 'cd', 'Connection rate exceeded'],
  [0xa0, 'd', 'Maximum connect time'],
  [0xa1, 'sd', 'Subscription Identifiers not supported'],
  [0xa2, 'sd', 'Wildcard Subscriptions not supported'],
];

/** The specification's name of a Reason Code; empty for a value that it does not define. */
export function reasonName(code: number): string {
  return CODES.find(([value]) => value === code)?.[2] ?? '';
}

/** Whether 5.0 lets the code stand in this packet. DISCONNECT takes 0x8C from table 2-6. */
export function mayStandIn(code: number, type: PacketType): boolean {
  const places = CODES.find(([value]) => value === code)?.[1];
  return places?.includes(LETTERS[type] ?? ' ') ?? false;
}
