/** Who of a group is there, and who leads it next, as the Web Locks tell. It does not know what that is asked for. */

import { lockOf as leaderLockOf } from '../port/owner.js';
import { lockOf } from './names.js';

/** Whether that member is there; where there are no locks, perhaps. */
export async function isThere(group: string, id: string): Promise<boolean> {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  if (!locks) {
    return true;
  }
  const { held = [] } = await locks.query();
  return held.some(({ name }) => name === lockOf(group, id));
}

/** The member that has asked first for the lock of the leader. */
export async function nextOf(group: string): Promise<string | undefined> {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  const { held = [], pending = [] } = (await locks?.query()) ?? {};
  const prefix = lockOf(group, '');
  const next = pending.find(({ name }) => name === leaderLockOf(group));
  const member = held.find(({ name, clientId }) => name?.startsWith(prefix) && clientId === next?.clientId);
  return member?.name?.slice(prefix.length);
}
