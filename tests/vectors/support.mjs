/**
 * What the servers of these tests have in common: they let everybody in and say in bytes what they answer.
 * It does not know the rows.
 */

import { CONNACK } from '../support/scripted.mjs';

export const VERSIONS = /** @type {const} */ ([4, 5]);

/** @typedef {(bytes: number[] | Buffer) => void} Send */

/**
 * Lets everybody in and answers pings; `more` answers the rest.
 *
 * @param {4 | 5} protocol
 * @param {(packet: Buffer, send: Send) => void} [more]
 */
export const polite =
  (protocol, more = () => {}) =>
  (/** @type {Buffer} */ packet, /** @type {Send} */ send) => {
    if (packet[0] === 0x10) {
      send(CONNACK[protocol]);
    } else if (packet[0] === 0xc0) {
      send([0xd0, 0]);
    } else {
      more(packet, send);
    }
  };

/**
 * PUBLISH without properties.
 *
 * @param {4 | 5} protocol
 * @param {number[]} payload
 */
export const publish = (protocol, payload) => {
  const rest = [0, 1, 0x74, ...(protocol === 5 ? [0] : []), ...payload];
  const length = rest.length < 128 ? [rest.length] : [(rest.length & 127) | 128, rest.length >> 7];
  return Buffer.from([0x30, ...length, ...rest]);
};
