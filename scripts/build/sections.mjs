/** The sections of a module of WebAssembly, and the module without those that no engine needs. */

/** Reads what the format is made of. */
export class Reader {
  /** @param {Uint8Array} bytes @param {number} [at] @param {number} [end] */
  constructor(bytes, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  byte() {
    if (this.at >= this.end) {
      throw new RangeError('The module ends too early');
    }
    this.at += 1;
    return this.bytes[this.at - 1];
  }

  /** An unsigned LEB128 of 32 bits. */
  number() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) {
        return value;
      }
    }
  }

  /** The next `length` bytes, to be read by themselves. */
  part(length = this.number()) {
    if (this.at + length > this.end) {
      throw new RangeError('The module ends too early');
    }
    this.at += length;
    return new Reader(this.bytes, this.at - length, this.at);
  }

  text() {
    const { bytes, at, end } = this.part();
    return new TextDecoder().decode(bytes.subarray(at, end));
  }
}

export const CUSTOM = 0;

/**
 * @typedef {object} Section
 * @property {number} id
 * @property {number} from where it begins, with its id and length
 * @property {number} to
 * @property {Reader} content
 */

/**
 * @param {Uint8Array} bytes
 * @returns {Section[]}
 */
export function sections(bytes) {
  const reader = new Reader(bytes, 8);
  const found = [];
  while (reader.at < bytes.length) {
    const from = reader.at;
    const id = reader.byte();
    const content = reader.part();
    found.push({ id, from, to: content.end, content });
  }
  return found;
}

/**
 * The module without its custom sections: names, producers, target features.
 *
 * @param {Uint8Array} bytes
 */
export function stripped(bytes) {
  const kept = sections(bytes).filter(({ id }) => id !== CUSTOM);
  return Buffer.concat([bytes.subarray(0, 8), ...kept.map(({ from, to }) => bytes.subarray(from, to))]);
}

/** A text with its length. @param {string} text */
export function string(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([leb128(bytes.length), bytes]);
}

/** An unsigned LEB128. @param {number} value */
export function leb128(value) {
  const bytes = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}
