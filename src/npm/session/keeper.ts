/**
 * The store of one engine: gives it what was stored, and stores what it says, a change after the other. It does not know
 * what the records are.
 */

import type { Engine } from '../generated/session/wasmqtt.js';
import { tag } from '../port/bytes.js';
import { isPortError, type PortError, portError } from '../port/failure.js';
import { type Owned, own } from '../port/owner.js';
import { KEEP_SESSION, KEPT, STORE_FAILED, STORED } from '../port/port.js';
import { withClientId } from '../port/settings.js';
import type { SessionChange, SessionRecords, SessionSetup, SessionStore } from '../port/store.js';
import { openIndexedDb } from './indexeddb.js';

/** Milliseconds after which a store that does not answer has failed. */
const LIMIT = 10_000;

/** Milliseconds by which its timer is late where this thread hung; what the store answered may wait yet, and comes within the grace. */
const LATE = 100;
const GRACE = 1_000;

/** Sessions of one name, at most. */
const MOST = 100;

/** In place of the length of a record: it is removed. */
const REMOVED = 0xffff_ffff;

export class Keeper {
  /** Of the session that was opened, where it is another one than the application's. */
  readonly #clientId: string | undefined;
  readonly #records: SessionRecords;
  readonly #release: () => void;
  readonly #broken: (error: PortError) => void;
  #engine: Engine | undefined;
  #done: Promise<void> = Promise.resolve();
  #failed = false;
  /** What is complete is kept until that has been told. */
  readonly #defers: boolean;
  readonly #alone: boolean;
  #deferred: SessionChange[] = [];

  private constructor(
    clientId: string | undefined,
    records: SessionRecords,
    release: () => void,
    broken: (error: PortError) => void,
    { shared = false, alone = false }: SessionSetup,
  ) {
    this.#defers = shared;
    this.#alone = alone;
    this.#clientId = clientId;
    this.#records = records;
    this.#release = release;
    this.#broken = broken;
  }

  /** Opens the session, or one beside it. Throws a `PortError`. `broken` is told of what goes wrong later. */
  static async open(setup: SessionSetup, broken: (error: PortError) => void): Promise<Keeper> {
    const { store, inUse, ended, from } = setup;
    const owner = nameOfMine();
    for (let number = 1; number <= MOST; number++) {
      const name = number === 1 ? setup.name : `${setup.name} ${number}`;
      const first = { waits: inUse === 'wait', ended, from };
      const owning = setup.alone
        ? { release: () => {} }
        : own(name, owner, number === 1 ? first : { waits: false, grace: 0, ended, from });
      const owned = await failing<Pick<Owned, 'release'> | undefined>(Promise.resolve(owning));
      if (owned) {
        const { release } = owned;
        try {
          const records = await failing(timed(opened(store, name, owner, setup.strict)));
          if (setup.persistent) {
            // What the browser decides changes nothing here.
            globalThis.navigator?.storage?.persist?.().catch(() => {});
          }
          const other = number > 1 && setup.clientId !== '' ? `${setup.clientId}-${number}` : undefined;
          return new Keeper(other, records, release, broken, setup);
        } catch (error) {
          release();
          throw error;
        }
      }
      if (inUse !== 'separate' || ended.aborted) {
        break;
      }
    }
    throw portError('session-in-use', 'another client of this origin has this stored session');
  }

  /** Those of the engine, with the client identifier of the session. */
  settings(settings: Uint8Array): Uint8Array {
    return this.#clientId === undefined ? settings : withClientId(settings, this.#clientId);
  }

  /** Gives the engine, which has not begun, what was stored. Throws a `PortError`. */
  async begin(engine: Engine): Promise<void> {
    const wall = Date.now();
    const records = await failing(timed(this.#records.read()));
    const inOrder = [...records].sort(([one], [other]) => one - other);
    let damaged = 0;
    for (const [key, value] of inOrder) {
      damaged += +!(tag(value) === 'Uint8Array' && engine.restore(key, value, wall));
    }
    this.#engine = engine;
    engine.command(KEEP_SESSION, KEPT, wall, 0, '');
    if (damaged > 0) {
      const text = `${damaged} of ${inOrder.length} records of the stored session are damaged, and left out`;
      queueMicrotask(() => this.#broken(portError('session-store', text, undefined, true)));
    }
  }

  /** Stores what the engine says. */
  take(words: Uint32Array, bytes: Uint8Array): void {
    const changes = read(words, bytes);
    if (!this.#defers) {
      this.#add(changes, true);
      return;
    }
    this.#deferred.push(...changes.filter(completes));
    this.#add(
      changes.filter((change) => !completes(change)),
      true,
    );
  }

  /** Whatever the engine had to tell of what it has changed is told. */
  told(): void {
    const changes = this.#deferred;
    if (changes.length > 0) {
      this.#deferred = [];
      this.#add(changes, false);
    }
  }

  /** `asked`: the engine waits for it. */
  #add(changes: readonly SessionChange[], asked: boolean): void {
    // A store that is nobody else's is told at once: it keeps the order.
    const early = this.#alone && !this.#failed ? this.#records.write(changes) : undefined;
    early?.catch(() => {});
    this.#done = this.#done.then(() => this.#write(changes, asked, early));
  }

  async #write(changes: readonly SessionChange[], asked: boolean, early: Promise<void> | undefined): Promise<void> {
    if (this.#failed) {
      return;
    }
    try {
      if (changes.length > 0) {
        await failing(timed(early ?? this.#records.write(changes)));
      }
      if (asked) {
        this.#engine?.command(STORED, 0, 0, 0, '');
      }
    } catch (error) {
      // The store of a page that is going is taken from it: in Firefox a page learns of it while its handlers still run.
      // Nothing was stored, so nothing may be told.
      await shown();
      this.#failed = true;
      if (isPortError(error) && error.code === 'session-in-use') {
        // The one who has it now gets what was not stored: it ends here, and is not told.
        this.#broken(error);
        return;
      }
      this.#engine?.command(STORE_FAILED, 0, 0, 0, '');
      // What is stored is of the past from now on: the next page is better off with nothing.
      this.#records.clear().catch(() => {});
      this.#broken(error as PortError);
    }
  }

  /** The engine is gone: what it said last is stored, then another client can have the session. */
  async close(clear: boolean): Promise<void> {
    this.#engine = undefined;
    this.told();
    await this.#done;
    try {
      if (clear) {
        await timed(this.#records.clear());
      }
      await this.#records.close();
    } finally {
      this.#release();
    }
  }
}

function opened(
  store: 'indexeddb' | SessionStore,
  name: string,
  owner: string,
  strict: boolean,
): Promise<SessionRecords> {
  return store === 'indexeddb' ? openIndexedDb(name, owner, strict) : store.open(name);
}

/** Kinds of records, `src/session/records.rs`: a publish, and how far it has come. */
const MESSAGE = 1;
const PROGRESS = 2;
const KIND = 2 ** 50;

/** Whether it is the end of a publish. */
function completes([key, value]: SessionChange): boolean {
  const kind = Math.floor(key / KIND);
  return value === undefined && (kind === MESSAGE || kind === PROGRESS);
}

/** Changes as `src/bindings/batch.rs` lays them out. */
function read(words: Uint32Array, bytes: Uint8Array): SessionChange[] {
  const changes: SessionChange[] = [];
  let from = 0;
  for (let at = 2; at + 2 < words.length; at += 3) {
    const [high = 0, low = 0, length = REMOVED] = words.subarray(at, at + 3);
    const value = length === REMOVED ? undefined : bytes.slice(from, from + length);
    from += value?.length ?? 0;
    changes.push([high * 2 ** 32 + low, value]);
  }
  return changes;
}

/** What is thrown, as an error of the store. */
async function failing<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    throw isPortError(cause) ? cause : portError('session-store', textOf(cause), cause);
  }
}

function textOf(cause: unknown): string {
  const name = (cause as { name?: unknown } | null)?.name;
  return `the session could not be stored${typeof name === 'string' ? `: ${name}` : ''}`;
}

async function timed<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const over = (): void => reject(portError('session-store', `the store did not answer within ${LIMIT} ms`));
    const due = Date.now() + LIMIT;
    timer = setTimeout(() => {
      if (Date.now() - due > LATE) {
        timer = setTimeout(over, GRACE);
      } else {
        over();
      }
    }, LIMIT);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

let hidden = false;
globalThis.addEventListener?.('pagehide', () => {
  hidden = true;
});
globalThis.addEventListener?.('pageshow', () => {
  hidden = false;
});

/** At once, but for a page that was left: when it is back from the cache, if ever. */
async function shown(): Promise<void> {
  if (hidden) {
    await new Promise((resolve) => globalThis.addEventListener('pageshow', resolve, { once: true }));
  }
}

/** 128 bits that no other client has. */
function nameOfMine(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
