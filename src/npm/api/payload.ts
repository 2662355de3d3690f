/**
 * Text and bytes of the application, checked. It knows what cannot be sent as UTF-8; it does not know what the bytes are
 * for.
 */

import { encode, tag } from '../port/bytes.js';
import { invalid } from './errors.js';
import type { Payload } from './types.js';

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

/** By its tag, as it may be of another realm: a frame's, a window's, or that of a test. */
export function isBuffer(value: unknown): value is ArrayBuffer {
  return tag(value) === 'ArrayBuffer';
}

/** As that, where it has one: those of happy-dom have not. A file is one. Of text and views it is known at once. */
export function isBlob(value: unknown): value is Blob {
  const may = typeof value === 'object' && !ArrayBuffer.isView(value);
  return may && (value instanceof Blob || /^(Blob|File)$/.test(tag(value)));
}

/** What can be sent. */
export function isPayload(value: unknown): value is Payload {
  return typeof value === 'string' || ArrayBuffer.isView(value) || isBuffer(value) || isBlob(value);
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
  if (isBuffer(value)) {
    return new Uint8Array(value);
  }
  throw invalid(`${what} must be text or bytes`);
}
