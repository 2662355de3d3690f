/**
 * A folder for each module that is imported by a name below the package's, beside `dist`: tools that know no `exports` (Parcel as it
 * comes, TypeScript's `node10`, older plug-ins of Rollup) look there. It does not know what the modules hold.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDONS, MODULES } from './entries.mjs';
import { root } from './steps.mjs';

/** Their names. */
export const FOLDERS = [...MODULES, ...ADDONS].filter((name) => name !== 'index');

/** What is in the folder of a module. @param {string} name */
export const manifestOf = (name) => ({
  type: 'module',
  main: `../dist/${name}.js`,
  types: `../dist/${name}.d.ts`,
  sideEffects: false,
});

export async function folders() {
  for (const name of FOLDERS) {
    await mkdir(join(root, name), { recursive: true });
    await writeFile(join(root, name, 'package.json'), `${JSON.stringify(manifestOf(name), null, 2)}\n`);
  }
}
