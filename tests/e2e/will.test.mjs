/**
 * The will, retained messages and one page to many, on a real mosquitto.
 * It does not know reconnects.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chromiumOnly, SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();

/** @param {import('puppeteer-core').Page} page */
function connectWithWill(page, topic, protocol) {
  return page.evaluate(
    async (url, topic, protocol) => {
      const will = { topic, payload: 'gone', qos: 1, ...(protocol === 5 && { contentType: 'text/plain' }) };
      globalThis.client = wasmqtt.connect(url, { protocol, will });
      await client.ready;
      return client.clientId;
    },
    broker.url,
    topic,
    protocol,
  );
}

for (const protocol of /** @type {const} */ ([3, 4, 5])) {
  pageTest(`the broker publishes the will of a page that is closed (protocol ${protocol})`, async ({ open }) => {
    const peer = await connectPeer(broker);
    await peer.subscribe('will/closed');
    const doomed = await open();
    await connectWithWill(doomed.page, 'will/closed', protocol);
    await doomed.page.close();
    const { text, packet } = await peer.next();
    assert.equal(text, 'gone');
    assert.equal(packet.qos, 1);
    assert.equal(packet.properties?.contentType, protocol === 5 ? 'text/plain' : undefined);
    await peer.end();
  });
}

pageTest(
  'the broker publishes the will of a page that crashes',
  async ({ open }) => {
    const peer = await connectPeer(broker);
    await peer.subscribe('will/crashed');
    const doomed = await open();
    await connectWithWill(doomed.page, 'will/crashed', 5);
    const crashed = once(doomed.page, 'error');
    const session = await doomed.page.createCDPSession();
    // Never answered: the page is gone.
    session.send('Page.crash').catch(() => {});
    assert.equal((await peer.next()).text, 'gone');
    await crashed;
    await peer.end();
  },
  { allowed: [/Page crashed/], without: chromiumOnly('its DevTools protocol crashes a page') },
);

pageTest('there is no will after a clean close', async ({ page }) => {
  const peer = await connectPeer(broker);
  await peer.subscribe('will/#');
  for (const protocol of [3, 4, 5]) {
    const id = await connectWithWill(page, 'will/clean', protocol);
    await page.evaluate(() => client.close());
    // When the broker has dropped the connection, it has decided on the will.
    await broker.logged(new RegExp(`Client ${id} (disconnected|closed)`));
  }
  await peer.publish('will/marker', 'end');
  assert.equal((await peer.next()).topic, 'will/marker');
  await peer.end();
});

pageTest('a will is retained, with its properties, and delayed, when it asks for that', async ({ open }) => {
  const peer = await connectPeer(broker);
  await peer.subscribe('will/full', { qos: 2, rap: true });
  const doomed = await open();
  await doomed.page.evaluate(async (url) => {
    globalThis.client = wasmqtt.connect(url, {
      protocol: 5,
      sessionExpiry: 60,
      will: {
        topic: 'will/full',
        payload: new Uint8Array([0, 255]),
        qos: 2,
        retain: true,
        delay: 1,
        expiry: 120,
        responseTopic: 'answer',
        correlationData: new Uint8Array([1, 2]),
        payloadFormat: 'bytes',
        userProperties: [
          ['a', '1'],
          ['a', '2'],
        ],
      },
    });
    await client.ready;
  }, broker.url);
  await doomed.page.close();
  const { payload, packet } = await peer.next();
  assert.deepEqual([...payload], [0, 255]);
  assert.equal(packet.qos, 2);
  assert.equal(packet.retain, true);
  const { messageExpiryInterval, responseTopic, correlationData, userProperties } = packet.properties ?? {};
  assert.ok(messageExpiryInterval !== undefined && messageExpiryInterval > 100 && messageExpiryInterval <= 120);
  assert.equal(responseTopic, 'answer');
  assert.deepEqual([...(correlationData ?? [])], [1, 2]);
  assert.deepEqual({ ...userProperties }, { a: ['1', '2'] });
  await peer.publish('will/full', '', { retain: true });
  await peer.end();
});

pageTest('a retained value arrives on subscribing, and is gone once it is cleared', async ({ page }) => {
  const steps = await page.evaluate(async (url) => {
    const writer = wasmqtt.connect(url);
    await writer.publish('retained/value', '21.5', { retain: true, qos: 1 });
    const reader = wasmqtt.connect(url);
    const first = collect(reader, 'retained/+');
    await first.count(1);
    await writer.publish('retained/value', '22.0', { retain: true, qos: 1 });
    await first.count(2);
    await writer.publish('retained/value', '', { retain: true, qos: 1 });
    await first.count(3);
    await reader.close();
    const later = wasmqtt.connect(url);
    const second = collect(later, 'retained/#');
    await second.ready;
    await writer.publish('retained/marker', 'new', { qos: 1 });
    await second.count(1);
    await Promise.all([writer.close(), later.close()]);
    return {
      first: first.messages.map((message) => [message.text(), message.retain]),
      second: second.messages.map((message) => message.topic),
    };
  }, broker.url);
  assert.deepEqual(steps.first, [
    ['21.5', true],
    ['22.0', false],
    ['', false],
  ]);
  assert.deepEqual(steps.second, ['retained/marker']);
});

pageTest('one page publishes to many', async ({ page, open }) => {
  const peers = await Promise.all(Array.from({ length: 3 }, () => connectPeer(broker)));
  await Promise.all(peers.map((peer) => peer.subscribe('many/#')));
  const others = await Promise.all([open(), open()]);
  for (const other of others) {
    await other.page.evaluate(async (url) => {
      globalThis.client = wasmqtt.connect(url);
      globalThis.inbox = collect(client, 'many/+', { qos: 1 });
      await inbox.ready;
    }, broker.url);
  }
  await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url);
    await Promise.all(Array.from({ length: 50 }, (_, n) => client.publish('many/1', `${n}`, { qos: 1 })));
    await client.close();
  }, broker.url);
  const expected = Array.from({ length: 50 }, (_, n) => `${n}`);
  for (const peer of peers) {
    assert.deepEqual(
      (await peer.take(50)).map(({ text }) => text),
      expected,
    );
    await peer.end();
  }
  for (const other of others) {
    const texts = await other.page.evaluate(async () => (await inbox.count(50)).map((message) => message.text()));
    assert.deepEqual(texts, expected);
  }
});

pageTest(
  'a broken connection gives the will, though the page lives on',
  async ({ page }) => {
    const peer = await connectPeer(broker);
    await peer.subscribe('will/broken');
    const proxy = await startProxy(broker.wsPort);
    await page.evaluate(async (url) => {
      globalThis.client = wasmqtt.connect(url, { will: { topic: 'will/broken', payload: 'lost' } });
      await client.ready;
    }, proxy.url);
    proxy.refuse();
    proxy.cut();
    assert.equal((await peer.next()).text, 'lost');
    await page.evaluate(() => client.close());
    await peer.end();
  },
  { allowed: [SOCKET_FAILED] },
);
