/**
 * A client that is stopped and begun again, with other options, and a filter that an earlier one left behind; on a real
 * mosquitto. It does not know connections that are lost.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { freePorts } from '../support/net.mjs';
import { connectPeer } from '../support/peer.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();
const peer = await connectPeer(broker);
await peer.subscribe('restart/#');

pageTest('disconnect keeps the client and what waits in it; connect goes on, with another will', async ({ page }) => {
  const first = await page.evaluate(async (url) => {
    globalThis.seen = [];
    globalThis.client = wasmqtt.connect(url, { sessionExpiry: 60 });
    globalThis.states = [];
    client.addEventListener('state', ({ detail }) => states.push(detail.state));
    await client.subscribe('to-page', (message) => seen.push(message.text()), { qos: 1 }).ready;
    await client.disconnect();
    const late = client.publish('restart/late', 'waited', { qos: 2 });
    late.then(() => seen.push('late'));
    return { states, state: client.state, server: client.server === undefined };
  }, broker.url);
  assert.deepEqual(first, { states: ['connecting', 'connected', 'idle'], state: 'idle', server: true });
  await peer.publish('to-page', 'kept by the broker', { qos: 1 });
  const second = await page.evaluate(async () => {
    const server = await client.connect({ will: { topic: 'restart/will', payload: 'gone' }, keepAlive: 9 });
    await client.flush();
    return { sessionPresent: server.sessionPresent, keepAlive: server.keepAlive, same: server === client.server };
  });
  assert.deepEqual(second, { sessionPresent: true, keepAlive: 9, same: true });
  assert.equal((await peer.next()).text, 'waited');
  await page.waitForFunction('seen.includes("late") && seen.includes("kept by the broker")');
  await page.evaluate(() => client.disconnect({ sendWill: true }));
  assert.equal((await peer.next()).text, 'gone');
  await page.evaluate(() => client.close());
});

pageTest(
  'by hand there is one attempt for each connect, and it may succeed later',
  async ({ page }) => {
    const [free] = await freePorts(1);
    const seen = await page.evaluate(async (nobody) => {
      const client = wasmqtt.connect(nobody, { reconnect: 'by-hand' });
      const failed = await client.connect().catch((error) => error.code);
      const state = client.state;
      const refused = await client.connect({ clientId: 'other' }).catch((error) => error.message);
      const publishing = client.publish('restart/by-hand', '1', { qos: 1 });
      const lost = await client.connect().catch((error) => error.code);
      await client.close();
      const closed = await client.connect().catch((error) => error.code);
      return { failed, state, refused, lost, closed, publishing: await publishing.catch((error) => error.code) };
    }, `ws://127.0.0.1:${free}`);
    assert.deepEqual(seen, {
      failed: 'connection-lost',
      state: 'idle',
      refused: 'unknown option "clientId"',
      lost: 'connection-lost',
      closed: 'closed',
      publishing: 'closed',
    });
  },
  { allowed: [SOCKET_FAILED] },
);

pageTest('options change only while there is no connection', async ({ page }) => {
  const code = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url);
    await client.ready;
    const code = await client.connect({ keepAlive: 5 }).catch((error) => error.code);
    await client.close();
    return code;
  }, broker.url);
  assert.equal(code, 'unsupported');
});

pageTest('a filter of an earlier client of the session is given up', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const options = { clientId: 'leaver', protocol: 4, cleanStart: false };
    const earlier = wasmqtt.connect(url, options);
    await earlier.subscribe('left/behind', () => {}).ready;
    await earlier.close();
    const client = wasmqtt.connect(url, options);
    const seen = [];
    client.addEventListener('message', ({ detail }) => seen.push(detail.topic));
    await client.ready;
    await client.publish('left/behind', '1', { qos: 1 });
    await client.ping();
    const { reasonCode } = await client.unsubscribe('left/behind');
    await client.publish('left/behind', '2', { qos: 1 });
    await client.ping();
    const own = client.subscribe('own', () => {});
    await own.ready;
    const refused = await client.unsubscribe('own').catch((error) => error.code);
    await client.close();
    return { seen, reasonCode, refused };
  }, broker.url);
  assert.deepEqual(seen, { seen: ['left/behind'], reasonCode: 0, refused: 'invalid-argument' });
});

pageTest('in a worker it is the same', async ({ page }) => {
  const states = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { worker: true });
    const states = [];
    client.addEventListener('state', ({ detail }) => states.push(detail.state));
    await client.ready;
    await client.disconnect();
    await client.connect({ keepAlive: 11 });
    states.push(client.server.keepAlive);
    await client.close();
    return states;
  }, broker.url);
  assert.deepEqual(states, ['connecting', 'connected', 'idle', 'connecting', 'connected', 11, 'closed']);
});
