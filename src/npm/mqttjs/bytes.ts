/** Payloads that do what code expects of a Buffer, without one. It does not know what they hold. */

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Encodings that are said in text. */
export type Encoding = 'utf8' | 'utf-8' | 'hex' | 'base64' | 'base64url' | 'latin1' | 'binary' | 'ascii';

/** Bytes of text in that encoding. */
export function encode(text: string, encoding: string = 'utf8'): Uint8Array {
  switch (encoding.toLowerCase()) {
    case 'hex':
      return Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16));
    case 'base64':
    case 'base64url':
      return encode(atob(text.replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, '')), 'latin1');
    case 'latin1':
    case 'binary':
    case 'ascii':
      return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    default:
      return encoder.encode(text);
  }
}

/** What reads a number at an offset. */
type Reader = (offset?: number) => number;

/** A Uint8Array that reads as a Buffer does. */
export class Bytes extends Uint8Array {
  declare readUInt8: Reader;
  declare readInt8: Reader;
  declare readUInt16BE: Reader;
  declare readUInt16LE: Reader;
  declare readInt16BE: Reader;
  declare readInt16LE: Reader;
  declare readUInt32BE: Reader;
  declare readUInt32LE: Reader;
  declare readInt32BE: Reader;
  declare readInt32LE: Reader;
  declare readFloatBE: Reader;
  declare readFloatLE: Reader;
  declare readDoubleBE: Reader;
  declare readDoubleLE: Reader;

  /** Text: `utf8` unless an encoding is given. */
  override toString(encoding: string = 'utf8', start = 0, end = this.length): string {
    const bytes = super.subarray(start, end);
    switch (encoding.toLowerCase()) {
      case 'hex':
        return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
      case 'base64':
        return btoa(binary(bytes));
      case 'base64url':
        return btoa(binary(bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
      case 'latin1':
      case 'binary':
        return binary(bytes);
      case 'ascii':
        return binary(bytes.map((byte) => byte & 0x7f));
      default:
        return decoder.decode(bytes);
    }
  }

  toJSON(): { type: 'Buffer'; data: number[] } {
    return { type: 'Buffer', data: Array.from(this) };
  }

  equals(other: Uint8Array): boolean {
    return this.compare(other) === 0;
  }

  compare(other: Uint8Array): -1 | 0 | 1 {
    const length = Math.min(this.length, other.length);
    let at = 0;
    while (at < length && this[at] === other[at]) {
      at++;
    }
    const [mine, its] = at < length ? [this[at] ?? 0, other[at] ?? 0] : [this.length, other.length];
    return mine < its ? -1 : mine > its ? 1 : 0;
  }

  copy(target: Uint8Array, at = 0, start = 0, end = this.length): number {
    const part = super.subarray(start, Math.min(end, start + target.length - at));
    target.set(part, at);
    return part.length;
  }

  override indexOf(value: number | string | Uint8Array, from = 0, encoding?: string): number {
    if (typeof value === 'number') {
      return super.indexOf(value & 0xff, from);
    }
    const wanted = typeof value === 'string' ? encode(value, encoding) : value;
    for (let at = from < 0 ? Math.max(0, this.length + from) : from; at + wanted.length <= this.length; at++) {
      if (wanted.every((byte, index) => this[at + index] === byte)) {
        return at;
      }
    }
    return -1;
  }

  override includes(value: number | string | Uint8Array, from?: number, encoding?: string): boolean {
    return this.indexOf(value, from, encoding) >= 0;
  }
}

const KINDS = {
  UInt8: 'getUint8',
  Int8: 'getInt8',
  UInt16: 'getUint16',
  Int16: 'getInt16',
  UInt32: 'getUint32',
  Int32: 'getInt32',
  Float: 'getFloat32',
  Double: 'getFloat64',
} as const;

/** Puts what no type of ours says where it is found; once, with the first payload. */
function prepare(): void {
  prepared = true;
  // A view on the same bytes, as a Buffer's is.
  Object.defineProperty(Bytes.prototype, 'slice', { value: Bytes.prototype.subarray });
  for (const [name, get] of Object.entries(KINDS)) {
    for (const end of name.endsWith('8') ? [''] : ['BE', 'LE']) {
      Object.defineProperty(Bytes.prototype, `read${name}${end}`, {
        value(this: Bytes, offset = 0): number {
          return new DataView(this.buffer, this.byteOffset, this.byteLength)[get](offset, end === 'LE');
        },
      });
    }
  }
}

let prepared = false;

/** A Buffer where the page, or Node, has them; else what does what code expects of one. */
export type MessagePayload = typeof globalThis extends { Buffer: { alloc(size: number): infer B } } ? B : Bytes;

interface Buffers {
  from(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array;
}

/** A view on those bytes. */
export function payloadOf(bytes: Uint8Array): MessagePayload {
  const { Buffer } = globalThis as unknown as { Buffer?: Buffers };
  const made = Buffer ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytesOf(bytes);
  return made as MessagePayload;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): Bytes {
  if (!prepared) {
    prepare();
  }
  return new Bytes(buffer as ArrayBuffer, byteOffset, byteLength);
}

function binary(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
