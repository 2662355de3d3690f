/**
 * Frames that were sent and received, to packets: read, and without secrets. It does not know who listens.
 */

import type { PacketEvent, ProtocolVersion } from '../api/types.js';
import { decode } from '../packets/decode.js';
import { encode } from '../packets/encode.js';
import { packetType } from '../packets/reason-codes.js';
import { mayHoldSecrets, withoutSecrets } from './secrets.js';
import { Stream } from './stream.js';

/** The kinds of frames, as `Tapped` of `src/bindings/batch.rs` has them. */
const RECEIVED = 0;
const SENT = 1;
const BEGIN = 2;

export class Tap {
  readonly #received = new Stream();
  readonly #sent = new Stream();
  readonly #emit: (packet: PacketEvent) => boolean;
  #connection = 0;

  /** `emit` tells whether somebody listened. */
  constructor(emit: (packet: PacketEvent) => boolean) {
    this.#emit = emit;
  }

  /** False where nobody listened to the last packet in it, or where some were not told: it is to be asked for again. */
  take(kind: number, number: number, long: number, bytes: Uint8Array): 'heard' | 'unheard' | 'gap' {
    if (kind === BEGIN) {
      this.#begin(long, bytes);
      this.#version = (number || 5) as ProtocolVersion;
      return 'heard';
    }
    if (kind !== RECEIVED && kind !== SENT) {
      return 'gap';
    }
    if (number !== this.#connection) {
      if (this.#connection > 0) {
        this.#begin();
      }
      this.#connection = number;
    }
    const sent = kind === SENT;
    let heard = true;
    for (const packet of (sent ? this.#sent : this.#received).push(bytes)) {
      heard = this.#emit(this.#read(packet, sent, long / 1000));
    }
    return heard ? 'heard' : 'unheard';
  }

  #begin(skip = 0, head?: Uint8Array): void {
    this.#connection = 0;
    this.#received.begin(skip, head);
    this.#sent.begin();
  }

  set #version(version: ProtocolVersion) {
    this.#received.version = version;
    this.#sent.version = version;
  }

  #read(bytes: Uint8Array, sent: boolean, time: number): PacketEvent {
    const direction = sent ? 'sent' : 'received';
    const type = packetType(bytes[0] ?? 0);
    const told = { direction, type, length: bytes.length, time, connection: this.#connection } as const;
    try {
      const packet = decode(bytes, this.#received.version, sent ? 'client' : 'server');
      if (packet.type === 'connect') {
        this.#version = packet.version;
      }
      const protocol = this.#received.version;
      const shown = withoutSecrets(packet);
      return { ...told, protocol, packet: shown, bytes: shown === packet ? bytes : encode(shown, protocol) };
    } catch (error) {
      const protocol = this.#received.version;
      const hidden = mayHoldSecrets(bytes[0]) ? bytes.subarray(0, 1) : bytes;
      return { ...told, protocol, packet: undefined, bytes: hidden, error: (error as Error).message };
    }
  }
}
