/**
 * The package in a dedicated module worker, and on a page with a strict Content Security Policy.
 * It does not know the protocol's features.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED, startBrowser, startPackageSite } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';

const broker = await startMosquitto();
const peer = await connectPeer(broker);
await peer.subscribe('worker/up/#');

/** Answers in a worker what is sent to `worker/down/…`, and posts what it hears. */
const WORKER = (/** @type {string} */ entry) => `
  import { connect } from '/dist/${entry}.js';
  addEventListener('unhandledrejection', ({ reason }) => postMessage({ unhandled: String(reason) }));
  onmessage = async ({ data }) => {
    const client = connect(data, { reconnect: { min: 10, max: 20 } });
    client.on('disconnect', ({ error }) => postMessage({ lost: error.code }));
    client.on('connect', () => postMessage({ connected: client.state }));
    const subscription = client.subscribe('worker/down/${entry}', { qos: 2 });
    await subscription.ready;
    postMessage({ subscribed: true });
    for await (const message of subscription) {
      postMessage({ message });
      await client.publish('worker/up/${entry}', message.text().toUpperCase(), { qos: 2 });
      postMessage({ answered: true });
      if (message.text() === 'stop') {
        break;
      }
    }
    await client.close();
    postMessage({ closed: client.state });
  };
`;

const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src *; img-src data:";

const site = await startPackageSite({
  '/worker-index.js': WORKER('index'),
  '/worker-slim.js': WORKER('slim'),
  '/strict-index.html': strictPage('index'),
  '/strict-slim.html': strictPage('slim'),
  '/strict-index.js':
    "import * as wasmqtt from '/dist/index.js'; Object.assign(globalThis, { wasmqtt, loaded: true });",
  '/strict-slim.js': "import * as wasmqtt from '/dist/slim.js'; Object.assign(globalThis, { wasmqtt, loaded: true });",
});
const { pageTest } = await startBrowser({ site });

/** @param {string} entry */
function strictPage(entry) {
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${STRICT}">
<title>strict</title><link rel="icon" href="data:,"><script type="module" src="/strict-${entry}.js"></script>`;
}

for (const entry of /** @type {const} */ (['index', 'slim'])) {
  pageTest(
    `in a dedicated worker (${entry}): messages both ways, and over a cut`,
    async ({ page }) => {
      const proxy = await startProxy(broker.wsPort);
      await page.evaluate(
        (script, url) => {
          globalThis.posts = [];
          globalThis.worker = new Worker(script, { type: 'module' });
          worker.onmessage = ({ data }) => posts.push(data);
          worker.onerror = ({ message }) => posts.push({ error: message });
          worker.postMessage(url);
        },
        `/worker-${entry}.js`,
        proxy.url,
      );
      const posted = (/** @type {string} */ name, count = 1) =>
        page.waitForFunction((name, count) => posts.filter((post) => name in post).length >= count, {}, name, count);
      await posted('subscribed');
      await peer.publish(`worker/down/${entry}`, 'hello', { qos: 2 });
      assert.equal((await peer.next()).text, 'HELLO');
      // Else it would be published anew, as the server keeps no session.
      await posted('answered');
      proxy.cut();
      await posted('connected', 2);
      // That the subscription is made anew is told by the broker's log only.
      await broker.logged(new RegExp(`(\\tworker/down/${entry} \\(QoS 2\\)[\\s\\S]*){2}`));
      await peer.publish(`worker/down/${entry}`, 'stop', { qos: 2 });
      assert.equal((await peer.next()).text, 'STOP');
      await posted('closed');
      const posts = await page.evaluate(() => {
        worker.terminate();
        return posts.map((post) => (post.message ? { text: new TextDecoder().decode(post.message.payload) } : post));
      });
      assert.deepEqual(posts, [
        { connected: 'connected' },
        { subscribed: true },
        { text: 'hello' },
        { answered: true },
        { lost: 'connection-lost' },
        { connected: 'connected' },
        { text: 'stop' },
        { answered: true },
        { closed: 'closed' },
      ]);
    },
    { allowed: [SOCKET_FAILED] },
  );

  pageTest(
    `under a Content Security Policy without unsafe-eval (${entry})`,
    async ({ page }) => {
      const state = await page.evaluate(async (url) => {
        const client = wasmqtt.connect(url);
        await client.publish('strict', 'x', { qos: 1 });
        const { state } = client;
        await client.close();
        return state;
      }, broker.url);
      assert.equal(state, 'connected');
    },
    { path: `/strict-${entry}.html` },
  );
}
