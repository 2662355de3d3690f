/** Sizes as they travel. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { ADDONS, MODULES, PARTS } from './entries.mjs';
import { root } from './steps.mjs';

/** The files of the package that a page loads: one of the first two, `wasmqtt.wasm` with the second, the others when first used. */
export const ARTEFACTS = [...[...MODULES, ...PARTS, ...ADDONS].map((name) => `${name}.js`), 'wasmqtt.wasm'];

/** @typedef {{ raw: number, gzip: number, brotli: number }} Size in bytes */

/** @returns {Promise<Record<string, Size>>} of each file of the package by its name */
export async function measured() {
  const entries = ARTEFACTS.map(async (name) => {
    const bytes = await readFile(join(root, 'dist', name));
    const size = {
      raw: bytes.length,
      gzip: gzipSync(bytes, { level: 9 }).length,
      brotli: brotliCompressSync(bytes).length,
    };
    return [name, size];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * One line a file: bytes raw, with gzip and with brotli.
 *
 * @param {Record<string, Size>} sizes
 */
export function lines(sizes) {
  const column = (/** @type {string | number} */ value) => String(value).padStart(9);
  const head = `${'bytes'.padEnd(18)}${['raw', 'gzip', 'brotli'].map(column).join('')}`;
  const row = (/** @type {[string, Size]} */ [name, { raw, gzip, brotli }]) =>
    `${name.padEnd(18)}${[raw, gzip, brotli].map(column).join('')}`;
  return [head, ...Object.entries(sizes).map(row)];
}
