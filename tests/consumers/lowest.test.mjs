/**
 * One framework in its oldest version, named by the environment: the packed package is installed beside it, and its page shows messages
 * and publishes, in a real browser on a real broker.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { ROOT, startSite } from '../support/site.mjs';
import { LOWEST } from './lowest.mjs';
import { workspace } from './workspace.mjs';

const name = process.env.WASMQTT_CONSUMER ?? '';
const lowest = LOWEST[name];
assert.ok(lowest, 'WASMQTT_CONSUMER names no framework');
const folder = await workspace(name, lowest.files);

/** Components of the Svelte that is installed there. @type {import('esbuild').Plugin} */
const svelte = {
  name: 'svelte',
  setup(builder) {
    builder.onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { resolve } = createRequire(join(folder, 'package.json'));
      const { compile } = await import(pathToFileURL(resolve('svelte/compiler')).href);
      return { contents: compile(await readFile(path, 'utf8'), { filename: path }).js.code, loader: 'js' };
    });
  },
};
await build({
  absWorkingDir: folder,
  entryPoints: ['main.js'],
  bundle: true,
  splitting: true,
  format: 'esm',
  outdir: 'out',
  conditions: ['browser'],
  mainFields: ['browser', 'module', 'main'],
  define: { 'process.env.NODE_ENV': '"development"' },
  logLevel: 'error',
  plugins: [svelte],
});

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,">
<div id="root"></div><script type="module">
  import { connect } from '/modules/wasmqtt/dist/index.js';
  globalThis.make = () => connect(location.hash.slice(1), { clientId: 'page', reconnect: { min: 20, max: 200 } });
  await import('/app/main.js');
  globalThis.loaded = true;
</script></html>`;
const folders = { app: join(folder, 'out'), modules: join(folder, 'node_modules') };
const broker = await startMosquitto();
const { pageTest } = await startBrowser({ site: await startSite({ folders, pages: { '/index.html': page } }) });

test(`it is the oldest that the package allows: ${name}`, async () => {
  const { peerDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const [, major, minor = '0'] = /^>=(\d+)(?:\.(\d+))?$/.exec(peerDependencies[lowest.framework]) ?? [];
  const used = lowest.packages[lowest.framework] ?? lowest.packages['solid-js'];
  assert.equal(used, `${major}.${minor}.0`);
});

pageTest(
  `a page shows what is published, and publishes: ${name}`,
  async ({ page }) => {
    const peer = await connectPeer(broker);
    await peer.subscribe('from-page');
    const shows = (/** @type {string} */ state, /** @type {string} */ text) =>
      page.waitForFunction(
        (state, text) => {
          const gauges = [...document.querySelectorAll('output')].map(({ textContent }) => textContent);
          return document.querySelector('#state')?.textContent === state && gauges.join() === [text, text, text].join();
        },
        {},
        state,
        text,
      );
    await shows('connected', '');
    await broker.logged(/Sending SUBACK to page/);
    for (const text of ['21', '22.5']) {
      await peer.publish('plant/1/temperature', text, { qos: 1 });
      await shows('connected', text);
    }
    await page.click('button');
    assert.equal((await peer.next()).text, 'on');
    assert.equal(broker.countLogged(/Received SUBSCRIBE from page/g), 1);
    await peer.end();
  },
  { path: `/index.html#${broker.url}` },
);
