/**
 * Folders of the user's cache, each made once and then left as it is. It does not know what is in them.
 */

import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './places.mjs';

/**
 * Makes a folder of the cache, in place of one that is there. It is made beside its place and then moved there: a
 * half-made one is never taken for a whole one.
 *
 * @param {string} name
 * @param {(half: string) => Promise<void>} make fills the folder that it is given, or throws
 */
export async function makeCached(name, make) {
  const folder = join(cache, name);
  const half = join(cache, `.${name}.${process.pid}`);
  mkdirSync(cache, { recursive: true });
  removeLeftovers(`.${name}.`);
  try {
    await make(half);
    rmSync(folder, { recursive: true, force: true });
    renameSync(half, folder);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

/** What was interrupted has left something. */
function removeLeftovers(/** @type {string} */ prefix) {
  for (const name of readdirSync(cache)) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : 0;
    if (pid > 0 && !isAlive(pid)) {
      rmSync(join(cache, name), { recursive: true, force: true });
    }
  }
}

function isAlive(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
