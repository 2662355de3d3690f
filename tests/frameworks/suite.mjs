/**
 * The same tests of the dashboard in each framework, in Chromium on a real broker, as well as of what a server makes of it.
 * It does not know the frameworks.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { ROOT, startSite } from '../support/site.mjs';
import { buildPage, buildServer, develop } from './build.mjs';

const SUBSCRIBES = /Received SUBSCRIBE from page/g;
const UNSUBSCRIBES = /Received UNSUBSCRIBE from page/g;
const CONNECTIONS = /New client connected from \S+ as page /g;
/** Of one filter, as the broker tells it. @param {string} filter */
const filterLine = (filter) => new RegExp(`^\\d+: \\t${filter.replace('+', '\\+')} `, 'gm');

/** @param {import('./build.mjs').Framework} framework @param {{ hot?: boolean }} [options] */
export async function suite(framework, { hot = true } = {}) {
  const [folder, served] = await Promise.all([buildPage(framework), buildServer(framework)]);
  // What can be seen on a server.
  const {
    html: drawn,
    head,
    start = '',
  } = await served.render(() => {
    throw new Error('a server makes no client');
  });

  const script = (/** @type {string} */ begin) => `
    import { connect, hydrate, mount } from '/app/main.js';
    import * as tools from '/support/page-tools.js';
    const root = document.querySelector('#root');
    const begin = (url, { linger } = {}) => {
      const make = () => (globalThis.client = connect(url, { clientId: 'page', reconnect: { min: 20, max: 200 } }));
      ${begin}
    };
    Object.assign(globalThis, tools, { begin, loaded: true, texts: (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent) });`;
  const page = (/** @type {string} */ root, /** @type {string} */ begin) =>
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,">${head}
</head><body>${start}<div id="root">${root}</div><script type="module">${script(begin)}</script></body></html>`;
  const site = await startSite({
    folders: { app: folder, support: join(ROOT, 'tests/support') },
    pages: {
      '/index.html': page(
        '',
        'globalThis.unmount = mount(root, make, linger); globalThis.again = () => { unmount(); globalThis.unmount = mount(root, make, linger); };',
      ),
      // Connected before it hydrates: what is drawn first is what the server has drawn, all the same.
      '/drawn.html': page(drawn, 'return make().ready.then(() => { hydrate(root, client); });'),
    },
  });
  const { pageTest, open } = await startBrowser({ site });

  /** A broker of its own, whose log is that of one page. */
  const startBroker = async () => {
    const broker = await startMosquitto();
    const peer = await connectPeer(broker, { clientId: 'peer' });
    const told = (/** @type {RegExp} */ pattern) => broker.countLogged(pattern);
    return { broker, peer, told };
  };
  /** Once the element has that text. @param {import('puppeteer-core').Page} page @param {string} selector @param {string} text */
  const shows = (page, selector, text) =>
    page
      .waitForFunction((selector, text) => document.querySelector(selector)?.textContent === text, {}, selector, text)
      .catch(async (error) => {
        const is = await page.evaluate((selector) => document.querySelector(selector)?.outerHTML, selector);
        throw new Error(`${selector} is ${is}, not ${text}`, { cause: error });
      });

  pageTest('a dashboard shows the last values, publishes, asks and is answered', async ({ page }) => {
    const { broker, peer } = await startBroker();
    await peer.publish('plant/1/temperature', '20', { retain: true, qos: 1 });
    await peer.publish('plant/2/temperature', '30', { retain: true, qos: 1 });
    await page.evaluate((url) => begin(url), broker.url);
    await shows(page, '#status', 'connected');
    await shows(page, '#granted', '1');
    await shows(page, '#refused', 'invalid-argument');
    await shows(page, '#topics', 'plant/1/temperature: 20plant/2/temperature: 30');
    await shows(page, '#last', '30');
    await shows(page, '.gauge', '20');
    for (const value of [21, 22, 23, 24, 25, 26]) {
      await peer.publish('plant/1/temperature', String(value), { qos: 1 });
    }
    await shows(page, '#last', '26');
    await shows(page, '#messages', '22 23 24 25 26');
    assert.deepEqual(await page.evaluate(() => texts('.gauge')), Array(20).fill('26'));

    await peer.subscribe('from-page');
    await page.click('#publish');
    assert.equal((await peer.next()).text, 'on');
    await peer.subscribe('lamps/+/state');
    await page.click('#ask');
    const request = await peer.next();
    assert.equal(request.text, 'which?');
    await shows(page, '#reply', 'asking');
    const { responseTopic, correlationData } = request.packet.properties ?? {};
    await peer.publish(responseTopic ?? '', 'on since noon', { qos: 1, properties: { correlationData } });
    await shows(page, '#reply', 'on since noon');
  });

  pageTest(
    'a broker that restarts is shown, and everything is there again',
    async ({ page }) => {
      const { broker } = await startBroker();
      await page.evaluate((url) => begin(url), broker.url);
      await shows(page, '#status', 'connected');
      await broker.stop();
      await page.waitForFunction(() => texts('#lost')[0] === 'disconnected' || texts('#lost')[0] === 'connection-lost');
      await broker.start();
      await shows(page, '#status', 'connected');
      await shows(page, '#lost', '');
      const peer = await connectPeer(broker);
      await page.evaluate(() => client.ping());
      await peer.publish('plant/1/temperature', '27');
      await shows(page, '.gauge', '27');
    },
    { allowed: [SOCKET_FAILED] },
  );

  pageTest(
    'twenty components have one subscription, and keep it while they are away for a moment',
    async ({ page }) => {
      const { broker, peer, told } = await startBroker();
      await page.evaluate((url) => begin(url, { linger: 60_000 }), broker.url);
      await shows(page, '#status', 'connected');
      await page.evaluate(() => client.ping());
      const gauge = filterLine('plant/1/temperature');
      const readings = filterLine('plant/+/temperature');
      assert.deepEqual([told(gauge), told(readings)], [1, 1]);
      await peer.publish('plant/1/temperature', '20');
      await shows(page, '.gauge', '20');

      // As with a change of route.
      await page.click('#toggle');
      await page.waitForFunction(() => texts('.gauge').length === 0);
      await page.click('#toggle');
      await shows(page, '.gauge', '20');
      // The whole application, as where a module is replaced that holds its root.
      await page.evaluate(() => again());
      await shows(page, '.gauge', '20');
      await peer.publish('plant/1/temperature', '21');
      await shows(page, '.gauge', '21');
      await page.evaluate(() => client.ping());
      assert.deepEqual([told(gauge), told(readings), told(UNSUBSCRIBES), told(CONNECTIONS)], [1, 1, 0, 1]);
    },
  );

  pageTest('the last component that goes unsubscribes, and the last provider disconnects', async ({ page }) => {
    const { broker, told } = await startBroker();
    await page.evaluate((url) => begin(url, { linger: 10 }), broker.url);
    await shows(page, '#status', 'connected');
    await page.click('#toggle');
    await broker.logged(/Received UNSUBSCRIBE from page/);
    const gauge = filterLine('plant/1/temperature');
    await page.evaluate(() => client.ping());
    assert.deepEqual([told(gauge), told(UNSUBSCRIBES)], [1, 1]);
    await page.click('#toggle');
    await page.waitForFunction(() => texts('.gauge').length === 20);
    await page.evaluate(() => client.ping());
    assert.deepEqual([told(gauge), told(UNSUBSCRIBES)], [2, 1]);
    await page.evaluate(() => {
      unmount();
      return client.closed;
    });
    await broker.logged(/Received DISCONNECT from page/);
    assert.equal(told(CONNECTIONS), 1);
  });

  pageTest('thousands of messages in a second are drawn once a frame, in all places the same', async ({ page }) => {
    const { broker, peer } = await startBroker();
    await page.evaluate((url) => begin(url), broker.url);
    await peer.publish('plant/1/temperature', '-1', { retain: true });
    await shows(page, '.gauge', '-1');
    await page.evaluate(() => {
      const seen = { frames: 0, messages: 0, most: 0, draws: 0, torn: [] };
      let draws = new Map();
      globalThis.drawn = (index, value) => {
        draws.set(index, (draws.get(index) ?? 0) + 1);
        seen.draws += index === 0 && value !== undefined ? 1 : 0;
      };
      client.addEventListener('message', () => seen.messages++);
      const frame = () => {
        // Before what is drawn in this frame: what the last one has left.
        seen.frames++;
        seen.most = Math.max(seen.most, ...draws.values());
        draws = new Map();
        const different = new Set(texts('.gauge'));
        if (different.size !== 1) {
          seen.torn.push([...different]);
        }
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      globalThis.seen = seen;
    });
    const COUNT = 6000;
    for (let at = 1; at < COUNT; at++) {
      peer.client.publish('plant/1/temperature', String(at));
      if (at % 500 === 0) {
        // Not all at once: for some frames.
        await page.evaluate(() => new Promise(requestAnimationFrame));
      }
    }
    await peer.publish('plant/1/temperature', String(COUNT), { qos: 1 });
    await shows(page, '.gauge', String(COUNT));
    const { frames, messages, most, draws, torn } = await page.evaluate(() => seen);
    assert.deepEqual(torn, []);
    // Told by both filters, it is one message in some brokers and two in others.
    assert.ok(messages >= COUNT, `${messages} messages`);
    assert.equal(most, 1, `${draws} times in ${frames} frames`);
    assert.ok(draws > 1 && draws <= frames && draws < COUNT / 2, `${draws} times in ${frames} frames`);
  });

  test('a server draws how everything is before there is a connection', () => {
    assert.match(drawn, /id="?status"?[^>]*>(<!--.*?-->)?idle/);
    assert.match(drawn, /Plant/);
    assert.equal([...drawn.matchAll(/class="?gauge"?/g)].length, 20);
  });

  pageTest(
    'what a server has drawn is taken over as it is, also by a client that is connected',
    async ({ page }) => {
      const { broker, peer } = await startBroker();
      await peer.publish('plant/1/temperature', '20', { retain: true });
      const warnings = [];
      page.on('console', (message) => warnings.push(message.text()));
      await page.evaluate(() => {
        globalThis.heading = document.querySelector('h1');
      });
      await page.evaluate((url) => begin(url), broker.url);
      await shows(page, '#status', 'connected');
      await shows(page, '.gauge', '20');
      assert.ok(await page.evaluate(() => heading === document.querySelector('h1') && heading.isConnected));
      assert.deepEqual(warnings, []);
    },
    { path: '/drawn.html' },
  );

  if (hot) {
    test('a module that is replaced while one develops leaves connection and subscriptions alone', {
      timeout: 120_000,
    }, async () => {
      const { broker, peer, told } = await startBroker();
      await peer.publish('plant/1/temperature', '20', { retain: true });
      const text = await readFile(join(ROOT, 'tests/frameworks', framework.app), 'utf8');
      const { url, write } = await develop(framework, text);
      const options = encodeURIComponent(JSON.stringify([broker.url, { clientId: 'page' }]));
      const { page, errors } = await open(`/index.html#${options}`, url);
      try {
        await shows(page, '#status', 'connected');
        await shows(page, '.gauge', '20');
        await page.evaluate(() => {
          globalThis.stays = true;
        });
        await write(text.replace('Plant', 'Works'));
        await shows(page, 'h1', 'Works');
        await peer.publish('plant/1/temperature', '21');
        await shows(page, '.gauge', '21');
        await peer.publish('plant/1/temperature', '22');
        await shows(page, '.gauge', '22');
        assert.equal(await page.evaluate('stays'), true);
        assert.deepEqual([told(filterLine('plant/1/temperature')), told(UNSUBSCRIBES), told(CONNECTIONS)], [1, 0, 1]);
        assert.ok(told(SUBSCRIBES) > 0);
        assert.deepEqual(errors, []);
      } finally {
        await page.close();
      }
    });
  }
}
