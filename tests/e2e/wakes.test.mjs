/**
 * How often a page is woken that is connected and does nothing: once for each ping, wherever the connection is, and also
 * while it is hidden. It does not know that a ping comes in time: that is `link`, and `page-life` for hidden pages.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBrowser, startPackageSite } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { packagePage, ROOT } from '../support/site.mjs';

const text = async (/** @type {string} */ path) => await readFile(join(ROOT, path), 'utf8');
const code = (await text('tests/support/page-clock.js')) + (await text('tests/support/page-wakes.js'));
const withClock = packagePage('index').replace(
  '<script',
  `<script>globalThis.clockCode = ${JSON.stringify(code)};</script>\n<script>${code}</script>\n<script`,
);
const broker = await startMosquitto();
const { pageTest } = await startBrowser({
  site: await startPackageSite({
    '/index.html': withClock,
    '/locks.html': withClock.replace('<script', '<script>delete globalThis.SharedWorker;</script>\n<script'),
    '/dist/share-worker.js': code + (await text('dist/share-worker.js')),
  }),
});

const PINGS = 10;
const NOTHING = { timers: 0, intervals: 0, sent: 0, received: 0 };
const PINGED = { timers: PINGS, intervals: 0, sent: PINGS, received: PINGS };

for (const [name, path, options, expected] of /** @type {const} */ ([
  ['in the page', '/index.html', {}, [PINGED]],
  ['in a worker', '/index.html', { worker: true }, [NOTHING, PINGED]],
  ['shared, in a page', '/locks.html', { share: true }, [PINGED]],
  ['shared, in a SharedWorker', '/index.html', { share: true }, [NOTHING, PINGED]],
])) {
  pageTest(
    `an idle client is woken once for each ping, ten times in ten minutes with a keep-alive of 60 s: ${name}`,
    async ({ page, t }) => {
      const counted = await page.evaluate(
        async (url, options, workers) => {
          const client = wasmqtt.connect(url, { ...options, keepAlive: 60 });
          await client.ready;
          await client.subscribe('idle/#', () => {}).ready;
          // What is set while it begins fires by then.
          await secondsPass(10, workers);
          const counted = await secondsPass(600, workers);
          await client.close();
          return counted;
        },
        broker.url,
        options,
        expected.length - 1,
      );
      t.diagnostic(JSON.stringify(counted));
      assert.deepEqual(counted, expected);
    },
    { path },
  );
}

pageTest(
  'nor does what was awaited before the next ping wake it, where both come close to each other',
  async ({ page }) => {
    for (const keepAlive of [7, 10]) {
      const [{ timers, sent, received }] = await page.evaluate(
        async (url, keepAlive) => {
          const client = wasmqtt.connect(url, { keepAlive });
          await client.ready;
          const counted = await secondsPass(60, 0);
          await client.close();
          return counted;
        },
        broker.url,
        keepAlive,
      );
      assert.ok(sent >= 60 / keepAlive, `${sent} pings`);
      assert.deepEqual([timers, received], [sent, sent], `a keep-alive of ${keepAlive} s`);
    }
  },
);

for (const [name, path, options] of /** @type {const} */ ([
  ['in the page', '/index.html', {}],
  ['shared, in a page', '/locks.html', { share: true }],
])) {
  pageTest(
    `while a page is hidden whose timers do not fire, the worker that keeps the time wakes once for each ping: ${name}`,
    async ({ page, t }) => {
      const counted = await page.evaluate(
        async (url, options) => {
          const client = wasmqtt.connect(url, { ...options, keepAlive: 60 });
          await client.ready;
          const shown = (hidden) => {
            Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
            document.dispatchEvent(new Event('visibilitychange'));
          };
          const { setTimeout } = globalThis;
          globalThis.setTimeout = () => 0;
          // So that what was set before does not fire.
          client.ping();
          await client.ping();
          shown(true);
          const counted = await secondsPass(600, 1);
          globalThis.setTimeout = setTimeout;
          shown(false);
          await client.close();
          return counted;
        },
        broker.url,
        options,
      );
      t.diagnostic(JSON.stringify(counted));
      assert.deepEqual(counted, [
        { ...PINGED, timers: 0 },
        { ...NOTHING, timers: PINGS },
      ]);
    },
    { path },
  );
}
