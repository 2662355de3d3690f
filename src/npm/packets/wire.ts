/** Reading and writing the data representations of section 1.5: integers, strings, binary data. It does not know packets. */

import { malformed, PacketError } from './error.js';

/** The greatest Variable Byte Integer (5.0, 1.5.5). */
export const VARINT_MAX = 268_435_455;

/** A cursor over the bytes of one packet. */
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      throw malformed('the packet is too short for what it holds');
    }
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at);
  }

  /** Fails when bytes are left over. */
  end(): void {
    if (!this.isEmpty) {
      throw malformed('bytes are left over at the end of the packet');
    }
  }

  /** A big-endian integer of so many bytes. */
  integer(length: 1 | 2 | 4): number {
    return this.take(length).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** Shortest form only [MQTT-1.5.5-1]. */
  varint(): number {
    const [value, length] = readVarint(this.#bytes, this.#at, true) ?? [0, VARINT_MAX];
    this.take(length);
    return value;
  }

  /** Binary Data (5.0, 1.5.6). */
  binary(): Uint8Array {
    return this.take(this.integer(2));
  }

  /** UTF-8 Encoded String: well-formed, and without U+0000 [MQTT-1.5.4-1] [MQTT-1.5.4-2]. */
  string(): string {
    const bytes = this.binary();
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw malformed('a string is not UTF-8');
    }
    if (text.includes('\0')) {
      throw malformed('a string holds U+0000');
    }
    return text;
  }
}

/** A Variable Byte Integer: value and length, `undefined` when bytes are missing. */
export function readVarint(
  bytes: Uint8Array,
  at: number,
  shortestOnly: boolean,
): readonly [number, number] | undefined {
  let value = 0;
  for (let index = 0; index < 4; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) {
      return undefined;
    }
    value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) {
      if (shortestOnly && byte === 0 && index > 0) {
        throw malformed('a length is not in its shortest form');
      }
      return [value, index + 1];
    }
  }
  throw malformed('a length is longer than four bytes');
}

/** Collects the bytes of a packet. */
export class Writer {
  readonly #pieces: (Uint8Array | readonly number[])[] = [];
  #length = 0;

  bytes(bytes: Uint8Array | readonly number[]): this {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  /** A big-endian integer of so many bytes; `from` is its least value. */
  integer(value: number, length: 1 | 2 | 4, from = 0): this {
    inRange(value, from, 256 ** length - 1);
    return this.bytes(Array.from({ length }, (_, index) => (value / 256 ** (length - 1 - index)) & 0xff));
  }

  varint(value: number, from = 0): this {
    inRange(value, from, VARINT_MAX);
    const bytes: number[] = [];
    let left = value;
    do {
      bytes.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
      left >>>= 7;
    } while (left > 0);
    return this.bytes(bytes);
  }

  binary(bytes: Uint8Array): this {
    if (bytes.length > 0xffff) {
      throw new PacketError('a string or binary value is longer than 65,535 bytes');
    }
    return this.integer(bytes.length, 2).bytes(bytes);
  }

  string(text: string): this {
    if (/\0|\p{Surrogate}/u.test(text)) {
      throw new PacketError('a string holds U+0000 or a lone surrogate');
    }
    return this.binary(new TextEncoder().encode(text));
  }

  /** With its length in front, as a Variable Byte Integer. */
  counted(other: Writer): this {
    if (other.#length > VARINT_MAX) {
      throw new PacketError('the packet is longer than 268,435,455 bytes');
    }
    this.varint(other.#length).#pieces.push(...other.#pieces);
    this.#length += other.#length;
    return this;
  }

  /** All that was written. */
  done(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}

function inRange(value: number, from: number, to: number): void {
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new PacketError(`${value} is not from ${from} to ${to}`);
  }
}
