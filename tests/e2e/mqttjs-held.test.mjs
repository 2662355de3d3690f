/**
 * A client of `wasmqtt/mqttjs` where programs for MQTT.js hold theirs: in what a framework watches. In a page, on a real mosquitto.
 * It does not know what else programs do with it.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { ROOT, startSite } from '../support/site.mjs';

const broker = await startMosquitto();
const page = (/** @type {string} */ script) => `<!doctype html><meta charset="utf-8"><title>held</title>
<link rel="icon" href="data:,"><div id="app"></div>
<script type="module">
  import * as mqtt from '/dist/mqttjs.js';
  const broker = new URLSearchParams(location.search).get('broker');
  ${script}
  globalThis.loaded = true;
</script>`;

const site = await startSite({
  folders: { dist: join(ROOT, 'dist'), vue: join(ROOT, 'node_modules/vue/dist') },
  pages: {
    // The client takes the place of an object that has `connected` alone, and the page is drawn anew for another reason.
    '/vue.html': page(`
  import { createApp, h, reactive, ref } from '/vue/vue.runtime.esm-browser.prod.js';
  const NONE = { connected: false };
  const options = reactive({ clientId: 'held', clean: true, reconnectPeriod: 100, username: 'somebody' });
  createApp({
    setup() {
      const client = ref(NONE);
      const kept = reactive({ client: NONE, received: [] });
      const busy = ref('');
      const connect = () => {
        busy.value = 'connecting';
        const { username, ...rest } = options;
        client.value = mqtt.connect(broker, rest);
        kept.client = client.value;
        client.value.on('connect', () => { busy.value = ''; });
        client.value.on('message', (topic, message) => kept.received.push(topic + ': ' + message));
      };
      const done = (error, said) => { busy.value = String(error?.message ?? said[0]?.qos ?? said.cmd); };
      const end = () => client.value.end(false, () => { client.value = NONE; busy.value = 'ended'; });
      const button = (text, onClick) => h('button', { id: text, onClick }, text);
      return () => [
        h('p', { id: 'state' }, (client.value.connected ? 'connected' : 'not connected') + ' ' + busy.value),
        h('p', { id: 'kept' }, String(kept.client === client.value)),
        h('ul', kept.received.map((text) => h('li', text))),
        button('connect', connect),
        button('subscribe', () => kept.client.subscribe('down/#', { qos: 1 }, done)),
        button('publish', () => client.value.publish('up', '{ "on": true }', { qos: 1 }, done)),
        button('unsubscribe', () => client.value.unsubscribe('down/#', { qos: 1 }, done)),
        button('end', end),
      ];
    },
  }).mount('#app');`),
    // As Vue 2 watches an object: each own field, to its depths, becomes a getter and a setter.
    '/watched.html': page(`
  const watched = new WeakSet();
  const watch = (value) => {
    if (Object.prototype.toString.call(value) !== '[object Object]' || watched.has(value) || Object.isFrozen(value)) return;
    watched.add(value);
    for (const [key, { configurable, writable }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
      if (!configurable || !writable) continue;
      let held = value[key];
      watch(held);
      const get = () => held;
      const set = (next) => { globalThis.changes.push(key); watch(next); held = next; };
      Object.defineProperty(value, key, { configurable: true, enumerable: true, get, set });
    }
  };
  globalThis.changes = [];
  globalThis.begin = () => {
    const client = mqtt.connect(broker, { reconnectPeriod: 100 });
    watch(client);
    return client;
  };`),
  },
});
const { pageTest } = await startBrowser({ site });
const query = `?broker=${encodeURIComponent(broker.url)}`;

pageTest(
  'a component of Vue holds it in a ref and in a reactive object',
  async ({ page }) => {
    const peer = await connectPeer(broker);
    await peer.subscribe('up');
    const shown = (/** @type {string} */ state) =>
      page.waitForFunction((state) => document.querySelector('#state')?.textContent === state, {}, state);
    await shown('not connected ');
    await page.click('#connect');
    await shown('connected ');
    assert.equal(await page.$eval('#kept', (one) => one.textContent), 'true');
    await page.click('#subscribe');
    await shown('connected 1');
    await peer.publish('down/1', 'hello', { qos: 1 });
    await page.waitForSelector('li');
    assert.equal(await page.$eval('li', (one) => one.textContent), 'down/1: hello');
    await page.click('#publish');
    assert.equal((await peer.next()).text, '{ "on": true }');
    await shown('connected puback');
    await page.click('#unsubscribe');
    await shown('connected unsuback');
    await page.click('#end');
    await shown('not connected ended');
    await page.click('#connect');
    await shown('connected ');
    await page.click('#end');
    await shown('not connected ended');
    await peer.end();
  },
  { path: `/vue.html${query}` },
);

pageTest(
  'each of its fields may become a getter and a setter, as where Vue 2 watches it',
  async ({ page }) => {
    const seen = await page.evaluate(async () => {
      const { begin, changes } = /** @type {any} */ (globalThis);
      const client = begin();
      await new Promise((resolve) => client.once('connect', resolve));
      await client.subscribeAsync('watched', { qos: 1 });
      const came = new Promise((resolve) =>
        client.once('message', (/** @type {string} */ topic, /** @type {Uint8Array} */ message) =>
          // What reads it adds it to a text.
          resolve(`${topic}: `.concat(/** @type {any} */ (message))),
        ),
      );
      await client.publishAsync('watched', 'hello', { qos: 2 });
      const text = await came;
      await client.endAsync();
      return { text, changed: changes.includes('connected'), connected: client.connected };
    });
    assert.deepEqual(seen, { text: 'watched: hello', changed: true, connected: false });
  },
  { path: `/watched.html${query}` },
);
