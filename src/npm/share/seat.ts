/**
 * One page among those that share a connection, as the leader sees it: what it is told waits here until the page has taken
 * what it was told before. It does not know what is told.
 */

import type { Batch } from '../port/port.js';
import { posted } from '../port/posted.js';
import { copy, type Event, Outbox } from './events.js';
import type { ToMember } from './messages.js';

/** How a page is reached: by messages, or, the leader's own, at once. */
export interface Line {
  post(message: Message): void;
  close(): void;
  /** There where the page is the leader's own. */
  readonly take: ((batch: Batch) => void) | undefined;
}

/** To what the page knows by that token. */
type Answer = readonly [token: number, event: Event];

/** Without who says it. */
export type Message = ToMember extends infer All ? (All extends unknown ? Omit<All, 'hub'> : never) : never;

/** Bytes that may wait for a page before the server is braked. */
const MUCH = 1024 * 1024;

/** Milliseconds in which a page takes what it is told. */
const PATIENCE = 5_000;

/** A timer that is that late is of one who hung, or slept, and has not heard yet what came meanwhile. */
const LATE = 1_000;

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
  /** Answers on their way to the page, which may leave before it has them. */
  #answers: Answer[] = [];
  /** What was told and not taken. */
  readonly #untaken: { readonly size: number; readonly answers: readonly Answer[] }[] = [];
  #behind = 0;
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
    return this.#behind + this.out.size > MUCH;
  }

  /** An answer is told. */
  answer(event: Event, token: number): void {
    this.out.add(event, token);
    if (!this.isLocal) {
      this.#answers.push([token, copy(event)]);
    }
  }

  /** Of which it is not known whether the page has them. */
  get untaken(): readonly Answer[] {
    return [...this.#untaken.flatMap(({ answers }) => answers), ...this.#answers];
  }

  get isLocal(): boolean {
    return this.#line.take !== undefined;
  }

  post(message: Message): void {
    if (!this.gone) {
      this.#line.post(message);
    }
  }

  /**
   * Tells what waits, if the page has taken what it was told before; what is acknowledged to the server at once, so that it is
   * on its way should the one who leads die. `last`: nothing follows.
   */
  flush(last = false): void {
    if (this.gone || this.out.isEmpty || (this.#untaken.length > 0 && !this.out.isUrgent && !last)) {
      return;
    }
    const { size } = this.out;
    const batch = this.out.take();
    if (this.#line.take) {
      this.#line.take(batch);
      return;
    }
    if (!last) {
      this.#expect(size);
    }
    this.#line.post({ told: posted(batch, this.#stats(), false) });
  }

  /** Asks whether it is there. */
  ask(): void {
    if (this.#untaken.length === 0 && !this.#line.take) {
      this.#expect(0);
      this.#line.post({ there: true });
    }
  }

  taken(): void {
    this.#behind -= this.#untaken.shift()?.size ?? 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#await();
    this.flush();
  }

  /** It is told nothing more. */
  leave(): void {
    this.gone = true;
    clearTimeout(this.#timer);
    this.#line.close();
  }

  #expect(size: number): void {
    this.#untaken.push({ size, answers: this.#answers });
    this.#answers = [];
    this.#behind += size;
    this.#await();
  }

  #await(): void {
    if (this.#untaken.length > 0 && this.#timer === undefined) {
      const due = Date.now() + PATIENCE;
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        Date.now() - due > LATE ? this.#await() : this.#late();
      }, PATIENCE);
    }
  }
}
