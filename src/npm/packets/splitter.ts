/** A stream of bytes, cut anywhere, to whole packets. It does not know what a packet holds. */

import type { ProtocolVersion } from '../api/types.js';
import { malformed, PACKET_TOO_LARGE, PacketError, protocolError } from './error.js';
import { firstByte, packetType } from './reason-codes.js';
import { readVarint } from './wire.js';

/** What it holds of a packet that is not whole is copied; a packet that lies in one piece is a view on that. */
export class PacketSplitter {
  /** That of the connection, once CONNECT has told it. */
  version: ProtocolVersion;
  /** Bytes that a packet may have, fixed header included. */
  maximumPacketSize = Number.POSITIVE_INFINITY;
  #held = new Uint8Array();

  constructor(version: ProtocolVersion) {
    this.version = version;
  }

  /** Bytes of a packet that is not whole yet. */
  get held(): number {
    return this.#held.length;
  }

  /**
   * Takes what came and gives the packets that are whole now. What a fixed header alone shows to be wrong fails at once;
   * the packets before it have been given then. `version` and `maximumPacketSize` may change between two packets.
   *
   * @throws {PacketError} from the loop; after that nothing more can be made of the stream
   */
  *push(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    let left = bytes;
    if (this.#held.length > 0) {
      left = new Uint8Array(this.#held.length + bytes.length);
      left.set(this.#held);
      left.set(bytes, this.#held.length);
    }
    this.#held = new Uint8Array();
    try {
      for (;;) {
        const length = packetLength(left, this.version, this.maximumPacketSize);
        if (length === undefined || length > left.length) {
          break;
        }
        const packet = left.subarray(0, length);
        left = left.subarray(length);
        yield packet;
      }
    } finally {
      this.#held = left.slice();
    }
  }
}

/**
 * The length of the packet at the front, fixed header included; `undefined` while that cannot be told.
 *
 * @throws {PacketError} reserved type or flags, a Remaining Length of more than four bytes, more than `maximum` bytes
 */
export function packetLength(bytes: Uint8Array, version: ProtocolVersion, maximum: number): number | undefined {
  const [first] = bytes;
  if (first === undefined) {
    return undefined;
  }
  const type = packetType(first);
  if (!type) {
    throw malformed('packet type 0 is reserved');
  }
  if (type === 'publish') {
    if ((first & 6) === 6) {
      throw malformed('QoS 3 does not exist');
    }
    if ((first & 0xe) === 8) {
      throw protocolError('DUP is set on QoS 0');
    }
  } else if (type === 'auth' && version !== 5) {
    throw protocolError('AUTH does not exist in this version');
  } else {
    // 3.1 uses the DUP bit of these packets.
    const mask = version === 3 && /^(pubrel|subscribe|unsubscribe)$/.test(type) ? 0xf7 : 0xff;
    if ((first & mask) !== firstByte(type)) {
      throw malformed('the flags of the fixed header are wrong');
    }
  }
  const remaining = readVarint(bytes, 1, version === 5);
  if (!remaining) {
    return undefined;
  }
  const length = 1 + remaining[1] + remaining[0];
  if (length > maximum) {
    throw new PacketError('the packet is longer than the Maximum Packet Size', PACKET_TOO_LARGE);
  }
  return length;
}
