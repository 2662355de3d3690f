/** The installed package in pages without modules: by `<script src>`, of this origin and of another, and `importScripts`. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { GLOBALS, globalFile } from '../../scripts/build/entries.mjs';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { startSite } from '../support/site.mjs';
import { answering, html } from './application.mjs';
import { exchanges } from './exchange.mjs';
import { install, pack } from './stranger.mjs';

const broker = await startMosquitto();
const folder = await install((await pack()).tarball);
const folders = { lib: join(folder, 'node_modules/wasmqtt/dist') };

const elsewhere = await startSite({ folders });
const inline = `<script>const { connect } = wasmqtt;${answering}</script>`;
const site = await startSite({
  folders,
  pages: {
    '/script.html': html(`<script src="/lib/wasmqtt.global.js"></script>${inline}`),
    '/elsewhere.html': html(`<script src="${elsewhere.url}/lib/wasmqtt.global.js"></script>${inline}`),
    '/empty.html': html('<script>globalThis.loaded = true;</script>'),
  },
});
const { pageTest } = await startBrowser({ site });

exchanges(pageTest, broker, { name: 'script', path: '/script.html' });
// A SharedWorker is of the page's own origin: a page leads.
exchanges(pageTest, broker, {
  name: 'script of another origin',
  path: '/elsewhere.html',
  place: 'this-page',
  modes: ['in a worker', 'shared'],
});

for (const script of GLOBALS) {
  const file = globalFile(script);

  pageTest(
    `${file} makes one global`,
    async ({ page }) => {
      const before = await page.evaluate('Object.getOwnPropertyNames(globalThis)');
      await page.addScriptTag({ url: `/lib/${file}` });
      const after = await page.evaluate('Object.getOwnPropertyNames(globalThis)');
      assert.deepEqual(
        after.filter((name) => !before.includes(name)),
        [script.global],
      );
    },
    { path: '/empty.html' },
  );
}

pageTest(
  'the global has what the module exports',
  async ({ page }) => {
    await page.addScriptTag({ url: '/lib/wasmqtt.global.js' });
    const names = await page.evaluate(async () => {
      const module = await import('/lib/index.js');
      return { module: Object.keys(module).sort(), global: Object.keys(wasmqtt).sort() };
    });
    assert.ok(names.module.includes('connect'));
    assert.deepEqual(names.global, names.module);
  },
  { path: '/empty.html' },
);

test('as a script it is hardly larger than as a module', async () => {
  const [script, module] = await Promise.all(
    ['wasmqtt.global.js', 'index.js'].map(
      async (name) => brotliCompressSync(await readFile(join(folders.lib, name))).length,
    ),
  );
  assert.ok(script < module * 1.01, `${script} and ${module} bytes of brotli`);
});
