/**
 * Text and bytes of the application, checked. It knows what cannot be sent as UTF-8; it does not know what the bytes are
 * for.
 */

import { encode } from '../port/bytes.js';
import { invalid } from './errors.js';

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether UTF-8 can say it. */
export function isWellFormed(text: string): boolean {
  return (text as { isWellFormed?: () => boolean }).isWellFormed?.() ?? !LONE_SURROGATE.test(text);
}

/** The text, which UTF-8 can say. `what` names it in the error. */
export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string' || !isWellFormed(value)) {
    throw invalid(`${what} must be well-formed text`);
  }
  return value;
}

/** The bytes: of text a new array, of anything else a view. */
export function bytesOf(value: unknown, what: string): Uint8Array {
  if (typeof value === 'string') {
    return encode(textOf(value, what));
  }
  if (value instanceof Uint8Array) {
    return value;
  }
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (value instanceof ArrayBuffer) {
    return new Uint8Array(value);
  }
  throw invalid(`${what} must be text or bytes`);
}
