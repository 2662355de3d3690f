/**
 * What whoever leads next inherits, where the session is not stored: other pages have its records, too. It does not know what
 * the records are, nor who leads next.
 */

import type { Owned } from '../port/owner.js';
import type { SessionSetup } from '../port/store.js';
import type { Guard } from './guard.js';
import type { Heirloom } from './heirloom.js';
import type { Hub } from './hub.js';
import { isThere, nextOf } from './line.js';
import type { Records, ToGroup } from './messages.js';
import { Replica } from './replica.js';
import type { Seat } from './seat.js';

/** Pages that have the records: two, as one may die with this page; more where who dies is missed late, for want of Web Locks. */
const HEIRS = globalThis.navigator?.locks ? 2 : 4;

/** The one who leads, as far as that goes. */
export interface Testator {
  readonly id: string;
  readonly group: string;
  /** To all pages. */
  readonly all: BroadcastChannel;
  readonly seats: ReadonlyMap<string, Seat>;
  readonly owned: Owned;
  readonly guard: Guard;
  /** What was posted before is on its way. */
  caughtUp(): Promise<void>;
}

export class Estate {
  readonly #of: Testator;
  #replica: Replica | undefined;
  #heirs: readonly Seat[] = [];
  #inherited: (records: Records | undefined) => void = () => {};

  constructor(of: Testator) {
    this.#of = of;
  }

  /** The records of the session, where it is not stored. */
  get records(): Records | undefined {
    return this.#replica?.records;
  }

  /** A session in memory, with what `heirloom` has of it or another page gives; `hub` goes on with the answers that are kept. */
  async session(heirloom: Heirloom, hub: Hub, ended: AbortSignal): Promise<SessionSetup> {
    const { id, group, all, owned, guard } = this.#of;
    const records = await heirloom.inherit(
      id,
      all,
      (page) => isThere(group, page),
      (take) => {
        this.#inherited = take;
      },
    );
    const store = new Replica(records, (keep) => {
      if (owned.lost.aborted) {
        return undefined;
      }
      if (this.#heirs.length === 0) {
        // A page that comes may have taken its place.
        return guard.sure();
      }
      for (const heir of this.#heirs) {
        heir.post({ keep, all: false });
      }
      // What is posted is still in this page for a moment, and would die with it.
      return this.#of.caughtUp();
    });
    this.#replica = store;
    hub.inherit(records, (changes) => store.note(changes));
    return {
      store,
      name: group,
      clientId: '',
      strict: false,
      inUse: 'fail',
      alone: true,
      shared: true,
      stops: false,
      persistent: false,
      ended,
    };
  }

  /** A page gave what it had, which was asked for. */
  inherited(records: Records | undefined): void {
    this.#inherited(records);
  }

  /** Somebody has the records. */
  bequeath(first?: Seat): void {
    if (!this.#replica) {
      return;
    }
    const living = [...this.#of.seats.values()].filter((seat) => !seat.isLocal && !seat.gone);
    const before = this.#heirs.filter((seat) => living.includes(seat));
    const heirs = [...new Set([...(first ? [first] : []), ...before, ...living])].slice(0, HEIRS);
    for (const heir of heirs.filter((seat) => !before.includes(seat))) {
      heir.post({ keep: this.#replica.records, all: true });
    }
    const changed = heirs.length !== this.#heirs.length || heirs.some((seat) => !this.#heirs.includes(seat));
    this.#heirs = heirs;
    if (changed) {
      this.#sayHeirs();
    }
  }

  /** Best the one who leads next. */
  async bequeathToNext(life: AbortSignal): Promise<void> {
    const id = await nextOf(this.#of.group);
    const seat = this.#of.seats.get(id ?? '');
    if (seat && !seat.gone && !life.aborted) {
      this.bequeath(seat);
    }
  }

  /** Who has the records, to a page that has just come. */
  announce(): void {
    if (this.#heirs.length > 0) {
      this.#sayHeirs();
    }
  }

  #sayHeirs(): void {
    this.#of.all.postMessage({ heirs: this.#heirs.map(({ id }) => id), hub: this.#of.id } satisfies ToGroup);
  }
}
