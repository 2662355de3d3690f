/**
 * Packets as a capture file that Wireshark reads: each connection is one of TCP between two addresses for documentation
 * (RFC 5737), with headers of Ethernet and IPv4 around it. It does not know what packets mean.
 */

import { encode } from '../packets/encode.js';
import type { PacketEntry } from './entry.js';

const CLIENT = [192, 0, 2, 1];
const SERVER = [192, 0, 2, 2];
const MQTT_PORT = 1883;
/** Of the first connection. */
const CLIENT_PORT = 49_152;

/** Bytes of a packet that go into one segment: those of an IPv4 packet are counted in 16 bits. */
const SEGMENT = 65_000;

const FIN = 1;
const SYN = 2;
const PUSH = 8;
const ACK = 16;

/** What one end of a connection has sent. */
interface End {
  readonly address: readonly number[];
  readonly port: number;
  next: number;
}

export function pcap(packets: readonly PacketEntry[], connects: readonly PacketEntry[]): Uint8Array {
  const file = new Capture();
  /** The engine of a worker, or of another page, counts its connections anew: each CONNECT begins one. */
  let [client, server]: [End, End] | [undefined, undefined] = [undefined, undefined];
  let connection = 0;
  let ports = CLIENT_PORT;
  for (const packet of packets) {
    const { time, direction, bytes } = packet;
    if (!client || !server || packet.connection !== connection || packet.type === 'connect') {
      if (client && server) {
        file.segment(time, client, server, FIN | ACK);
        file.segment(time, server, client, FIN | ACK);
      }
      connection = packet.connection;
      client = { address: CLIENT, port: ports++, next: 0 };
      server = { address: SERVER, port: MQTT_PORT, next: 0 };
      file.segment(time, client, server, SYN);
      file.segment(time, server, client, SYN | ACK);
      file.segment(time, client, server, ACK);
      if (packet.type !== 'connect') {
        file.send(time, client, server, beginning(packet, connects));
      }
    }
    const [from, to] = direction === 'sent' ? [client, server] : [server, client];
    file.send(time, from, to, bytes);
  }
  return file.bytes;
}

/** A CONNECT for a connection whose own is not there. */
function beginning({ connection, protocol, time }: PacketEntry, connects: readonly PacketEntry[]): Uint8Array {
  const known = connects.filter((connect) => connect.connection === connection && connect.time <= time).at(-1);
  return (
    known?.bytes ??
    encode({ type: 'connect', version: protocol, clientIdentifier: '', cleanStart: true, properties: {} }, protocol)
  );
}

class Capture {
  readonly #pieces: Uint8Array[] = [];
  #identification = 0;

  constructor() {
    // Microseconds, version 2.4, all of each packet, Ethernet.
    const head = new DataView(new ArrayBuffer(24));
    head.setUint32(0, 0xa1b2c3d4);
    head.setUint16(4, 2);
    head.setUint16(6, 4);
    head.setUint32(16, 0x40000);
    head.setUint32(20, 1);
    this.#pieces.push(new Uint8Array(head.buffer));
  }

  get bytes(): Uint8Array {
    const length = this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
    const all = new Uint8Array(length);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  /** Bytes in as many segments as they need, and their acknowledgement. */
  send(time: number, from: End, to: End, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += SEGMENT) {
      this.segment(time, from, to, PUSH | ACK, bytes.subarray(at, at + SEGMENT));
    }
  }

  segment(time: number, from: End, to: End, flags: number, data: Uint8Array = new Uint8Array()): void {
    const length = 20 + 20 + data.length;
    const frame = new Uint8Array(16 + 14 + length);
    const record = new DataView(frame.buffer, 0, 16);
    const micros = Math.round(time * 1000);
    record.setUint32(0, Math.floor(micros / 1e6));
    record.setUint32(4, micros % 1e6);
    record.setUint32(8, 14 + length);
    record.setUint32(12, 14 + length);

    // Locally administered addresses of Ethernet, then IPv4.
    const host = (end: End): number[] => [2, 0, ...end.address];
    frame.set([...host(to), ...host(from), 8, 0], 16);

    const ip = new DataView(frame.buffer, 30, 20);
    ip.setUint16(0, 0x4500);
    ip.setUint16(2, length);
    ip.setUint16(4, this.#identification++ & 0xffff);
    ip.setUint16(6, 0x4000);
    ip.setUint8(8, 64);
    ip.setUint8(9, 6);
    frame.set([...from.address, ...to.address], 42);
    ip.setUint16(10, checksum(frame.subarray(30, 50)));

    const tcp = new DataView(frame.buffer, 50, 20);
    tcp.setUint16(0, from.port);
    tcp.setUint16(2, to.port);
    tcp.setUint32(4, from.next >>> 0);
    tcp.setUint32(8, flags === SYN ? 0 : to.next >>> 0);
    tcp.setUint8(12, 5 << 4);
    tcp.setUint8(13, flags);
    tcp.setUint16(14, 0xffff);
    frame.set(data, 70);
    const pseudo = [...from.address, ...to.address, 0, 6, (20 + data.length) >> 8, (20 + data.length) & 255];
    tcp.setUint16(16, checksum(frame.subarray(50), sum(Uint8Array.from(pseudo))));

    from.next += data.length + (flags & (SYN | FIN) ? 1 : 0);
    this.#pieces.push(frame);
  }
}

function sum(bytes: Uint8Array): number {
  let total = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    total += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }
  return total;
}

/** Of IP and TCP (RFC 1071). */
function checksum(bytes: Uint8Array, start = 0): number {
  let total = start + sum(bytes);
  while (total > 0xffff) {
    total = (total & 0xffff) + Math.floor(total / 0x10000);
  }
  return ~total & 0xffff;
}
