/** The installed package in pages built by others' tools, in a real browser on a real broker. */

import assert from 'node:assert/strict';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startSite } from '../support/site.mjs';
import { install, pack } from './stranger.mjs';

const broker = await startMosquitto();
const folder = await install((await pack()).tarball);

/** Answers what is published to `to-page`, and says so in `loaded` and in the title. */
const script = (specifier) => `
import { connect } from '${specifier}';

const [url, options] = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const client = connect(url, options);
client.subscribe('to-page', async (message) => {
  await client.publish('from-page', message.text().toUpperCase(), { qos: 2 });
  const place = client.sharing?.place ?? 'alone';
  await client.close();
  document.title = place;
}, { qos: 1 }).ready.then(() => { globalThis.loaded = true; });
`;
const html = (src) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title>
<link rel="icon" href="data:,"><script type="module" src="${src}"></script></html>`;

/** @type {{ name: string, page: string }[]} */
const pages = [];
const folders = { modules: join(folder, 'node_modules') };
const made = {};

for (const [entry, specifier] of [
  ['index', 'wasmqtt'],
  ['slim', 'wasmqtt/slim'],
]) {
  const root = join(folder, `vite-${entry}`);
  await mkdir(root);
  await writeFile(join(root, 'index.html'), html('./main.js'));
  await writeFile(join(root, 'main.js'), script(specifier));
  await vite({ root, base: './', configFile: false, logLevel: 'error', build: { outDir: 'out' } });
  folders[`vite-${entry}`] = join(root, 'out');
  pages.push({ name: `Vite, ${specifier}`, page: `/vite-${entry}/index.html` });

  const source = join(folder, `esbuild-${entry}`);
  await mkdir(source);
  await writeFile(join(source, 'main.js'), script(specifier));
  const outdir = join(source, 'out');
  await esbuild({ absWorkingDir: source, entryPoints: ['main.js'], bundle: true, format: 'esm', minify: true, outdir });
  if (entry === 'slim') {
    // esbuild leaves `new URL(..., import.meta.url)` alone: the file has to lie beside the bundle.
    await copyFile(join(folder, 'node_modules/wasmqtt/dist/wasmqtt.wasm'), join(outdir, 'wasmqtt.wasm'));
  }
  folders[`esbuild-${entry}`] = outdir;
  made[`/esbuild-${entry}.html`] = html(`/esbuild-${entry}/main.js`);
  pages.push({ name: `esbuild, ${specifier}`, page: `/esbuild-${entry}.html` });

  made[`/plain-${entry}.js`] = script(`/modules/wasmqtt/dist/${entry}.js`);
  made[`/plain-${entry}.html`] = html(`/plain-${entry}.js`);
  pages.push({ name: `no bundler, ${specifier}`, page: `/plain-${entry}.html` });
}

const { pageTest } = await startBrowser({ site: await startSite({ folders, pages: made }) });

const MODES = {
  'in the page': {},
  'in a worker': { worker: true },
  'session stored': { session: { persist: 'indexeddb' } },
  shared: { share: true },
  'in a worker, session stored': { worker: true, session: { persist: 'indexeddb' } },
};
const all = pages.flatMap(({ name, page }) =>
  Object.entries(MODES).map(([mode, { session, ...rest }]) => {
    // Each with a session of its own.
    const options = {
      ...rest,
      ...('share' in rest && { share: name }),
      ...(session && { session: { ...session, name: `${name}, ${mode}` } }),
    };
    return { name: `${name}, ${mode}`, page, options };
  }),
);

for (const { name, page: path, options } of all) {
  pageTest(
    `a page exchanges messages: ${name}`,
    async ({ page }) => {
      const peer = await connectPeer(broker);
      await peer.subscribe('from-page');
      await peer.publish('to-page', 'hello', { qos: 1 });
      assert.equal((await peer.next()).text, 'HELLO');
      await page.waitForFunction('document.title !== "page"');
      // esbuild leaves the file of the SharedWorker where it is: then a page leads.
      const place = name.startsWith('esbuild') ? 'this-page' : 'shared-worker';
      assert.equal(await page.title(), 'share' in options ? place : 'alone');
      await peer.end();
    },
    {
      path: `${path}#${encodeURIComponent(JSON.stringify([broker.url, options]))}`,
      allowed: 'share' in options && name.startsWith('esbuild') ? [/404/] : [],
    },
  );
}
