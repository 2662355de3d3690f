/** The installed package in an application's own workers, on a real broker: modules, and one by `importScripts`. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { startSite } from '../support/site.mjs';
import { answeringIn, hosting, html } from './application.mjs';
import { exchanges } from './exchange.mjs';
import { install, pack } from './stranger.mjs';

const broker = await startMosquitto();
const folder = await install((await pack()).tarball);
const folders = { lib: join(folder, 'node_modules/wasmqtt/dist') };

const page = (/** @type {string} */ script) => html(`<script type="module">${script}</script>`);
const KINDS = /** @type {const} */ (['Worker', 'SharedWorker', 'ServiceWorker']);

/** @type {Record<string, string>} */
const pages = {
  '/importing.js': `importScripts('/lib/wasmqtt.global.js');\nconst { connect } = wasmqtt;${answeringIn('Worker')}`,
  '/importing.html': page(hosting('Worker', '/importing.js', 'classic')),
};
for (const kind of KINDS) {
  for (const entry of ['index', 'slim']) {
    pages[`/${kind}-${entry}.js`] = `import { connect } from '/lib/${entry}.js';\n${answeringIn(kind)}`;
    pages[`/${kind}-${entry}.html`] = page(hosting(kind, `/${kind}-${entry}.js`));
  }
}
const { pageTest } = await startBrowser({ site: await startSite({ folders, pages }) });

/** In a dedicated worker there are no SharedWorkers; in a shared one there are no workers, in a service worker there is no `import()`. */
const WITHOUT = /** @type {const} */ ({
  Worker: { place: 'this-page' },
  SharedWorker: { place: 'this-page', workers: false },
  ServiceWorker: { modes: ['in the page'] },
});

for (const kind of KINDS) {
  for (const entry of ['index', 'slim']) {
    const name = `module ${kind}, ${entry === 'index' ? 'wasmqtt' : 'wasmqtt/slim'}`;
    const modes = entry === 'slim' && kind !== 'ServiceWorker' ? { modes: ['in a worker'] } : {};
    exchanges(pageTest, broker, { name, path: `/${kind}-${entry}.html`, ...modes, ...WITHOUT[kind] });
  }
}
exchanges(pageTest, broker, {
  name: 'importScripts',
  path: '/importing.html',
  place: 'this-page',
  modes: ['in the page', 'in a worker', 'session stored'],
});

for (const [option, value] of Object.entries({ worker: true, share: true, session: { persist: 'indexeddb' } })) {
  pageTest(
    `in a service worker, where nothing can be loaded later, ${option} ends with an error whose cause says so`,
    async ({ page }) => {
      await page.waitForFunction('globalThis.place !== undefined');
      assert.match(await page.evaluate('globalThis.place'), /^load: .*ServiceWorkerGlobalScope/);
    },
    { path: `/ServiceWorker-index.html#${encodeURIComponent(JSON.stringify([broker.url, { [option]: value }]))}` },
  );
}
