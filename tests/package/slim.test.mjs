/**
 * `wasmqtt/slim` where the bundler does not carry `wasmqtt.wasm` along by itself: the one line that says where it is, in a real browser
 * on a real broker; and what is said without it.
 */

import assert from 'node:assert/strict';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import nodeResolve from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { startSite } from '../support/site.mjs';
import { answering, html, moduleScript } from './application.mjs';
import { exchanges } from './exchange.mjs';
import { install, pack } from './stranger.mjs';

const broker = await startMosquitto();
const folder = await install((await pack()).tarball);

/** @param {string} root @param {'esm' | 'iife'} format @param {'file' | 'binary'} [loader] of the file */
const byEsbuild = (root, format, loader) =>
  esbuild({
    absWorkingDir: root,
    entryPoints: ['main.js'],
    bundle: true,
    format,
    splitting: format === 'esm',
    outdir: 'out',
    publicPath: `/${root.slice(folder.length + 1)}`,
    logLevel: 'error',
    // It warns that there is no `import.meta` in a script.
    logOverride: { 'empty-import-meta': 'silent' },
    ...(loader && { loader: { '.wasm': loader } }),
  });

/** @param {string} root @param {'es' | 'iife'} format */
const byRollup = async (root, format) => {
  const bundle = await rollup({ input: join(root, 'main.js'), plugins: [nodeResolve({ browser: true })] });
  await bundle.write({ dir: join(root, 'out'), format, inlineDynamicImports: format === 'iife' });
};

/** @param {string} root */
const byVite = (root) =>
  vite({
    root,
    base: './',
    configFile: false,
    logLevel: 'error',
    build: { outDir: 'out', rolldownOptions: { input: join(root, 'main.js'), output: { entryFileNames: 'main.js' } } },
  });

/** @param {string} root */
const byWebpack = (root) =>
  new Promise((resolve, reject) => {
    const output = { path: join(root, 'out'), publicPath: 'auto' };
    webpack({ mode: 'production', context: root, entry: './main.js', output }, (error, stats) =>
      error || stats?.hasErrors() ? reject(error ?? new Error(stats?.toString('errors-only'))) : resolve(stats),
    );
  });

const IMPORTED = "import wasm from 'wasmqtt/wasmqtt.wasm'; preload({ wasm });";
const COPIED = "preload({ wasm: '/assets/wasmqtt.wasm' });";

/** @type {{ name: string, line: string, script?: boolean, build: (root: string) => Promise<unknown> }[]} */
const WAYS = [
  { name: 'esbuild-esm', line: IMPORTED, build: (root) => byEsbuild(root, 'esm', 'file') },
  { name: 'esbuild-iife', line: IMPORTED, script: true, build: (root) => byEsbuild(root, 'iife', 'file') },
  { name: 'esbuild-binary', line: IMPORTED, script: true, build: (root) => byEsbuild(root, 'iife', 'binary') },
  { name: 'esbuild-copied', line: COPIED, script: true, build: (root) => byEsbuild(root, 'iife') },
  { name: 'rollup-es', line: COPIED, build: (root) => byRollup(root, 'es') },
  { name: 'rollup-iife', line: COPIED, script: true, build: (root) => byRollup(root, 'iife') },
  {
    name: 'vite-url',
    line: "import wasm from 'wasmqtt/wasmqtt.wasm?url'; preload({ wasm: new URL(wasm, import.meta.url) });",
    build: byVite,
  },
  {
    name: 'webpack-url',
    line: "preload({ wasm: new URL('wasmqtt/wasmqtt.wasm', import.meta.url) });",
    build: byWebpack,
  },
];

/** @type {Record<string, string>} */
const folders = { assets: join(folder, 'assets') };
/** @type {Record<string, string>} */
const pages = {};

/** @param {(typeof WAYS)[number]} way @param {string} name @param {string} text */
async function built({ script = false, build }, name, text) {
  const root = join(folder, name);
  await mkdir(root);
  await writeFile(join(root, 'main.js'), text);
  await build(root);
  folders[name] = join(root, 'out');
  const tag = script ? `<script src="/${name}/main.js"></script>` : moduleScript(`/${name}/main.js`);
  pages[`/${name}.html`] = html(tag);
}

await mkdir(folders.assets ?? '');
await copyFile(join(folder, 'node_modules/wasmqtt/dist/wasmqtt.wasm'), join(folders.assets ?? '', 'wasmqtt.wasm'));
for (const way of WAYS) {
  await built(way, way.name, `import { connect, preload } from 'wasmqtt/slim';\n${way.line}\n${answering}`);
}
/** Those that leave the file where it was. */
const WITHOUT = WAYS.filter(({ line }) => line === COPIED);
for (const way of WITHOUT) {
  const text = `import { connect } from 'wasmqtt/slim';
connect('${broker.url}').ready.catch(({ code, message }) => { globalThis.said = code + ': ' + message; });
globalThis.loaded = true;`;
  await built(way, `${way.name}-without`, text);
}

const { pageTest } = await startBrowser({ site: await startSite({ folders, pages }) });

for (const { name } of WAYS) {
  const modes = ['in the page', 'in a worker', 'session stored'];
  exchanges(pageTest, broker, { name: `${name}, told where it is`, path: `/${name}.html`, modes });
}

for (const { name } of WITHOUT) {
  pageTest(
    `without that line the error says it: ${name}`,
    async ({ page }) => {
      await page.waitForFunction('globalThis.said !== undefined');
      assert.match(await page.evaluate('globalThis.said'), /^load: .*preload\(\{ wasm: url \}\) before connect/);
    },
    { path: `/${name}-without.html`, allowed: [/404/] },
  );
}
