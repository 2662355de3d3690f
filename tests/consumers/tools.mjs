/**
 * The tools that are too heavy for the project's own `node_modules`, each in a folder of its own in the cache: versions of which
 * each runs in Node 20. It does not know what is built with them.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cache } from '../../scripts/setup/places.mjs';
import { run } from '../../scripts/setup/run.mjs';
import { LOWEST } from './lowest.mjs';

/** Milliseconds that an installation may take. */
const LIMIT = 15 * 60_000;

const node = (/** @type {string} */ version) => `npm:node-${process.platform}-${process.arch}@${version}`;

/** @type {Record<string, Record<string, string>>} packages and their versions */
export const TOOLS = {
  'Vite 8': { vite: '8.4.0' },
  'Vite 7': { vite: '7.3.8' },
  Parcel: { parcel: '2.16.4' },
  Rspack: { '@rspack/core': '2.3.4' },
  'Next.js': { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' },
  Nuxt: { nuxt: '4.3.1', vue: '3.5.27', 'vue-router': '4.6.4' },
  SvelteKit: {
    '@sveltejs/kit': '2.70.4',
    '@sveltejs/adapter-static': '3.0.11',
    '@sveltejs/vite-plugin-svelte': '7.3.1',
    svelte: '5.57.3',
    vite: '8.4.0',
  },
  'Angular CLI': {
    '@angular/build': '21.2.27',
    '@angular/cli': '21.2.27',
    '@angular/common': '21.2.26',
    '@angular/compiler': '21.2.26',
    '@angular/compiler-cli': '21.2.26',
    '@angular/core': '21.2.26',
    '@angular/platform-browser': '21.2.26',
    rxjs: '7.8.2',
    tslib: '2.9.1',
    typescript: '5.9.3',
  },
  'Node 20': { node: node('20.20.2'), ws: '8.23.0' },
  'Node 22': { node: node('22.23.5') },
  'Node 24': { node: node('24.22.3') },
  Deno: { deno: '2.9.6' },
  Bun: { bun: '1.4.5' },
  ...Object.fromEntries(Object.entries(LOWEST).map(([name, { packages }]) => [name, packages])),
};

/** Its `package.json`. @param {string} name */
export const manifestOf = (name) => ({ private: true, type: 'module', dependencies: TOOLS[name] });

/**
 * The folder in which a tool is installed; it is installed there where it is not yet. Another version is another folder.
 *
 * @param {string} name
 * @param {(line: string) => void} say
 */
export async function tool(name, say) {
  const manifest = JSON.stringify(manifestOf(name));
  const hash = createHash('sha256').update(manifest).digest('hex').slice(0, 12);
  const folder = join(cache, 'consumers', `${name.toLowerCase().replace(/\W+/g, '-')}-${hash}`);
  if (existsSync(folder)) {
    return folder;
  }
  say(`${name}: installing into ${folder}`);
  // Elsewhere until it is complete.
  const making = `${folder}.part`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  await writeFile(join(making, 'package.json'), manifest);
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error'];
  const { ok, output } = await run('npm', args, { cwd: making, env: process.env, limit: LIMIT });
  if (!ok) {
    throw new Error(`${name} could not be installed:\n${output}`);
  }
  await rename(making, folder);
  return folder;
}
