/**
 * Text and bytes of the application, checked and copied. It knows what cannot be sent as UTF-8; it does not know
 * what the bytes are for.
 */

import { invalid } from './errors.js';

const LONE_SURROGATE = /\p{Surrogate}/u;

/** The text, which UTF-8 can say. `what` names it in the error. */
export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string' || LONE_SURROGATE.test(value)) {
    throw invalid(`${what} must be well-formed text`);
  }
  return value;
}

/** The bytes: of text a new array, of anything else a view. */
export function bytesOf(value: unknown, what: string): Uint8Array {
  if (typeof value === 'string') {
    return new TextEncoder().encode(textOf(value, what));
  }
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (value instanceof ArrayBuffer) {
    return new Uint8Array(value);
  }
  throw invalid(`${what} must be text or bytes`);
}

/** A copy of plain data, so that a later change of the original does not matter; functions stay what they are. */
export function snapshot(value: unknown, depth = 5): unknown {
  if (typeof value !== 'object' || value === null || depth === 0) {
    return value;
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return bytesOf(value, '').slice();
  }
  if (Array.isArray(value)) {
    return value.map((item) => snapshot(item, depth - 1));
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, snapshot(item, depth - 1)]));
}
