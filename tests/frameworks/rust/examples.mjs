/**
 * The dashboards in Rust, built and opened in Chromium on a real broker: `npm run frameworks`. Building takes minutes the
 * first time.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SOCKET_FAILED, startBrowser } from '../../support/browser.mjs';
import { startMosquitto } from '../../support/mosquitto.mjs';
import { connectPeer } from '../../support/peer.mjs';
import { ROOT, startSite } from '../../support/site.mjs';

const execute = promisify(execFile);
const TARGET = 'wasm32-unknown-unknown';

/** Where the module and its glue are. @param {string} name */
async function built(name) {
  const manifest = join(ROOT, 'tests/frameworks/rust', name, 'Cargo.toml');
  const target = join(ROOT, 'target/frameworks-rust', name);
  const args = ['build', '--locked', '--manifest-path', manifest, '--target', TARGET, '--target-dir', target];
  await execute('cargo', args, { maxBuffer: 1 << 26 });
  const folder = join(target, 'glue');
  await execute('wasmqtt-glue', [join(target, TARGET, `debug/wasmqtt-${name}.wasm`), folder]);
  return folder;
}

const NAMES = ['yew', 'leptos'];
const page = (/** @type {string} */ name) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title>
<link rel="icon" href="data:,"><body><script type="module">
  import begin from '/${name}/wasmqtt-${name}.js';
  globalThis.texts = (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent);
  globalThis.start = (url) => {
    location.hash = url;
    return begin({ module_or_path: '/${name}/wasmqtt-${name}_bg.wasm' }).then(() => {});
  };
  globalThis.loaded = true;
</script></body></html>`;

/** @type {Record<string, string>} */
const folders = {};
for (const name of NAMES) {
  folders[name] = await built(name);
}
const pages = Object.fromEntries(NAMES.map((name) => [`/${name}.html`, page(name)]));
const { pageTest } = await startBrowser({ site: await startSite({ folders, pages }) });

for (const name of NAMES) {
  pageTest(
    `${name}: a dashboard shows, publishes, draws once a frame, comes back and unsubscribes`,
    async ({ page }) => {
      const broker = await startMosquitto();
      const peer = await connectPeer(broker);
      const shows = (/** @type {string} */ selector, /** @type {string} */ text) =>
        page.waitForFunction((selector, text) => texts(selector)[0] === text, {}, selector, text);
      await peer.publish('plant/1/temperature', '20', { retain: true, qos: 1 });
      await page.evaluate((url) => start(url), broker.url);
      await shows('#status', 'Connected');
      await shows('.gauge', '20');
      await peer.subscribe('from-page');
      await page.click('#publish');
      assert.equal((await peer.next()).text, 'on');

      await page.evaluate(() => {
        const seen = { frames: 0, changes: 0, most: 0 };
        let changes = 0;
        const watch = { characterData: true, childList: true, subtree: true };
        const count = (/** @type {MutationRecord[]} */ records) => {
          // One that replaces a node is one change.
          changes += records.length > 0 ? 1 : 0;
        };
        new MutationObserver(count).observe(document.querySelector('.gauge') ?? document, watch);
        const frame = () => {
          seen.frames++;
          seen.changes += changes;
          seen.most = Math.max(seen.most, changes);
          changes = 0;
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
        globalThis.seen = seen;
      });
      const COUNT = 3000;
      for (let at = 1; at <= COUNT; at++) {
        peer.client.publish('plant/1/temperature', String(at), { retain: at === COUNT });
        if (at % 500 === 0) {
          await page.evaluate(() => new Promise(requestAnimationFrame));
        }
      }
      await shows('.gauge', String(COUNT));
      const { frames, changes, most } = await page.evaluate(() => seen);
      assert.ok(
        most === 1 && changes <= frames + 1 && changes < COUNT / 2,
        `${changes} changes in ${frames} frames, ${most} at most`,
      );

      await broker.stop();
      await page.waitForFunction(() => texts('#status')[0] !== 'Connected');
      await broker.start();
      await shows('#status', 'Connected');
      const other = await connectPeer(broker);
      await page.waitForFunction(() => texts('#status')[0] === 'Connected');
      await broker.logged(/(Received SUBSCRIBE from (?!peer)[\s\S]*){2}/);
      await other.publish('plant/1/temperature', 'again', { retain: true });
      await shows('.gauge', 'again');
      await page.click('#toggle');
      await page.waitForFunction(() => texts('.gauge').length === 0);
      await broker.logged(/Received UNSUBSCRIBE from/);
    },
    { path: `/${name}.html`, allowed: [SOCKET_FAILED] },
  );
}
