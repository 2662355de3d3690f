/**
 * A session in IndexedDB: a database for each, with its records and who owns it. It does not know what the records are.
 *
 * Layout 1: object stores `records` and `owner`, both with keys of their own; the owner stands under 0, and those before it
 * under their names, with a number that grows. An owner whose thread hangs may come back, and must not write then; nor may what
 * it was writing keep the next one waiting, so no transaction that writes records waits for its thread.
 */

import { type IDBPDatabase, openDB, unwrap } from 'idb';
import { portError } from '../port/failure.js';
import type { SessionChange, SessionRecords } from '../port/store.js';

const LAYOUT = 1;
const RECORDS = 'records';
const OWNER = 'owner';

/** Owners of before that are known. */
const MOST = 64;

/** The records of that session, which are `owner`'s from now on: what an earlier one writes fails. */
export async function openIndexedDb(name: string, owner: string, strict: boolean): Promise<SessionRecords> {
  const database = await openDB(databaseOf(name), LAYOUT, {
    upgrade(db) {
      db.createObjectStore(RECORDS);
      db.createObjectStore(OWNER);
    },
    blocking(_current, _next, event) {
      // A newer version of the page wants another layout, or somebody deletes it: what is written then fails.
      (event.target as IDBDatabase).close();
    },
  });
  try {
    await take(database, owner);
  } catch (error) {
    database.close();
    throw error;
  }
  return new IndexedDbRecords(database, owner, strict ? 'strict' : 'relaxed');
}

async function take(database: IDBPDatabase, owner: string): Promise<void> {
  const transaction = database.transaction(OWNER, 'readwrite');
  const { store, done } = transaction;
  // Of requests that fail they tell.
  done.catch(() => {});
  const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
  const before = keys.flatMap((key, index) =>
    typeof key === 'string' ? [{ key, number: values[index] as number }] : [],
  );
  before.sort((one, other) => other.number - one.number);
  const requests: Promise<unknown>[] = before.slice(MOST).map(({ key }) => store.delete(key));
  const last = values[keys.indexOf(0)] as string | undefined;
  if (last !== undefined) {
    requests.push(store.put((before[0]?.number ?? 0) + 1, last));
  }
  await Promise.all([...requests, store.put(owner, 0), done]);
}

function databaseOf(name: string): string {
  return `wasmqtt ${name}`;
}

class IndexedDbRecords implements SessionRecords {
  readonly #database: IDBPDatabase;
  readonly #owner: string;
  readonly #durability: 'strict' | 'relaxed';

  constructor(database: IDBPDatabase, owner: string, durability: 'strict' | 'relaxed') {
    this.#database = database;
    this.#owner = owner;
    this.#durability = durability;
  }

  async read(): Promise<[number, Uint8Array][]> {
    const transaction = this.#database.transaction(RECORDS);
    const { store } = transaction;
    const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
    return keys.map((key, index) => [key as number, values[index] as Uint8Array]);
  }

  write(changes: readonly SessionChange[]): Promise<void> {
    return this.#change((records) => {
      for (const [key, value] of changes) {
        if (value) {
          records.put(value, key);
        } else {
          records.delete(key);
        }
      }
    });
  }

  clear(): Promise<void> {
    return this.#change((records) => records.clear());
  }

  close(): void {
    this.#database.close();
  }

  async #change(change: (records: IDBObjectStore) => unknown): Promise<void> {
    const transaction = this.#database.transaction([RECORDS, OWNER], 'readwrite', { durability: this.#durability });
    // Of requests that fail the transaction tells.
    const { done } = transaction;
    const owners = unwrap(transaction.objectStore(OWNER));
    // Fails, and all of it, where this one stands among those of before.
    owners.add(0, this.#owner);
    owners.delete(this.#owner);
    change(unwrap(transaction.objectStore(RECORDS)));
    transaction.commit();
    await done.catch((cause) => {
      const taken = (cause as { name?: unknown } | null)?.name === 'ConstraintError';
      throw taken ? portError('session-in-use', 'another client has taken the stored session over') : cause;
    });
  }
}
