/** Values to bytes and back. Which codec reads a message is told by its content type. */

import type { Payload } from '../api/types.js';
import { decode, encode } from '../port/bytes.js';

/** How values are bytes: two functions of any library. */
export interface Codec {
  /**
   * The Content Type of what it writes (5.0, 3.3.2.3.9), and of what it is asked to read. Without one it says none, and reads
   * what no other codec does.
   */
  readonly contentType?: string | undefined;
  encode(value: unknown): Payload;
  /** What it throws says that the payload is not valid. */
  decode(payload: Uint8Array): unknown;
}

/** As `JSON.stringify` and `JSON.parse` do. */
export const json: Codec = {
  contentType: 'application/json',
  encode: (value) => {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) {
      throw new TypeError('JSON has no word for it');
    }
    return text;
  },
  decode: (payload) => JSON.parse(decode(payload)),
};

/** Text in UTF-8. */
export const text: Codec = {
  contentType: 'text/plain',
  encode: (value) => encode(String(value)),
  decode,
};

/**
 * Who reads a message of that content type: without one, as in 3.x, the first; otherwise who has it, or has none.
 */
export function codecFor(codecs: readonly Codec[], contentType: string | undefined): Codec | undefined {
  return contentType === undefined
    ? codecs[0]
    : (codecs.find((codec) => codec.contentType !== undefined && plain(codec.contentType) === plain(contentType)) ??
        codecs.find((codec) => codec.contentType === undefined));
}

/** Without its parameters: `application/json; charset=utf-8` is JSON. */
function plain(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}
