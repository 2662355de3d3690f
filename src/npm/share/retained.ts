/**
 * The retained messages that one subscription brought, for who comes late: as long as it is certain that the server has the
 * same. It does not know who is told.
 */

import { readProperties } from '../port/bytes.js';

export interface Kept {
  /** QoS, RETAIN and DUP, as an event has them. */
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly properties: Uint8Array;
  /** When it was told, in milliseconds since 1970. */
  readonly at: number;
}

/** Above either, who comes late has to ask the server. */
const MOST_TOPICS = 1_000;
const MOST_BYTES = 1024 * 1024;

export class Retained {
  readonly #all = new Map<string, Kept>();
  #bytes = 0;

  /** False where it cannot be kept. */
  keep(topic: string, flags: number, payload: Uint8Array, properties: Uint8Array): boolean {
    this.forget(topic);
    const kept = { flags, payload: payload.slice(), properties: properties.slice(), at: Date.now() };
    this.#all.set(topic, kept);
    this.#bytes += size(topic, kept);
    return this.#all.size <= MOST_TOPICS && this.#bytes <= MOST_BYTES;
  }

  forget(topic: string): void {
    const kept = this.#all.get(topic);
    if (kept) {
      this.#all.delete(topic);
      this.#bytes -= size(topic, kept);
    }
  }

  /** Those that have not expired (5.0, 3.3.2.3.3). */
  list(): [topic: string, kept: Kept][] {
    const now = Date.now();
    return [...this.#all].filter(([, { properties, at }]) => {
      const { expiry } = readProperties(properties);
      return expiry === undefined || at + expiry * 1000 > now;
    });
  }
}

function size(topic: string, { payload, properties }: Kept): number {
  return topic.length + payload.length + properties.length;
}
