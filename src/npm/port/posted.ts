/** What goes through a port, as plain data that can be posted to another thread or page. It does not know where it goes. */

import { isPortError, type PortError, portError } from './failure.js';
import type { Batch } from './port.js';

/** What `Port.send` takes. */
export type Command = readonly [
  kind: number,
  id: number,
  first: number,
  second: number,
  text: string,
  data: Uint8Array | undefined,
  properties: Uint8Array | undefined,
];

/** Events, as `Batch` has them; the buffers one after the other in `small`, but for those that came by themselves. */
export interface Told {
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
  readonly small: Uint8Array;
  /** Where in `small` each buffer ends. */
  readonly ends: Uint32Array;
  readonly large: readonly (readonly [index: number, buffer: Uint8Array])[];
  readonly stats: ArrayLike<number>;
}

/** Bytes from which a buffer goes by itself. */
const LARGE = 16 * 1024;

/** `owned`: the buffers are nobody else's, and may be transferred. */
export function posted({ words, bytes, buffers }: Batch, stats: ArrayLike<number>, owned: boolean): Told {
  const ends = new Uint32Array(buffers.length);
  let end = 0;
  for (const [index, buffer] of buffers.entries()) {
    end += buffer.length < LARGE ? buffer.length : 0;
    ends[index] = end;
  }
  const small = new Uint8Array(end);
  const large: [number, Uint8Array][] = [];
  for (const [index, buffer] of buffers.entries()) {
    if (buffer.length < LARGE) {
      small.set(buffer, (ends[index] ?? 0) - buffer.length);
    } else {
      large.push([index, owned ? buffer : buffer.slice()]);
    }
  }
  return { words: words.slice(), bytes: bytes.slice(), small, ends, large, stats };
}

export function batchOf({ words, bytes, small, ends, large }: Told): Batch {
  const buffers: Uint8Array[] = new Array(ends.length);
  let begin = 0;
  for (let index = 0; index < ends.length; index++) {
    const end = ends[index] ?? begin;
    buffers[index] = small.subarray(begin, end);
    begin = end;
  }
  for (const [index, buffer] of large) {
    buffers[index] = buffer;
  }
  return { words, bytes, buffers };
}

/** An error, as far as it can be posted everywhere. */
export interface Failure {
  readonly message: string;
  /** Of a port. */
  readonly code: PortError['code'] | undefined;
  readonly goesOn: boolean;
  readonly name: string;
}

export function failureOf(error: unknown): Failure {
  const { message = '', name = 'Error' } = error instanceof Error ? error : {};
  return isPortError(error)
    ? { message, name, code: error.code, goesOn: error.goesOn }
    : { message, name, code: undefined, goesOn: false };
}

export function errorOf({ code, message, goesOn, name }: Failure): Error {
  return code ? portError(code, message, undefined, goesOn) : Object.assign(new Error(message), { name });
}
