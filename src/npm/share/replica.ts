/**
 * The records of a session that is not stored: in the memory of the page that leads, and of others, its heirs. It does not know
 * what the records are, but which of them are not the engine's; nor who the heirs are.
 */

import type { SessionChange, SessionRecords, SessionStore } from '../port/store.js';
import { isAnswer } from './answers.js';
import type { Records } from './messages.js';

/** Told of the changes, in their order. What is returned resolves when they arrive even if this page dies. */
export type Keep = (changes: readonly SessionChange[]) => Promise<void> | undefined;

export class Replica implements SessionStore, SessionRecords {
  readonly #all: Map<number, Uint8Array>;
  readonly #keep: Keep;

  constructor(records: Records, keep: Keep) {
    this.#all = new Map(records);
    this.#keep = keep;
  }

  get records(): Records {
    return [...this.#all];
  }

  async open(): Promise<SessionRecords> {
    return this;
  }

  async read(): Promise<Records> {
    return this.records.filter(([key]) => !isAnswer(key));
  }

  /** Beside what the engine has written. */
  note(changes: readonly SessionChange[]): Promise<void> | undefined {
    change(this.#all, changes);
    return this.#keep(changes);
  }

  async write(changes: readonly SessionChange[]): Promise<void> {
    await this.note(changes);
  }

  async clear(): Promise<void> {
    this.#all.clear();
  }

  close(): void {}
}

export function change(records: Map<number, Uint8Array>, changes: readonly SessionChange[]): void {
  for (const [key, value] of changes) {
    if (value) {
      records.set(key, value);
    } else {
      records.delete(key);
    }
  }
}
