/**
 * The newest messages, bounded by count and by bytes: a ring in which each has a number that never changes.
 * It does not know how they are shown.
 */
import type { Message } from 'wasmqtt';
import { preview } from '../lib/payload.js';

export class Entry {
  readonly number: number;
  /** `Date.now()` at arrival. */
  readonly time: number;
  readonly message: Message;
  #preview: string | undefined;

  constructor(number: number, time: number, message: Message) {
    this.number = number;
    this.time = time;
    this.message = message;
  }

  /** The payload on one line; worked out when it is first looked at. */
  get preview(): string {
    this.#preview ??= preview(this.message.payload);
    return this.#preview;
  }
}

export class Ring {
  readonly #capacity: number;
  readonly #maxBytes: number;
  readonly #entries: (Entry | undefined)[] = [];
  #first = 0;
  #next = 0;
  #bytes = 0;

  constructor(capacity: number, maxBytes: number) {
    this.#capacity = capacity;
    this.#maxBytes = maxBytes;
  }

  /** The number of the oldest message that is kept. */
  get first(): number {
    return this.#first;
  }

  /** The number the next message gets; the newest one's plus 1. */
  get next(): number {
    return this.#next;
  }

  push(message: Message, time: number): Entry {
    const size = message.payload.length;
    while (
      this.#first < this.#next &&
      (this.#next - this.#first >= this.#capacity || this.#bytes + size > this.#maxBytes)
    ) {
      this.#drop();
    }
    const entry = new Entry(this.#next, time, message);
    this.#entries[this.#next % this.#capacity] = entry;
    this.#next += 1;
    this.#bytes += size;
    return entry;
  }

  at(number: number): Entry | undefined {
    return number >= this.#first && number < this.#next ? this.#entries[number % this.#capacity] : undefined;
  }

  clear(): void {
    this.#entries.length = 0;
    this.#first = this.#next;
    this.#bytes = 0;
  }

  #drop(): void {
    const slot = this.#first % this.#capacity;
    this.#bytes -= this.#entries[slot]?.message.payload.length ?? 0;
    this.#entries[slot] = undefined;
    this.#first += 1;
  }
}

/** The numbers of a ring's messages whose topic passes; each message is looked at once. */
export class FilteredNumbers {
  readonly #ring: Ring;
  readonly #passes: (topic: string) => boolean;
  readonly #verdicts = new Map<string, boolean>();
  #numbers: number[] = [];
  #start = 0;
  #scanned: number;

  constructor(ring: Ring, passes: (topic: string) => boolean) {
    this.#ring = ring;
    this.#passes = passes;
    this.#scanned = ring.first;
  }

  /** Takes in what came since the last call, up to and without `end`. */
  update(end: number): void {
    for (let number = Math.max(this.#scanned, this.#ring.first); number < end; number += 1) {
      const topic = this.#ring.at(number)?.message.topic;
      if (topic !== undefined && this.#verdict(topic)) this.#numbers.push(number);
    }
    this.#scanned = Math.max(this.#scanned, end);
    while (this.#start < this.#numbers.length && (this.#numbers[this.#start] ?? 0) < this.#ring.first) this.#start += 1;
    if (this.#start > 4_096) {
      this.#numbers = this.#numbers.slice(this.#start);
      this.#start = 0;
    }
  }

  get length(): number {
    return this.#numbers.length - this.#start;
  }

  /** Index 0 is the newest. */
  newest(index: number): number | undefined {
    return this.#numbers[this.#numbers.length - 1 - index];
  }

  /** The place of a message, counted from the newest; -1 when it is not here. */
  indexOf(number: number): number {
    const at = this.#numbers.lastIndexOf(number);
    return at < this.#start ? -1 : this.#numbers.length - 1 - at;
  }

  #verdict(topic: string): boolean {
    let verdict = this.#verdicts.get(topic);
    if (verdict === undefined) {
      verdict = this.#passes(topic);
      if (this.#verdicts.size >= 10_000) this.#verdicts.clear();
      this.#verdicts.set(topic, verdict);
    }
    return verdict;
  }
}
