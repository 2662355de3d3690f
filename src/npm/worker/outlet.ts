/**
 * What the engine tells, on its way to the page: at once when little happens, together when much does, and not before the
 * page has handled the last of it. It does not know what is told.
 */

import type { Batch } from '../port/port.js';
import { posted, type Told } from '../port/posted.js';

/** Words from which what was told together was much: about twenty messages. */
const MUCH = 140;

/** Milliseconds from one message to the page to the next, while much happens. */
const PAUSE = 8;

export class Outlet {
  readonly #post: (told: Told, transfer: Transferable[]) => void;
  readonly #cork: (corked: boolean) => void;
  readonly #stats: () => ArrayLike<number>;
  /** Buffers are nobody else's. */
  readonly #owns: boolean;
  /** What was told and not taken: of a stored session there may be more than one. */
  #untaken = 0;
  #posted = 0;
  #much = false;

  constructor(
    post: (told: Told, transfer: Transferable[]) => void,
    cork: (corked: boolean) => void,
    stats: () => ArrayLike<number>,
    owns: boolean,
  ) {
    this.#post = post;
    this.#cork = cork;
    this.#stats = stats;
    this.#owns = owns;
  }

  tell({ words, bytes, buffers }: Batch): void {
    this.#untaken++;
    this.#cork(true);
    this.#much = words.length >= MUCH;
    this.#posted = performance.now();
    const told = posted({ words, bytes, buffers }, this.#stats(), this.#owns);
    const { small, ends, large } = told;
    const arrays = [told.words, told.bytes, small, ends, ...large.map(([, buffer]) => buffer)];
    this.#post(told, [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))]);
  }

  /** The page has handled what it was told first. */
  taken(): void {
    if (--this.#untaken > 0) {
      return;
    }
    const left = this.#much ? this.#posted + PAUSE - performance.now() : 0;
    if (left > 1) {
      setTimeout(() => this.#cork(false), left);
    } else {
      this.#cork(false);
    }
  }
}
