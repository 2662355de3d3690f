/** What the built package is made of, from what the build has left. It does not know how much there may be. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { METAFILE } from '../build/bundle.mjs';
import { measured } from '../build/sizes.mjs';
import { root } from '../build/steps.mjs';
import { NAMED } from '../build/wasm.mjs';
import { contents } from './functions.mjs';
import { moduleOf, shortName } from './names.mjs';

/**
 * @typedef {object} Report sizes in bytes, the largest first
 * @property {string} rust the compiler's version
 * @property {Record<string, import('../build/sizes.mjs').Size>} totals of each file of the package
 * @property {Record<string, number>} sections of the WebAssembly
 * @property {Record<string, number>} modules code by module of Rust; another crate is one module
 * @property {Record<string, number>} functions by name; those of one name together
 * @property {Record<string, number>} files of TypeScript and of the glue, minified
 */

/** @returns {Promise<Report>} */
export async function report() {
  const { rust, sections, functions } = contents(await readFile(join(root, NAMED)));
  const modules = new Map();
  const named = new Map();
  for (const { name, bytes } of functions) {
    add(modules, moduleOf(name), bytes);
    add(named, shortName(name), bytes);
  }
  return {
    rust,
    totals: await measured(),
    sections: sorted(sections),
    modules: sorted(modules),
    functions: sorted(named),
    files: sorted(filesOf(JSON.parse(await readFile(join(root, METAFILE), 'utf8')))),
  };
}

/**
 * The bytes of each file, once: `index.js` and `slim.js` share all but their own.
 *
 * @param {import('esbuild').Metafile} metafile
 */
function filesOf({ outputs }) {
  const files = new Map();
  for (const [output, { bytes, inputs }] of Object.entries(outputs)) {
    let rest = bytes;
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      rest -= bytesInOutput;
      files.set(path.replace(/^wasm:inline:/, ''), bytesInOutput);
    }
    files.set(`${output}: between the files`, rest);
  }
  return files;
}

/** @param {Map<string, number>} sums @param {string} key @param {number} bytes */
function add(sums, key, bytes) {
  sums.set(key, (sums.get(key) ?? 0) + bytes);
}

/** @param {Map<string, number>} sizes */
function sorted(sizes) {
  const order = [...sizes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return Object.fromEntries(order);
}
