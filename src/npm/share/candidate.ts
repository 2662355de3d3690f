/**
 * A page that stands for the one who leads: it leads whenever nobody does, or in the place of one who does not answer. It does
 * not know what is led.
 */

import { own } from '../port/owner.js';
import type { Open } from '../port/port.js';
import type { Heirloom } from './heirloom.js';
import { Host } from './host.js';
import type { Visit } from './visit.js';

/** What becomes of it. */
export interface Standing {
  /** It knew another one, of whom something may be on its way. */
  follows(): boolean;
  leads(host: Host): void;
  /** Another page leads in its place, as this one did not answer. */
  robbed(host: Host): void;
  /** It leads no more. */
  over(): void;
}

export class Candidate {
  readonly #group: string;
  readonly #id: string;
  readonly #open: Open;
  readonly #heirloom: Heirloom;
  readonly #standing: Standing;
  #rob: (client: string) => Promise<void> = async () => {};

  constructor(group: string, id: string, open: Open, heirloom: Heirloom, standing: Standing) {
    this.#group = group;
    this.#id = id;
    this.#open = open;
    this.#heirloom = heirloom;
    this.#standing = standing;
  }

  /** Takes the place of the one who leads, who has it as that client of the Web Locks. Resolves when it is taken. */
  rob(client: string): Promise<void> {
    return this.#rob(client);
  }

  /** Until the visit ends. */
  async stand(visit: Visit): Promise<void> {
    const ended = visit.signal;
    while (!ended.aborted) {
      const seizing = new AbortController();
      let from: string | undefined;
      const owning = own(this.#group, this.#id, { waits: true, ended, seizes: seizing.signal });
      this.#rob = async (client) => {
        from = client;
        seizing.abort();
        await owning;
      };
      const owned = await owning;
      if (!owned) {
        return;
      }
      if (this.#standing.follows() || this.#heirloom.records) {
        await visit.caughtUp();
      }
      const { lost } = owned;
      if (!ended.aborted && !lost.aborted) {
        const host = new Host(this.#group, 'this-page', this.#open, this.#heirloom, owned, from);
        lost.addEventListener('abort', () => this.#standing.robbed(host));
        this.#standing.leads(host);
        // A page that is frozen does not learn of the end.
        await Promise.race([host.ended, aborted(ended)]);
        this.#standing.over();
      }
      owned.release();
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}
