/**
 * Builds the page with Vite below `target/www`, unless nothing that goes into it has changed since the last time.
 * It does not build the package that the page imports: `dist` has to be there.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';

const INPUTS = [
  'dist',
  'www/src',
  'www/public',
  'www/index.html',
  'www/vite.config.ts',
  'www/tsconfig.json',
  'package-lock.json',
];

/**
 * @param {string} root the project's folder
 * @returns {Promise<string>} the folder of the built page
 */
export async function buildPage(root) {
  if (!existsSync(join(root, 'dist', 'index.js')))
    throw new Error('The package is not built yet: run `npm run build` first');
  const parent = join(root, 'target', 'www');
  const name = (await hashOf(root, INPUTS)).slice(0, 16);
  const output = join(parent, name);
  if (existsSync(output)) return output;

  // Built aside and renamed, so that two that build at once don't see each other's halves.
  const aside = join(parent, `${name}.${process.pid}`);
  const { build } = await import('vite');
  await build({ configFile: join(root, 'www', 'vite.config.ts'), logLevel: 'warn', build: { outDir: aside } });
  await rename(aside, output).catch(() => rm(aside, { recursive: true, force: true }));
  await removeOlder(parent, name);
  return output;
}

/** Earlier builds; what a process is building right now has its number in the name and stays. */
async function removeOlder(parent, name) {
  for (const entry of await readdir(parent)) {
    if (entry !== name && !/\.\d+$/.test(entry)) await rm(join(parent, entry), { recursive: true, force: true });
  }
}

/** A hash over the names and the contents of all files in the given files and folders. */
async function hashOf(root, names) {
  const hash = createHash('sha256');
  for (const name of names) {
    for (const file of await filesIn(join(root, name))) {
      const content = await readFile(file);
      hash.update(`${relative(root, file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

/** @returns {Promise<string[]>} sorted, so that the order of the folder does not matter */
async function filesIn(path) {
  if (!existsSync(path)) return [];
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => undefined);
  if (entries === undefined) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
