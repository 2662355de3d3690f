/**
 * A session in IndexedDB: a database for each, with its records and who owns it. It does not know what the records are.
 *
 * Layout 1: object stores `records` and `owner`, both with keys of their own; the owner stands under 0.
 */

import { type IDBPDatabase, openDB, unwrap } from 'idb';
import { portError } from '../port/failure.js';
import type { SessionChange, SessionRecords } from '../port/store.js';

const LAYOUT = 1;
const RECORDS = 'records';
const OWNER = 'owner';

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
    await database.put(OWNER, owner, 0);
  } catch (error) {
    database.close();
    throw error;
  }
  return new IndexedDbRecords(database, owner, strict ? 'strict' : 'relaxed');
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
    const owner = unwrap(transaction.objectStore(OWNER)).get(0);
    const records = unwrap(transaction.objectStore(RECORDS));
    let taken = false;
    owner.onsuccess = () => {
      taken = owner.result !== this.#owner;
      if (taken) {
        transaction.abort();
      } else {
        change(records);
        transaction.commit();
      }
    };
    await done.catch((cause) => {
      throw taken ? portError('session-in-use', 'another client has taken the stored session over') : cause;
    });
  }
}
