/**
 * Sessions that outlive the page, for `cleanSession: false`: which of them may be stored, and how one is forgotten when the
 * application begins clean. It does not know what is in them.
 */

import { connect } from '../index.js';

const NOTE = 'wasmqtt paho session ';

/** Notes that there may be one of that name. */
export function note(name: string): void {
  try {
    localStorage.setItem(NOTE + name, '1');
  } catch {
    // No storage, no session to forget.
  }
}

/** Whether there may be one. */
export function isNoted(name: string): boolean {
  try {
    return localStorage.getItem(NOTE + name) !== null;
  } catch {
    return false;
  }
}

/** Removes what is stored of that name; the server is not told. */
export async function forget(uri: string, name: string): Promise<void> {
  // It waits for credentials that never come: nothing is sent.
  const auth = (): Promise<never> => new Promise(() => {});
  const client = connect(uri, { clientId: '', session: { persist: 'indexeddb', name }, auth });
  try {
    await client.pending();
    await client.clearSession();
    localStorage.removeItem(NOTE + name);
  } catch {
    // Another page has it, or there is no storage: the server's half is gone in any case.
    client.close().catch(() => {});
  }
}
