/** Packets without what nobody may see: user names, passwords, and the data of enhanced authentication. */

import type { Packet } from '../packets/types.js';

/** Stands for a user name, whatever it was. */
const TEXT = '********';

/** Stands for a password and for Authentication Data. */
const BYTES = /* @__PURE__ */ new TextEncoder().encode(TEXT);

/** The types that may hold secrets, by the upper half of the first byte: CONNECT, CONNACK, AUTH. */
const SECRETIVE: readonly number[] = [1, 2, 15];

/** Whether a packet of that first byte may hold a secret. */
export function mayHoldSecrets(firstByte = 0): boolean {
  return SECRETIVE.includes(firstByte >> 4);
}

/** The same packet where it holds none, else one that has something else in their place. */
export function withoutSecrets(packet: Packet): Packet {
  if (packet.type === 'connect') {
    const { username, password } = packet;
    const hidden = { ...(username !== undefined && { username: TEXT }), ...(password && { password: BYTES.slice() }) };
    return hideData(username === undefined && !password ? packet : { ...packet, ...hidden });
  }
  return packet.type === 'connack' || packet.type === 'auth' ? hideData(packet) : packet;
}

function hideData<P extends Extract<Packet, { properties: unknown }>>(packet: P): P {
  return packet.properties.authenticationData
    ? { ...packet, properties: { ...packet.properties, authenticationData: BYTES.slice() } }
    : packet;
}
