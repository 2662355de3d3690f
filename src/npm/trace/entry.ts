/** What a recording holds: packets, and what became of the connection. It does not know how it got there. */

import type { PacketEvent, ProtocolVersion } from '../api/types.js';
import { decode } from '../packets/decode.js';
import type { Packet, PacketType } from '../packets/types.js';

/** A packet of a recording, as `PacketEvent` of the client has it; its bytes are its own. */
export interface PacketEntry {
  readonly kind: 'packet';
  readonly time: number;
  readonly direction: 'sent' | 'received';
  readonly connection: number;
  readonly protocol: ProtocolVersion;
  readonly type: PacketType | undefined;
  /** Bytes on the wire. */
  readonly length: number;
  /** Without secrets. */
  readonly bytes: Uint8Array;
  /** What is wrong with it. */
  readonly error: string | undefined;
}

/** What became of the client. */
export interface EventEntry {
  readonly kind: 'event';
  readonly time: number;
  /** The name of the event of the client. */
  readonly event: 'state' | 'connect' | 'disconnect' | 'session-lost' | 'close';
  /** The new state, the code of the error, ... */
  readonly detail: string;
  /** Of the WebSocket, where that ended with a close code. */
  readonly closeCode?: number;
}

export type Entry = PacketEntry | EventEntry;

/** With bytes that keep nothing else in memory. */
export function entryOf(event: PacketEvent): PacketEntry {
  const { time, direction, connection, protocol, type, length, bytes, error } = event;
  return { kind: 'packet', time, direction, connection, protocol, type, length, bytes: bytes.slice(), error };
}

/** The fields of a packet; undefined where it breaks the specification. */
export function fieldsOf({ bytes, protocol, direction }: PacketEntry): Packet | undefined {
  try {
    return decode(bytes, protocol, direction === 'sent' ? 'client' : 'server');
  } catch {
    return undefined;
  }
}
