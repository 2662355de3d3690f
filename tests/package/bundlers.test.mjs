/** The installed package in pages built by others' tools, in a real browser on a real broker; and how much a page loads then. */

import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import nodeResolve from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { startSite } from '../support/site.mjs';
import { application, html, moduleScript } from './application.mjs';
import { exchanges } from './exchange.mjs';
import { install, pack } from './stranger.mjs';

const broker = await startMosquitto();
const folder = await install((await pack()).tarball);
const dist = join(folder, 'node_modules/wasmqtt/dist');
const ENTRIES = /** @type {const} */ ({ index: 'wasmqtt', slim: 'wasmqtt/slim' });

/**
 * Each builds `main.js` in a folder to `out/main.js` there, with what belongs to it. `carries` says whether it finds the files
 * that the package names by `new URL(..., import.meta.url)`; they lie beside the bundle otherwise.
 *
 * @type {{ name: string, carries: boolean, build: (root: string) => Promise<unknown> }[]}
 */
const BUNDLERS = [
  {
    name: 'Vite',
    carries: true,
    build: (root) =>
      vite({
        root,
        base: './',
        configFile: false,
        logLevel: 'error',
        build: {
          outDir: 'out',
          rolldownOptions: { input: join(root, 'main.js'), output: { entryFileNames: 'main.js' } },
        },
      }),
  },
  {
    name: 'webpack',
    carries: true,
    build: (root) =>
      new Promise((resolve, reject) => {
        const entry = { main: './main.js' };
        webpack({ mode: 'production', context: root, entry, output: { path: join(root, 'out') } }, (error, stats) =>
          error || stats?.hasErrors() ? reject(error ?? new Error(stats?.toString('errors-only'))) : resolve(stats),
        );
      }),
  },
  {
    name: 'Rollup',
    carries: false,
    build: async (root) => {
      const bundle = await rollup({ input: join(root, 'main.js'), plugins: [nodeResolve({ browser: true })] });
      await bundle.write({ dir: join(root, 'out'), format: 'es' });
    },
  },
  {
    name: 'esbuild',
    carries: false,
    build: (root) =>
      esbuild({
        absWorkingDir: root,
        entryPoints: ['main.js'],
        bundle: true,
        splitting: true,
        format: 'esm',
        minify: true,
        outdir: 'out',
      }),
  },
];

/** @param {string} name @param {string} script */
async function project(name, script) {
  const root = join(folder, name);
  await mkdir(root);
  await writeFile(join(root, 'main.js'), script);
  return root;
}

/** @type {Parameters<typeof exchanges>[2][]} */
const consumers = [];
const folders = { modules: join(folder, 'node_modules') };
const pages = {};

for (const [entry, specifier] of Object.entries(ENTRIES)) {
  // What a page loads to connect is that one file, and a little of the bundler's own and of the application.
  const limit = (await readFile(join(dist, `${entry}.js`))).length * 1.03 + 2_000;
  for (const { name, carries, build } of BUNDLERS) {
    const id = `${name}-${entry}`;
    const root = await project(id, application(specifier));
    await build(root);
    folders[id] = join(root, 'out');
    pages[`/${id}.html`] = html(moduleScript(`/${id}/main.js`));
    if (!carries && entry === 'slim') {
      await copyFile(join(dist, 'wasmqtt.wasm'), join(root, 'out/wasmqtt.wasm'));
    }
    consumers.push({
      name: `${name}, ${specifier}`,
      path: `/${id}.html`,
      limit,
      // Without the file of the SharedWorker a page leads.
      ...(!carries && { place: 'this-page', allowed: [/404/] }),
    });
  }
  const imports = JSON.stringify({ imports: { [specifier]: `/modules/wasmqtt/dist/${entry}.js` } });
  pages[`/map-${entry}.html`] = html(
    `<script type="importmap">${imports}</script><script type="module">${application(specifier)}</script>`,
  );
  consumers.push({ name: `import map, ${specifier}`, path: `/map-${entry}.html`, limit });
}

const { pageTest } = await startBrowser({ site: await startSite({ folders, pages }) });

for (const consumer of consumers) {
  exchanges(pageTest, broker, consumer);
}

/** Bytes that a bundler may leave of a client that nobody makes: esbuild keeps classes with computed names. */
const LEFT = { Vite: 8_000, webpack: 12_000, Rollup: 4_000, esbuild: 60_000 };

for (const { name, build } of BUNDLERS) {
  for (const [entry, specifier] of Object.entries(ENTRIES)) {
    if (name === 'webpack' && entry === 'slim') {
      // It takes longest, and the module is the same but for where the WebAssembly is.
      continue;
    }
    test(`MqttError alone brings no WebAssembly: ${name}, ${specifier}`, async () => {
      const text = `import { MqttError } from '${specifier}';\nglobalThis.refused = (error) => error instanceof MqttError;`;
      const root = await project(`alone-${name}-${entry}`, text);
      await build(root);
      const code = await readFile(join(root, 'out/main.js'), 'utf8');
      assert.ok(code.includes('MqttError'));
      assert.doesNotMatch(code, /[A-Za-z\d+/]{500}|wasmqtt\.wasm/);
      assert.ok(code.length < LEFT[name], `${code.length} bytes`);
    });
  }
}
