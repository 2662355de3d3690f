/**
 * One page among those that share a connection, as the leader sees it: what it is told waits here until the page has taken
 * what it was told before. It does not know what is told.
 */

import type { Batch } from '../port/port.js';
import { posted } from '../port/posted.js';
import { Outbox } from './events.js';
import type { ToMember } from './messages.js';

/** How a page is reached: by messages, or, the leader's own, at once. */
export interface Line {
  post(message: Message): void;
  close(): void;
  /** There where the page is the leader's own. */
  readonly take: ((batch: Batch) => void) | undefined;
}

/** Without who says it. */
export type Message = ToMember extends infer All ? (All extends unknown ? Omit<All, 'hub'> : never) : never;

/** Bytes that may wait for a page before the server is braked. */
const MUCH = 1024 * 1024;

/** Milliseconds in which a page takes what it is told. */
const PATIENCE = 5_000;

export class Seat {
  readonly id: string;
  readonly out = new Outbox();
  /** The hub's tokens of what the page asked for and was not answered, by the page's. */
  readonly asked = new Map<number, number>();
  /** Deliveries that the page has to acknowledge, each as often as it says. */
  readonly owed = new Map<number, number>();
  /** It has asked for a connection. */
  connected = false;
  /** What to do when the last of what it asked for is answered. */
  drained: (() => void) | undefined;
  gone = false;
  readonly #line: Line;
  readonly #stats: () => ArrayLike<number>;
  readonly #late: () => void;
  #untaken = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `late`: it does not take what it is told. */
  constructor(id: string, line: Line, stats: () => ArrayLike<number>, late: () => void) {
    this.id = id;
    this.#line = line;
    this.#stats = stats;
    this.#late = late;
  }

  /** Whether so much waits that no more should come. */
  get isFull(): boolean {
    return this.out.size > MUCH;
  }

  get isLocal(): boolean {
    return this.#line.take !== undefined;
  }

  post(message: Message): void {
    if (!this.gone) {
      this.#line.post(message);
    }
  }

  /** Tells what waits, if the page has taken what it was told before, or for the `last` time. */
  flush(last = false): void {
    if (this.gone || (this.#untaken && !last) || this.out.isEmpty) {
      return;
    }
    const batch = this.out.take();
    if (this.#line.take) {
      this.#line.take(batch);
      return;
    }
    if (!last) {
      this.#untaken = true;
      this.#await();
    }
    this.#line.post({ told: posted(batch, this.#stats(), false) });
  }

  /** Asks whether it is there. */
  ask(): void {
    if (!this.#untaken && !this.#line.take) {
      this.#untaken = true;
      this.#await();
      this.#line.post({ there: true });
    }
  }

  taken(): void {
    this.#untaken = false;
    clearTimeout(this.#timer);
    this.flush();
  }

  /** It is told nothing more. */
  leave(): void {
    this.gone = true;
    clearTimeout(this.#timer);
    this.#line.close();
  }

  #await(): void {
    this.#timer = setTimeout(() => this.#late(), PATIENCE);
  }
}
