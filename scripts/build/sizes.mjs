/** Sizes as they travel. */

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/**
 * One line a file: bytes raw, with gzip and with brotli.
 *
 * @param {readonly string[]} files
 */
export async function sizes(files) {
  const column = (/** @type {string | number} */ value) => String(value).padStart(9);
  const lines = [`${'bytes'.padEnd(14)}${['raw', 'gzip', 'brotli'].map(column).join('')}`];
  for (const file of files) {
    const bytes = await readFile(file);
    const row = [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
    lines.push(`${basename(file).padEnd(14)}${row.map(column).join('')}`);
  }
  return lines;
}
