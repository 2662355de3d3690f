/**
 * The broker in memory in Chromium: with the built client, with MQTT.js, and its WebSocket beside the browser's own, with
 * a server at the other end that does the same.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { atEnd } from '../support/cleanup.mjs';
import { close, HOST, portOf } from '../support/net.mjs';
import { ROOT, startSite } from '../support/site.mjs';
import { SCENARIOS } from './scenarios.js';

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>wasmqtt/testing</title>
<link rel="icon" href="data:,">
<script type="module">
  import { connect } from '/dist/index.js';
  import { createBroker } from '/dist/testing.js';
  import { SCENARIOS } from '/testing/scenarios.js';
  import { SOCKETS } from '/testing/sockets.js';
  Object.assign(globalThis, { connect, createBroker, SCENARIOS, SOCKETS, loaded: true });
</script>
`;
const folders = {
  dist: join(ROOT, 'dist'),
  testing: join(ROOT, 'tests/testing'),
  mqtt: join(ROOT, 'node_modules/mqtt/dist'),
};
const site = await startSite({ folders, pages: { '/index.html': PAGE } });
const { pageTest } = await startBrowser({ site });

pageTest(
  'everything that the broker does in Node it does in a page',
  async ({ page }) => {
    const failed = await page.evaluate(async () => {
      const failed = [];
      for (const [name, run] of Object.entries(globalThis.SCENARIOS)) {
        await run({ connect: globalThis.connect, createBroker: globalThis.createBroker }).catch((error) =>
          failed.push(`${name}: ${error}`),
        );
      }
      return failed;
    });
    assert.deepEqual(failed, []);
    assert.ok(Object.keys(SCENARIOS).length > 30);
  },
  { path: '/index.html' },
);

/** A server that does with a WebSocket what the one in `sockets.js` does. */
async function startServer() {
  const server = new WebSocketServer({
    host: HOST,
    port: 0,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      const text = String(data);
      if (text === 'close') {
        socket.close(4001, 'bye');
      } else if (text === 'cut') {
        socket.terminate();
      } else if (isBinary && data[0] === 0xd0) {
        socket.send(data);
      }
    });
  });
  await once(server, 'listening');
  atEnd(async () => {
    for (const socket of server.clients) {
      socket.terminate();
    }
    await close(server);
  });
  return `ws://${HOST}:${portOf(server)}/path`;
}

pageTest(
  'its WebSocket does what the browser’s own does',
  async ({ page }) => {
    const url = await startServer();
    const [own, made] = await page.evaluate(async (url) => {
      const { createBroker, SOCKETS } = globalThis;
      const results = [{}, {}];
      for (const [name, run] of Object.entries(SOCKETS)) {
        results[0][name] = await run(WebSocket, url, {
          message: (socket, bytes) => socket.send(bytes),
          close: (socket) => socket.send('close'),
          cut: (socket) => socket.send('cut'),
        });
        const broker = createBroker();
        if (name === 'a server that is not there') {
          broker.offline();
        }
        results[1][name] = await run(broker.WebSocket, url, {
          message: (_, bytes) => broker.send(bytes),
          close: () => broker.cut({ code: 4001, reason: 'bye' }),
          cut: () => broker.cut(),
        });
        broker.close();
      }
      return results;
    }, url);
    assert.ok(Object.keys(own).length > 8);
    assert.deepEqual(made, own);
  },
  { path: '/index.html', allowed: [SOCKET_FAILED, /already in CLOSING or CLOSED state/] },
);

pageTest(
  'MQTT.js speaks with it, too',
  async ({ page }) => {
    const seen = await page.evaluate(async () => {
      const { default: mqtt } = await import(new URL('/mqtt/mqtt.esm.js', location.href).href);
      const seen = [];
      for (const protocolVersion of [3, 4, 5]) {
        const broker = globalThis.createBroker();
        const names = protocolVersion === 3 ? { protocolId: 'MQIsdp' } : {};
        const client = mqtt.connect(broker.url, {
          ...{ protocolVersion, ...names, clientId: 'js', reconnectPeriod: 20 },
          createWebsocket: (url, protocols) => broker.factory(url, protocols),
          will: { topic: 'status', payload: 'gone', qos: 1, retain: false },
        });
        const got = [];
        client.on('message', (topic, payload, { qos, retain }) => got.push([topic, payload.toString(), qos, retain]));
        await broker.publish('a/r', 'kept', { retain: true });
        await client.subscribeAsync('a/#', { qos: 2 });
        for (const qos of [0, 1, 2]) {
          await client.publishAsync('a/b', `${qos}`, { qos });
        }
        await broker.waitFor(() => got.length === 4);
        const first = [...got];
        broker.cut();
        await broker.next('subscribe', { from: 'client' });
        await broker.waitFor(() => broker.subscriptions.length === 1 && broker.clients.length === 1);
        await client.endAsync();
        seen.push({ got: first, wills: broker.published('status').map((it) => it.text()), version: protocolVersion });
        broker.close();
      }
      return seen;
    });
    const got = [
      ['a/r', 'kept', 0, true],
      ['a/b', '0', 0, false],
      ['a/b', '1', 1, false],
      ['a/b', '2', 2, false],
    ];
    assert.deepEqual(
      seen,
      [3, 4, 5].map((version) => ({ got, wills: ['gone'], version })),
    );
  },
  { path: '/index.html' },
);
