/** What is hard for a store in React, as one develops: in StrictMode and with renders that are interrupted. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { build } from 'esbuild';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { ROOT, startSite } from '../support/site.mjs';
import { temporary } from './build.mjs';

const folder = await temporary();
await build({
  absWorkingDir: ROOT,
  stdin: {
    contents: `export { mount } from './tests/frameworks/react/Edges.jsx'; export { connect } from 'wasmqtt';`,
    resolveDir: ROOT,
  },
  alias: { 'wasmqtt/react': join(ROOT, 'dist/react.js'), wasmqtt: join(ROOT, 'dist/index.js') },
  define: { 'process.env.NODE_ENV': '"development"' },
  jsx: 'automatic',
  tsconfigRaw: {},
  bundle: true,
  format: 'esm',
  outfile: join(folder, 'main.js'),
  logLevel: 'error',
});
const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,">
<div id="root"></div><script type="module">
  import { connect, mount } from '/app/main.js';
  const texts = (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent);
  globalThis.made = [];
  const begin = (url) => {
    const make = () => {
      globalThis.client = connect(url, { clientId: 'page' });
      made.push(client);
      return client;
    };
    const again = () => {
      globalThis.unmount?.();
      globalThis.unmount = mount(document.querySelector('#root'), make);
    };
    again();
    globalThis.again = again;
  };
  Object.assign(globalThis, { begin, texts, loaded: true });
</script></html>`;
const site = await startSite({ folders: { app: folder }, pages: { '/index.html': html } });
const { browser, pageTest } = await startBrowser({ site });

/** @param {import('puppeteer-core').Page} page @param {string} selector @param {string} text */
const shows = (page, selector, text) =>
  page.waitForFunction((selector, text) => texts(selector)[0] === text, {}, selector, text);

async function startBroker() {
  const broker = await startMosquitto();
  const peer = await connectPeer(broker, { clientId: 'peer' });
  /** How often the page has named that filter in a SUBSCRIBE. @param {string} filter */
  const asked = (filter) => broker.countLogged(new RegExp(`^\\d+: page 0 ${filter}$`, 'gm'));
  return { broker, peer, asked };
}

pageTest('StrictMode mounts twice: one connection, and each filter once', async ({ page }) => {
  const { broker, asked } = await startBroker();
  await page.evaluate((url) => begin(url), broker.url);
  await page.waitForFunction(() => edges.state === 'connected');
  await shows(page, '#error', 'invalid-argument');
  await page.evaluate(() => client.ping());
  assert.deepEqual([asked('count'), asked('a')], [1, 1]);
  assert.equal(broker.countLogged(/Received UNSUBSCRIBE/g), 0);
  assert.equal(await page.evaluate(() => made.length), 1);
  await page.evaluate(() => {
    unmount();
    return client.closed;
  });
});

pageTest('a provider that is made anew with another function has the client identifier at once', async ({ page }) => {
  const { broker } = await startBroker();
  await page.evaluate((url) => begin(url), broker.url);
  await page.waitForFunction(() => edges.state === 'connected');
  await page.evaluate(() => again());
  await page.waitForFunction(() => made.length === 2 && made[1].state === 'connected' && edges.state === 'connected');
  assert.equal(await page.evaluate(() => made[0].state), 'closed');
  assert.equal(broker.countLogged(/Received DISCONNECT from page/g), 1);
});

pageTest('a render that is interrupted by messages shows one moment', async ({ page }) => {
  const { broker, peer } = await startBroker();
  await page.evaluate((url) => begin(url), broker.url);
  await page.waitForFunction(() => edges.state === 'connected');
  await peer.publish('count', '0', { retain: true });
  await shows(page, '#count', '0');
  await page.evaluate(() => {
    const seen = { commits: 0, torn: [], frames: 0, first: 0 };
    globalThis.committed = (values) => {
      seen.commits++;
      if (values.size > 1) {
        seen.torn.push([...values]);
      }
    };
    const frame = () => {
      seen.frames++;
      // Frames in which the new components were being rendered, and not shown.
      seen.first ||= texts('.slow').length > 0 ? seen.frames : 0;
      const values = new Set(texts('.slow, #count'));
      if (values.size > 1) {
        seen.torn.push([...values]);
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    globalThis.seen = seen;
    edges.slow();
  });
  // Not for ever: a slow machine would begin anew with each.
  for (let at = 1; at <= 30; at++) {
    await peer.publish('count', String(at), { qos: 1 });
  }
  await peer.publish('count', 'last', { qos: 1 });
  await shows(page, '.slow', 'last');
  const { commits, torn, first } = await page.evaluate(() => seen);
  assert.deepEqual(torn, []);
  assert.ok(commits > 1 && first > 1, `${commits} commits, shown in frame ${first}`);
});

pageTest(
  'another filter takes the place of one, none of both; what cannot be read leaves the value as it was',
  async ({ page }) => {
    const { broker, peer, asked } = await startBroker();
    await peer.publish('a', '{"a":1}', { retain: true });
    await peer.publish('b', '{"b":2}', { retain: true });
    await page.evaluate((url) => begin(url), broker.url);
    await shows(page, '#json', '{"a":1}');
    await page.evaluate(() => {
      globalThis.reported = [];
      addEventListener('error', ({ error }) => reported.push(error?.name));
    });
    await peer.publish('a', 'no json');
    await shows(page, '#messages', '{"a":1} no json');
    assert.deepEqual(await page.evaluate(() => reported), ['SyntaxError']);
    assert.deepEqual(await page.evaluate(() => texts('#json')), ['{"a":1}']);
    for (const text of ['2', '3', '4']) {
      await peer.publish('a', text, { qos: 1 });
    }
    await shows(page, '#messages', '2 3 4');
    await page.evaluate(() => edges.topic('b'));
    await shows(page, '#json', '{"b":2}');
    await shows(page, '#messages', '{"b":2}');
    await broker.logged(/Received UNSUBSCRIBE from page/);
    await page.evaluate(() => edges.topic(undefined));
    await shows(page, '#json', '');
    await page.evaluate(() => edges.topic('b'));
    await shows(page, '#json', '{"b":2}');
    await page.evaluate(() => edges.anew());
    await shows(page, '#json', '{"b":2}');
    await page.evaluate(() => client.ping());
    assert.deepEqual([asked('a'), asked('b') >= 1], [1, true]);
  },
  { allowed: [/SyntaxError/] },
);

pageTest('a hidden page is drawn about once a second, and at once when it is shown again', async ({ page }) => {
  const { broker, peer } = await startBroker();
  await page.evaluate((url) => begin(url), broker.url);
  await page.waitForFunction(() => edges.state === 'connected');
  const other = await browser.newPage();
  await other.bringToFront();
  await page.waitForFunction('document.hidden', { polling: 'mutation' }).catch(() => {});
  assert.equal(await page.evaluate(() => document.hidden), true);
  await peer.publish('count', 'hidden', { qos: 1 });
  const drawn = (/** @type {string} */ text) =>
    page.evaluate(
      (text) =>
        new Promise((resolve) => {
          const count = document.querySelector('#count');
          const look = () => count?.textContent === text && resolve(undefined);
          new MutationObserver(look).observe(count, { childList: true, characterData: true, subtree: true });
          look();
        }),
      text,
    );
  await drawn('hidden');
  await peer.publish('count', 'shown', { qos: 1 });
  const shown = drawn('shown');
  await page.bringToFront();
  await shown;
  await other.close();
});
