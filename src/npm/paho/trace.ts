/** What a client did, for who debugs it: names and numbers, no payloads, user names or passwords. */

import type { TraceFunction } from './types.js';

/** As many lines as are kept. */
const MOST = 100;

export class Trace {
  /** Told of each line. */
  listener: TraceFunction | undefined;
  #lines: string[] | undefined;

  start(): void {
    this.#lines ??= [];
    this.add('Client.startTrace', new Date().toISOString());
  }

  stop(): void {
    this.#lines = undefined;
  }

  log(): string[] | undefined {
    return this.#lines && [...this.#lines];
  }

  add(what: string, ...details: readonly unknown[]): void {
    if (!this.#lines && !this.listener) {
      return;
    }
    const message = [what, ...details.map((detail) => JSON.stringify(detail) ?? 'undefined')].join(' ');
    if (this.#lines) {
      this.#lines.push(message);
      this.#lines.splice(0, this.#lines.length - MOST);
    }
    this.listener?.({ severity: 'Debug', message });
  }
}
