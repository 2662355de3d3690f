/**
 * A broker that is killed and restarted in the middle, a line that is cut: nothing is lost, on a real mosquitto.
 * It does not know half-open connections.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';

const { pageTest } = await startBrowser();
const COUNT = 200;
const numbers = Array.from({ length: COUNT }, (_, n) => `${n}`);
const allowed = [SOCKET_FAILED];

/** @param {readonly string[]} texts the first time that each of them occurs, in order */
const firsts = (texts) => [...new Set(texts)];

/** A page with a client that comes back quickly. */
async function connectPage(page, url, options = {}) {
  return page.evaluate(
    async (url, options) => {
      globalThis.client = wasmqtt.connect(url, { reconnect: { min: 20, max: 100 }, ...options });
      globalThis.lines = diary(client);
      await client.ready;
      return client.clientId;
    },
    url,
    options,
  );
}

for (const protocol of /** @type {const} */ ([3, 4, 5])) {
  for (const qos of /** @type {const} */ ([1, 2])) {
    pageTest(
      `no QoS ${qos} publish is lost when the broker is killed in the middle (protocol ${protocol}, clean session)`,
      async ({ page }) => {
        const broker = await startMosquitto();
        const proxy = await startProxy(broker.wsPort);
        const before = await connectPeer(broker);
        await before.subscribe('stream', { qos: 2 });
        await connectPage(page, proxy.url, { protocol });
        await page.evaluate(
          (count, qos) => {
            globalThis.done = Promise.all(
              Array.from({ length: count }, (_, n) => client.publish('stream', `${n}`, { qos })),
            );
          },
          COUNT,
          qos,
        );
        await before.take(10);
        proxy.refuse();
        await broker.kill();
        await page.waitForFunction(() => client.state === 'waiting');
        await broker.start();
        const after = await connectPeer(broker);
        await after.subscribe('stream', { qos: 2 });
        proxy.restore();
        const results = await page.evaluate(() => done);
        assert.equal(results.length, COUNT);
        const texts = () => [...before.received, ...after.received].map(({ text }) => text);
        await after.holds(() => firsts(texts()).length === COUNT);
        assert.deepEqual(firsts(texts()), numbers, 'in the order in which they were published');
        const { lines, inFlight } = await page.evaluate(async () => {
          const { inFlight, queued } = client.stats();
          await client.close();
          return { lines, inFlight: inFlight + queued };
        });
        assert.equal(inFlight, 0);
        assert.deepEqual(lines.find(([type]) => type === 'disconnect'), ['disconnect', 'connection-lost', true]);
        assert.deepEqual(lines.findLast(([type]) => type === 'connect'), ['connect', false]);
        await before.end();
        await after.end();
        await broker.stop();
      },
      { allowed },
    );
  }
}

for (const protocol of /** @type {const} */ ([4, 5])) {
  pageTest(
    `with a session that is kept, QoS 2 arrives exactly once over a restart, both ways (protocol ${protocol})`,
    async ({ page }) => {
      const broker = await startMosquitto({ persistence: true });
      const proxy = await startProxy(broker.wsPort);
      const session = { clientId: 'other-side', clean: false, properties: { sessionExpiryInterval: 600 } };
      const before = await connectPeer(broker, session);
      await before.subscribe('up', { qos: 2 });
      await connectPage(page, proxy.url, { protocol, clientId: 'page', cleanStart: false, sessionExpiry: 600 });
      await page.evaluate(async () => {
        globalThis.inbox = collect(client, 'down', { qos: 2 });
        await inbox.ready;
      });
      await page.evaluate((count) => {
        globalThis.done = Promise.all(Array.from({ length: count }, (_, n) => client.publish('up', `${n}`, { qos: 2 })));
      }, COUNT);
      await before.take(10);
      proxy.refuse();
      await broker.stop();
      await broker.start();
      const after = await connectPeer(broker, session);
      // The page is away: the broker keeps these for it.
      for (const text of numbers.slice(0, 50)) {
        await after.publish('down', text, { qos: 2 });
      }
      proxy.restore();
      await page.evaluate(() => done);
      const up = () => [...before.received, ...after.received].map(({ text }) => text);
      await after.holds(() => up().length >= COUNT);
      const down = await page.evaluate(async () => {
        await inbox.count(50);
        // Nothing more is under way once this has made its round.
        await client.publish('down', 'end', { qos: 2 });
        return (await inbox.count(51)).map((message) => message.text());
      });
      assert.deepEqual(up(), numbers);
      assert.deepEqual(down, [...numbers.slice(0, 50), 'end']);
      const lines = await page.evaluate(async () => {
        await client.close();
        return lines;
      });
      assert.deepEqual(lines.findLast(([type]) => type === 'connect'), ['connect', true]);
      await before.end();
      await after.end();
      await broker.stop();
    },
    { allowed },
  );
}

pageTest(
  'after a kill the page hears again what it subscribed to, and publishes what was queued meanwhile',
  async ({ page }) => {
    const broker = await startMosquitto();
    await connectPage(page, broker.url);
    await page.evaluate(async () => {
      globalThis.heard = collect(client, 'after/#', { qos: 1 });
      globalThis.ended = client.subscribe('ended/#', () => {});
      await Promise.all([heard.ready, ended.ready]);
    });
    await broker.kill();
    const whileAway = await page.evaluate(async () => {
      if (client.state === 'connected') {
        await next(client, 'disconnect');
      }
      globalThis.queued = [0, 1, 2].map((qos) => client.publish('queued', `QoS ${qos}`, { qos, retain: true }));
      globalThis.late = collect(client, 'late/#');
      await ended.unsubscribe();
      return { queued: client.stats().queued, server: client.server };
    });
    assert.deepEqual(whileAway, { queued: 3, server: undefined });
    await broker.start();
    const peer = await connectPeer(broker);
    const results = await page.evaluate(async () => {
      await Promise.all([late.ready, heard.ready]);
      return (await Promise.all(queued)).map(({ qos }) => qos);
    });
    assert.deepEqual(results, [0, 1, 2]);
    await peer.publish('after/1', 'heard');
    await peer.publish('ended/1', 'not heard');
    await peer.publish('late/1', 'heard');
    const texts = await page.evaluate(async () => {
      await Promise.all([heard.count(1), late.count(1)]);
      const texts = [...heard.messages, ...late.messages].map((message) => message.topic);
      const { connections, messagesReceived } = client.stats();
      await client.close();
      return { texts, connections, messagesReceived };
    });
    assert.deepEqual(texts, { texts: ['after/1', 'late/1'], connections: 2, messagesReceived: 2 });
    await peer.subscribe('queued');
    assert.equal((await peer.next()).text, 'QoS 2');
    await peer.end();
    await broker.stop();
  },
  { allowed },
);

pageTest(
  'a line that is cut a dozen times loses nothing and changes no order',
  async ({ page }) => {
    const broker = await startMosquitto({ config: ['max_inflight_messages 5'] });
    const proxy = await startProxy(broker.wsPort);
    const peer = await connectPeer(broker);
    await peer.subscribe('cut', { qos: 2 });
    await connectPage(page, proxy.url, { clientId: 'cut', cleanStart: false, sessionExpiry: 600 });
    await page.evaluate((count) => {
      globalThis.done = Promise.all(Array.from({ length: count }, (_, n) => client.publish('cut', `${n}`, { qos: 2 })));
    }, COUNT);
    for (let cut = 1; cut <= 12; cut++) {
      await peer.holds((all) => all.length >= cut * 10);
      const back = proxy.connection();
      proxy.cut();
      await back;
    }
    await page.evaluate(() => done);
    await peer.holds((all) => all.length >= COUNT);
    const connections = await page.evaluate(async () => {
      await client.close();
      return client.stats().connections;
    });
    assert.ok(connections > 5, `${connections} connections`);
    assert.deepEqual(peer.received.map(({ text }) => text), numbers);
    await peer.end();
    await broker.stop();
  },
  { allowed },
);

pageTest(
  'reconnect: false gives up with the first loss; maxAttempts after that many',
  async ({ page }) => {
    const broker = await startMosquitto();
    const proxy = await startProxy(broker.wsPort);
    await connectPage(page, proxy.url, { reconnect: false });
    const waiting = page.evaluate(async () => {
      const [closed, publish] = await Promise.all([failure(client.closed), failure(client.publish('a', 'b', { qos: 1 }))]);
      return { closed, publish, lines };
    });
    proxy.blackhole();
    proxy.restore();
    const once = await waiting;
    assert.equal(once.closed.code, 'connection-lost');
    assert.equal(once.closed.phase, 'connected');
    assert.equal(once.publish.code, 'connection-lost');
    assert.deepEqual(once.lines.slice(-3), [
      ['disconnect', 'connection-lost', false],
      ['state', 'closed'],
      ['close', 'connection-lost'],
    ]);
    proxy.refuse();
    const taken = proxy.connections;
    const attempts = await page.evaluate(async (url) => {
      const client = wasmqtt.connect(url, { reconnect: { min: 1, max: 5, maxAttempts: 3 } });
      const error = await failure(client.ready);
      return error.code;
    }, proxy.url);
    assert.equal(attempts, 'connection-lost');
    assert.equal(proxy.connections - taken, 3);
    await broker.stop();
  },
  { allowed },
);
