/**
 * The dedicated worker of an engine dies: it is noticed, the next one goes on with what the application asked for, and nothing
 * is done twice. What a worker does while it lives is `worker-option`.
 */

import assert from 'node:assert/strict';
import { OUT_OF_CACHE, SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();

pageTest(
  'a worker that dies is replaced: subscriptions go on, promises settle',
  async ({ page }) => {
    const peer = await connectPeer(broker);
    const proxy = await startProxy(broker.wsPort);
    await page.evaluate(async (url) => {
      keepWorkers();
      globalThis.client = wasmqtt.connect(url, { worker: true, reconnect: { min: 10, max: 50 } });
      globalThis.lines = diary(client);
      globalThis.heard = [];
      await client.subscribe('d/#', (message) => heard.push(message.text()), { qos: 1 }).ready;
    }, proxy.url);
    const clientId = await page.evaluate(() => client.clientId);
    proxy.blackhole();
    await page.evaluate(() => {
      globalThis.publishing = failure(client.publish('x', '', { qos: 1 }));
      globalThis.closing = failure(client.publish('y', '', { qos: 2 }));
    });
    await page.evaluate(() => workers[0].terminate());
    assert.deepEqual(await page.evaluate(async () => [(await publishing).code, (await closing).code]), [
      'connection-lost',
      'connection-lost',
    ]);
    proxy.restore();
    // What is answered after SUBSCRIBE was sent anew says that the broker has it.
    await page.evaluate(() => client.ping().catch(() => next(client, 'connect').then(() => client.ping())));
    await peer.publish('d/1', 'again', { qos: 1 });
    await page.waitForFunction('heard.length === 1');
    const after = await page.evaluate(async () => {
      await client.publish('d/2', 'own', { qos: 2 });
      return { id: client.clientId, lost: lines.filter(([what]) => what === 'disconnect').length };
    });
    assert.equal(after.id, clientId);
    // That of the worker; the next one may have begun one that leads nowhere, too.
    assert.ok(after.lost >= 1);
    await page.evaluate(() => client.close());
    await peer.end();
  },
  { allowed: [SOCKET_FAILED] },
);

// Without locks it is found out when something is asked for.
for (const locks of [true, false]) {
  pageTest(
    `what is asked for while a dead worker is replaced is done by the next one, once${locks ? '' : ' (no locks)'}`,
    async ({ page }) => {
      const server = await startPacketServer((packet, line) => {
        if (packet.cmd === 'connect') {
          line.send(connack());
        } else if (packet.cmd === 'subscribe') {
          line.send({ cmd: 'suback', messageId: packet.messageId, granted: packet.subscriptions.map(() => 1) });
        } else if (packet.cmd === 'publish') {
          line.send({ cmd: 'puback', messageId: packet.messageId });
        }
      });
      await page.evaluate(
        async (url, locks) => {
          if (!locks) {
            Object.defineProperty(navigator, 'locks', { value: undefined });
          }
          keepWorkers();
          globalThis.client = wasmqtt.connect(url, { worker: true, reconnect: { min: 10, max: 50 } });
          await client.subscribe('before', () => {}, { qos: 1 }).ready;
          // At once, when it is told that the connection is lost.
          client.on('disconnect', () => {
            globalThis.meanwhile = Promise.all([
              client.subscribe('meanwhile', () => {}, { qos: 1 }).ready,
              client.publish('meanwhile', '', { qos: 1 }),
            ]);
          });
        },
        server.url,
        locks,
      );
      await page.evaluate(async () => {
        const lost = next(client, 'disconnect');
        workers[0].terminate();
        client.ping().catch(() => {});
        await lost;
        await meanwhile;
        await client.close();
      });
      await server.received('disconnect');
      const again = server.packets.slice(server.packets.findLastIndex(({ cmd }) => cmd === 'connect'));
      const filters = again.flatMap(({ subscriptions = [] }) => subscriptions.map(({ topic }) => topic));
      assert.deepEqual(filters.sort(), ['before', 'meanwhile']);
      assert.equal(again.filter(({ cmd }) => cmd === 'publish').length, 1);
    },
  );
}

pageTest(
  'a page that only listens has another worker within two seconds of the death of one, also when that dies',
  async ({ page }) => {
    const peer = await connectPeer(broker);
    await page.evaluate(async (url) => {
      keepWorkers();
      globalThis.client = wasmqtt.connect(url, { worker: true, reconnect: { min: 10, max: 50 } });
      globalThis.heard = [];
      await client.subscribe('listens/#', (message) => heard.push(message.text()), { qos: 1 }).ready;
    }, broker.url);
    for (const index of [0, 1]) {
      const took = await page.evaluate(async (index) => {
        const begin = performance.now();
        const connected = next(client, 'connect');
        workers[index].terminate();
        await connected;
        return performance.now() - begin;
      }, index);
      assert.ok(took < 2_000, `${took} ms`);
      await page.evaluate(() => client.ping());
      await peer.publish('listens/on', `${index}`, { qos: 1 });
      await page.waitForFunction((text) => heard.at(-1) === text, {}, `${index}`);
    }
    await page.evaluate(() => client.close());
    assert.deepEqual(
      await page.evaluate(async () => [(await navigator.locks.query()).held.length, workers.length]),
      [0, 3],
    );
    await peer.end();
  },
);

pageTest(
  'a page with a worker returns from the back/forward cache, and finds out then that the next one dies',
  async ({ page }) => {
    await page.evaluate(async (url) => {
      keepWorkers();
      globalThis.client = wasmqtt.connect(url, { worker: true, reconnect: { min: 10, max: 50 } });
      await client.ready;
      globalThis.stayed = true;
    }, broker.url);
    await page.waitForFunction(async () => (await navigator.locks.query()).pending.length > 0);
    await page.goto(`${new URL(page.url()).origin}/slim.html`);
    await page.evaluate(() => navigator.locks.query());
    await page.goBack();
    await page.waitForFunction('globalThis.loaded === true');
    const reasons = await page.evaluate(() =>
      JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons),
    );
    assert.equal(await page.evaluate(() => globalThis.stayed === true), true, reasons);
    await page.waitForFunction(
      async () => client.state === 'connected' && (await navigator.locks.query()).pending.length > 0,
    );
    await page.evaluate(async () => {
      const lost = next(client, 'disconnect');
      workers[0].terminate();
      await lost;
      await next(client, 'connect');
      await client.close();
    });
  },
  { allowed: [SOCKET_FAILED], without: OUT_OF_CACHE },
);

pageTest('a client whose worker dies while it is closed ends', async ({ page }) => {
  await page.evaluate(async (url) => {
    keepWorkers();
    globalThis.client = wasmqtt.connect(url, { worker: true });
    await client.ready;
  }, broker.url);
  await page.evaluate(() => workers[0].terminate());
  assert.equal(await page.evaluate(() => client.close().then(() => client.state)), 'closed');
});
