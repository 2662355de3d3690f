/**
 * What a page, or a worker, has of the session for the case that the one who leads dies; and who has it, if another one
 * does. It does not know who leads.
 */

import type { SessionChange } from '../port/store.js';
import type { Records, ToGroup } from './messages.js';
import { change } from './replica.js';

/** Milliseconds in which an heir that lives answers. */
const PATIENCE = 1_000;

export class Heirloom {
  readonly #me: string;
  #records: Map<number, Uint8Array> | undefined;
  #heirs: readonly string[] = [];

  constructor(me: string) {
    this.#me = me;
  }

  /** Who have it now. */
  heirs(ids: readonly string[]): void {
    this.#heirs = ids;
    if (!ids.includes(this.#me)) {
      this.#records = undefined;
    }
  }

  keep(changes: readonly SessionChange[], all: boolean): void {
    if (all) {
      this.#records = new Map();
    }
    if (this.#records) {
      change(this.#records, changes);
    }
  }

  /** As it was when it was the one of this page. */
  put(records: Records): void {
    this.#heirs = [this.#me];
    this.#records = new Map(records);
  }

  /** Who have it, as far as is known here. */
  get ids(): readonly string[] {
    return this.#heirs;
  }

  get records(): Records | undefined {
    return this.#records && [...this.#records];
  }

  /**
   * For a leader of that name: what it goes on with. Where another one has it that `lives`, that is asked; `answered` is called
   * with whoever is told the answer.
   */
  async inherit(
    hub: string,
    group: { postMessage(message: ToGroup): void },
    lives: (id: string) => Promise<boolean>,
    answered: (take: (records: Records | undefined) => void) => void,
  ): Promise<Records> {
    if (this.#records) {
      return [...this.#records];
    }
    const living = await Promise.all(this.#heirs.map(lives));
    if (!living.includes(true)) {
      return [];
    }
    const given = await new Promise<Records | undefined>((resolve) => {
      answered(resolve);
      setTimeout(() => resolve(undefined), PATIENCE);
      group.postMessage({ inherits: hub });
    });
    return given ?? [];
  }
}
