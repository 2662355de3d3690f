/** The installed package in pages built by others' tools, in a real browser on a real broker. */

import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { startSite } from '../support/site.mjs';
import { application, exchanges, html, moduleScript } from './exchange.mjs';
import { install, pack } from './stranger.mjs';

const broker = await startMosquitto();
const folder = await install((await pack()).tarball);

/** @type {Omit<Parameters<typeof exchanges>[2], never>[]} */
const consumers = [];
const folders = { modules: join(folder, 'node_modules') };
const pages = {};

for (const [entry, specifier] of [
  ['index', 'wasmqtt'],
  ['slim', 'wasmqtt/slim'],
]) {
  const root = join(folder, `vite-${entry}`);
  await mkdir(root);
  await writeFile(join(root, 'index.html'), html(moduleScript('./main.js')));
  await writeFile(join(root, 'main.js'), application(specifier));
  await vite({ root, base: './', configFile: false, logLevel: 'error', build: { outDir: 'out' } });
  folders[`vite-${entry}`] = join(root, 'out');
  consumers.push({ name: `Vite, ${specifier}`, path: `/vite-${entry}/index.html` });

  const source = join(folder, `esbuild-${entry}`);
  await mkdir(source);
  await writeFile(join(source, 'main.js'), application(specifier));
  const outdir = join(source, 'out');
  await esbuild({ absWorkingDir: source, entryPoints: ['main.js'], bundle: true, format: 'esm', minify: true, outdir });
  if (entry === 'slim') {
    // esbuild leaves `new URL(..., import.meta.url)` alone: the file has to lie beside the bundle.
    await copyFile(join(folder, 'node_modules/wasmqtt/dist/wasmqtt.wasm'), join(outdir, 'wasmqtt.wasm'));
  }
  folders[`esbuild-${entry}`] = outdir;
  pages[`/esbuild-${entry}.html`] = html(moduleScript(`/esbuild-${entry}/main.js`));
  consumers.push({
    name: `esbuild, ${specifier}`,
    path: `/esbuild-${entry}.html`,
    // esbuild leaves the file of the SharedWorker where it is: then a page leads.
    place: 'this-page',
    allowed: [/404/],
  });

  pages[`/plain-${entry}.js`] = application(`/modules/wasmqtt/dist/${entry}.js`);
  pages[`/plain-${entry}.html`] = html(moduleScript(`/plain-${entry}.js`));
  consumers.push({ name: `no bundler, ${specifier}`, path: `/plain-${entry}.html` });
}

const { pageTest } = await startBrowser({ site: await startSite({ folders, pages }) });

for (const consumer of consumers) {
  exchanges(pageTest, broker, consumer);
}
