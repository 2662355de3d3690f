/** The bytes that a connection received, cut anywhere, to whole packets. It does not know what is in them. */

import type { ProtocolVersion } from '../api/types.js';
import { packetLength } from '../packets/splitter.js';

const NOTHING = new Uint8Array();

export class Stream {
  /** Of the connection. */
  version: ProtocolVersion = 5;
  /** Bytes of a packet that is of no interest. */
  #skip = 0;
  /** What came of a packet that is not whole, in the pieces in which it came. */
  #pieces: Uint8Array[] = [];
  #held = 0;
  /** Bytes from which it is worth looking again. */
  #wanted = 0;
  #broken = false;

  /** Another connection, of which so many bytes are passed over, or these have come. */
  begin(skip = 0, head: Uint8Array = NOTHING): void {
    this.#skip = skip;
    this.#pieces = head.length > 0 ? [head] : [];
    this.#held = head.length;
    this.#wanted = 0;
    this.#broken = false;
  }

  /**
   * Takes what came and gives the packets that are whole now: views on it where they came in one piece. Bytes of which
   * nothing can be made, and all that come after them, are given as one.
   */
  *push(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    let left = bytes.subarray(skipped);
    if (this.#broken && left.length > 0) {
      yield left;
      return;
    }
    if (this.#held > 0) {
      this.#pieces.push(left);
      this.#held += left.length;
      if (this.#held < this.#wanted) {
        return;
      }
      left = joined(this.#pieces, this.#held);
      this.begin();
    }
    while (left.length > 0) {
      const length = this.#lengthOf(left);
      if (length === undefined || length > left.length) {
        this.begin(0, left);
        this.#wanted = length ?? 0;
        return;
      }
      yield left.subarray(0, length);
      left = left.subarray(length);
    }
  }

  #lengthOf(bytes: Uint8Array): number | undefined {
    try {
      return packetLength(bytes, this.version, Number.POSITIVE_INFINITY);
    } catch {
      this.#broken = true;
      return bytes.length;
    }
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
