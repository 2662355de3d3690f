/** A recording as plain data, and back. It does not know what packets mean. */

import type { ProtocolVersion } from '../api/types.js';
import { packetType } from '../packets/reason-codes.js';
import type { Packet } from '../packets/types.js';
import type { Entry, EventEntry, PacketEntry } from './entry.js';

const FORMAT = 'wasmqtt recording';

/** A packet: what is on the wire is `bytes`, in base64 and without secrets; `fields`, without the payload, are for who reads it. */
interface PacketData {
  readonly time: number;
  readonly direction: 'sent' | 'received';
  readonly connection: number;
  readonly protocol: number;
  readonly length: number;
  readonly bytes: string;
  readonly error?: string | undefined;
  readonly fields?: unknown;
}

type EventData = Omit<EventEntry, 'kind'>;

/** What `JSON.stringify` makes of a recording. Times are milliseconds since 1970. */
export interface RecordingData {
  readonly format: typeof FORMAT;
  readonly version: 1;
  readonly dropped: number;
  readonly connects: readonly PacketData[];
  readonly entries: readonly (PacketData | EventData)[];
}

export function dataOf(
  entries: readonly Entry[],
  dropped: number,
  connects: readonly PacketEntry[],
  fields: (entry: PacketEntry) => Packet | undefined,
): RecordingData {
  return {
    format: FORMAT,
    version: 1,
    dropped,
    connects: connects.map((entry) => packetData(entry, undefined)),
    entries: entries.map((entry) => {
      if (entry.kind === 'packet') {
        return packetData(entry, fields(entry));
      }
      const { kind: _, ...event } = entry;
      return event;
    }),
  };
}

function packetData(entry: PacketEntry, packet: Packet | undefined): PacketData {
  const { time, direction, connection, protocol, length, bytes, error } = entry;
  const fields = packet && plain(packet);
  return { time, direction, connection, protocol, length, bytes: base64(bytes), error, fields };
}

/** Bytes by their number: what they are is in `bytes`. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return `${value.length} bytes`;
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  return value && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
    : value;
}

export function entriesOf(data: RecordingData): { entries: Entry[]; dropped: number; connects: PacketEntry[] } {
  if (data?.format !== FORMAT || data.version !== 1 || !Array.isArray(data.entries)) {
    throw new SyntaxError('this is no recording');
  }
  return {
    entries: data.entries.map((entry) => ('bytes' in entry ? packetOf(entry) : { kind: 'event', ...entry })),
    dropped: data.dropped ?? 0,
    connects: (data.connects ?? []).map(packetOf),
  };
}

function packetOf({ time, direction, connection, protocol, length, bytes, error }: PacketData): PacketEntry {
  const read = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0));
  const type = packetType(read[0] ?? 0);
  const version = protocol as ProtocolVersion;
  return { kind: 'packet', time, direction, connection, protocol: version, type, length, bytes: read, error };
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    text += String.fromCharCode(byte);
  }
  return btoa(text);
}
