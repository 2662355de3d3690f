/** Numbers, text and properties as bytes, the way MQTT writes them (5.0, 1.5). It does not know what they are for. */

/** Name-value pairs; order and repeats are kept (5.0). */
export type UserProperties = readonly (readonly [name: string, value: string])[];

/** What the properties of a packet say, as far as an application is told (5.0, 2.2.2.2). */
export interface Properties {
  readonly payloadFormat?: 'bytes' | 'utf-8';
  readonly expiry?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  readonly responseInformation?: string;
  readonly serverReference?: string;
  readonly reasonString?: string;
  readonly userProperties: UserProperties;
}

const encoder = /* @__PURE__ */ new TextEncoder();
/** A byte order mark is part of the text. */
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true });

/** Text in UTF-8. Short text, mostly ASCII, in a loop: an encoder takes a microsecond. */
export function encode(text: string): Uint8Array {
  const { length } = text;
  if (length > 100) {
    return encoder.encode(text);
  }
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code > 127) {
      return encoder.encode(text);
    }
    bytes[at] = code;
  }
  return bytes;
}

export function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** What kind of object it is, of whatever realm. */
export function tag(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Bytes that grow. */
export class Writer {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** An integer in so many bytes, the greatest first. */
  number(value: number, bytes: number): void {
    const at = this.#grow(bytes);
    for (let index = bytes; index-- > 0; value = Math.floor(value / 256)) {
      this.#bytes[at + index] = value;
    }
  }

  /** Bytes after their length, which is an integer in so many bytes. */
  block(block: Uint8Array, bytes: number): void {
    this.number(block.length, bytes);
    const at = this.#grow(block.length);
    this.#bytes.set(block, at);
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(more: number): number {
    const at = this.#length;
    this.#length += more;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(this.#length * 2);
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    return at;
  }
}

const TEXTS: Readonly<Record<number, keyof Properties>> = {
  3: 'contentType',
  8: 'responseTopic',
  26: 'responseInformation',
  28: 'serverReference',
  31: 'reasonString',
};

export const NO_PROPERTIES: Properties = /* @__PURE__ */ Object.freeze({
  userProperties: /* @__PURE__ */ Object.freeze([]),
});

/** Reads properties that the engine has checked; those that are its own business are left out. */
export function readProperties(bytes: Uint8Array): Properties {
  const userProperties: [string, string][] = [];
  const found: Record<string, unknown> = { userProperties };
  let at = 0;
  const number = (count: number): number => {
    let value = 0;
    for (; count > 0; count--) {
      value = value * 256 + (bytes[at++] ?? 0);
    }
    return value;
  };
  const block = (): Uint8Array => {
    const length = number(2);
    at += length;
    return bytes.slice(at - length, at);
  };
  while (at < bytes.length) {
    const id = number(1);
    const name = TEXTS[id];
    if (name) {
      found[name] = decode(block());
    } else if (id === 38) {
      userProperties.push([decode(block()), decode(block())]);
    } else if (id === 1) {
      found.payloadFormat = number(1) ? 'utf-8' : 'bytes';
    } else if (id === 2) {
      found.expiry = number(4);
    } else if (id === 9) {
      found.correlationData = block();
    } else if (id === 35) {
      // Topic Alias.
      at += 2;
    } else {
      // Subscription Identifier, a Variable Byte Integer.
      while (number(1) > 127);
    }
  }
  return found as unknown as Properties;
}
