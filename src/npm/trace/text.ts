/** A line for each entry of a recording. It does not know who reads it. */

import { reasonName } from '../packets/reason-codes.js';
import type { Packet, Properties } from '../packets/types.js';
import type { Entry, PacketEntry } from './entry.js';

/** Characters of a payload that are shown. */
const SHOWN = 60;

export function textOf(entries: readonly Entry[], fields: (entry: PacketEntry) => Packet | undefined): string {
  const [first] = entries;
  const begin = first?.time ?? 0;
  const lines = entries.map((entry) => {
    const time = `+${((entry.time - begin) / 1000).toFixed(6)}`.padStart(13);
    if (entry.kind === 'event') {
      const { event, detail, closeCode } = entry;
      return `${time}   ·   ${event} ${detail}${closeCode === undefined ? '' : ` (close code ${closeCode})`}`;
    }
    const { direction, connection, type, length, error } = entry;
    const packet = fields(entry);
    const said = packet ? summary(packet) : `breaks the specification: ${error ?? 'it cannot be read'}`;
    return `${time} ${connection} ${direction === 'sent' ? '→' : '←'} ${(type ?? 'reserved').toUpperCase()} ${said} [${length}]`;
  });
  return [...(first ? [`begun at ${new Date(begin).toISOString()}`] : []), ...lines]
    .map((line) => `${line}\n`)
    .join('');
}

function summary(packet: Packet): string {
  switch (packet.type) {
    case 'connect': {
      const { version, clientIdentifier, cleanStart, keepAlive, username, password, will } = packet;
      const parts = [
        { 3: '3.1', 4: '3.1.1', 5: '5.0' }[version],
        JSON.stringify(clientIdentifier),
        cleanStart && 'clean start',
        `keep alive ${keepAlive} s`,
        username !== undefined && 'user name',
        password && 'password',
        will && `will to ${JSON.stringify(will.topic)}`,
      ];
      return parts.filter(Boolean).join(', ') + properties(packet.properties);
    }
    case 'publish': {
      const { topic, qos, retain, duplicate, packetIdentifier, payload } = packet;
      const flags = `${qos ? ` id ${packetIdentifier}` : ''}${retain ? ' retain' : ''}${duplicate ? ' dup' : ''}`;
      return `${JSON.stringify(topic)} QoS ${qos}${flags}${properties(packet.properties)}: ${shown(payload)}`;
    }
    case 'subscribe':
      return `id ${packet.packetIdentifier}: ${packet.subscriptions
        .map(({ filter, qos }) => `${JSON.stringify(filter)} QoS ${qos}`)
        .join(', ')}${properties(packet.properties)}`;
    case 'unsubscribe':
      return `id ${packet.packetIdentifier}: ${packet.filters.map((filter) => JSON.stringify(filter)).join(', ')}`;
    case 'suback':
    case 'unsuback':
      return `id ${packet.packetIdentifier}: ${packet.reasonCodes.map(reason).join(', ')}${properties(packet.properties)}`;
    case 'connack':
      return `${reason(packet.reasonCode)}${packet.sessionPresent ? ', session present' : ''}${properties(packet.properties)}`;
    case 'pingreq':
    case 'pingresp':
      return '';
    default: {
      const id = 'packetIdentifier' in packet ? `id ${packet.packetIdentifier} ` : '';
      return `${id}${reason(packet.reasonCode)}${properties(packet.properties)}`;
    }
  }
}

function reason(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')} ${reasonName(code)}`.trimEnd();
}

function properties(all: Properties): string {
  const pairs = Object.entries(all).map(
    ([name, value]) => `${name} ${value instanceof Uint8Array ? `${value.length} bytes` : JSON.stringify(value)}`,
  );
  return pairs.length > 0 ? ` {${pairs.join(', ')}}` : '';
}

function shown(payload: Uint8Array): string {
  const text = new TextDecoder().decode(payload.subarray(0, SHOWN));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is no text is told by its length
  return payload.length === 0 || /[\0-\x08\x0e-\x1f\ufffd]/.test(text)
    ? `${payload.length} bytes`
    : `${JSON.stringify(text)}${payload.length > SHOWN ? ` … ${payload.length} bytes` : ''}`;
}
