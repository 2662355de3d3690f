/**
 * The properties of MQTT 5.0 in both directions, and the limits that a server names, on a real mosquitto.
 * It does not know older versions.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();
const peer = await connectPeer(broker);

pageTest('properties of a message, from the page', async ({ page }) => {
  await peer.subscribe('properties/up');
  await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url);
    await client.publish('properties/up', '{"a":1}', {
      qos: 1,
      expiry: 300,
      contentType: 'application/json',
      responseTopic: 'answers/1',
      correlationData: new Uint8Array([1, 2, 255]),
      payloadFormat: 'utf-8',
      userProperties: [
        ['b', '2'],
        ['a', '1'],
        ['b', 'é'],
      ],
    });
    await client.publish('properties/up', '', { correlationData: new Uint8Array([7]).buffer, payloadFormat: 'bytes' });
    await client.close();
  }, broker.url);
  const [first, second] = await peer.take(2);
  const { correlationData, userProperties, ...properties } = first?.packet.properties ?? {};
  assert.deepEqual(
    { ...properties },
    {
      messageExpiryInterval: 300,
      contentType: 'application/json',
      responseTopic: 'answers/1',
      payloadFormatIndicator: true,
    },
  );
  assert.deepEqual([...(correlationData ?? [])], [1, 2, 255]);
  assert.deepEqual({ ...userProperties }, { b: ['2', 'é'], a: '1' });
  assert.deepEqual([...(second?.packet.properties?.correlationData ?? [])], [7]);
});

pageTest('properties of a message, to the page', async ({ page }) => {
  await page.evaluate(async (url) => {
    globalThis.client = wasmqtt.connect(url);
    globalThis.inbox = collect(client, 'properties/down', { qos: 2 });
    await inbox.ready;
  }, broker.url);
  await peer.publish('properties/down', '{"a":[1,2]}', {
    qos: 2,
    properties: {
      messageExpiryInterval: 300,
      contentType: 'application/json',
      responseTopic: 'answers/2',
      correlationData: Buffer.from([0, 128]),
      payloadFormatIndicator: true,
      userProperties: { a: ['1', '2'], ü: '' },
    },
  });
  await peer.publish('properties/down', 'bare');
  const [full, bare] = await page.evaluate(async () => {
    const messages = await inbox.count(2);
    const cloned = structuredClone(messages[0]);
    return [
      { ...plain(messages[0]), json: messages[0].json(), cloned: cloned.properties.contentType },
      plain(messages[1]),
    ];
  });
  assert.deepEqual(full.json, { a: [1, 2] });
  assert.equal(full.cloned, 'application/json');
  const { properties } = full;
  assert.deepEqual(properties, {
    payloadFormat: 'utf-8',
    expiry: 300,
    contentType: 'application/json',
    responseTopic: 'answers/2',
    correlationData: [0, 128],
    userProperties: [
      ['a', '1'],
      ['a', '2'],
      ['ü', ''],
    ],
  });
  assert.deepEqual(bare.properties.userProperties, []);
  await page.evaluate(() => client.close());
});

pageTest('request and response between two pages, by response topic and correlation data', async ({ page, open }) => {
  await page.evaluate(async (url) => {
    globalThis.server = wasmqtt.connect(url);
    const double = server.subscribe('double', async (message) => {
      const { responseTopic, correlationData } = message.properties;
      await server.publish(responseTopic, `${2 * message.json()}`, { correlationData });
    });
    await double.ready;
  }, broker.url);
  const asker = await open();
  const answers = await asker.page.evaluate(async (url) => {
    const client = wasmqtt.connect(url);
    const inbox = collect(client, `answers/${client.clientId || 'me'}`);
    await inbox.ready;
    for (const number of [4, 21]) {
      await client.publish('double', `${number}`, {
        responseTopic: inbox.subscription.filter,
        correlationData: new Uint8Array([number]),
      });
    }
    const messages = await inbox.count(2);
    await client.close();
    return messages.map((message) => [message.properties.correlationData[0], message.json()]);
  }, broker.url);
  assert.deepEqual(answers, [
    [4, 8],
    [21, 42],
  ]);
});

pageTest('an empty client identifier is assigned by the server', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { clientId: '' });
    const before = client.clientId;
    const { clientId } = await client.ready;
    const after = client.clientId;
    await client.close();
    return { before, same: clientId === after, long: after.length > 10, kept: client.clientId === after };
  }, broker.url);
  assert.deepEqual(seen, { before: '', same: true, long: true, kept: true });
});

pageTest('the limits of the server are told and kept', async ({ page }) => {
  const strict = await startMosquitto({
    config: ['max_packet_size 2000', 'max_keepalive 30', 'retain_available false', 'max_inflight_messages 3'],
  });
  const other = await connectPeer(strict);
  await other.subscribe('limits');
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { keepAlive: 120 });
    const server = await client.ready;
    const errors = [
      await failure(client.publish('limits', new Uint8Array(2000), { qos: 1 })),
      await failure(client.publish('limits', 'kept', { retain: true })),
    ];
    // More than the receive maximum: they wait their turn.
    await Promise.all(Array.from({ length: 20 }, (_, n) => client.publish('limits', `${n}`, { qos: 2 })));
    const { state } = client;
    await client.close();
    const { keepAlive, maximumPacketSize, retainAvailable, receiveMaximum } = server;
    return {
      keepAlive,
      maximumPacketSize,
      retainAvailable,
      receiveMaximum,
      state,
      codes: errors.map(({ code }) => code),
    };
  }, strict.url);
  assert.deepEqual(seen, {
    keepAlive: 30,
    maximumPacketSize: 2000,
    retainAvailable: false,
    receiveMaximum: 3,
    state: 'connected',
    codes: ['too-large', 'unsupported'],
  });
  const texts = (await other.take(20)).map(({ text }) => text);
  assert.deepEqual(
    texts,
    Array.from({ length: 20 }, (_, n) => `${n}`),
  );
  await other.end();
  await strict.stop();
});

pageTest('maximumPacketSize of the client keeps larger messages away', async ({ page }) => {
  await page.evaluate(async (url) => {
    globalThis.client = wasmqtt.connect(url, { maximumPacketSize: 200 });
    globalThis.inbox = collect(client, 'sized', { qos: 1 });
    await inbox.ready;
  }, broker.url);
  await peer.publish('sized', Buffer.alloc(500), { qos: 1 });
  await peer.publish('sized', 'small', { qos: 1 });
  const texts = await page.evaluate(async () => {
    const messages = await inbox.count(1);
    await client.close();
    return messages.map((message) => message.text());
  });
  assert.deepEqual(texts, ['small']);
});

pageTest(
  'what expires while it waits is not sent',
  async ({ page }) => {
    const later = await startMosquitto();
    await later.stop();
    await page.evaluate((url) => {
      globalThis.client = wasmqtt.connect(url, { reconnect: { min: 10, max: 20 } });
      globalThis.stale = failure(client.publish('expires', 'stale', { qos: 1, expiry: 1 }));
      globalThis.fresh = client.publish('expires', 'fresh', { qos: 1, expiry: 600, retain: true });
    }, later.url);
    const error = await page.evaluate(() => stale);
    await later.start();
    await page.evaluate(() => fresh);
    const other = await connectPeer(later);
    await other.subscribe('expires');
    const message = await other.next();
    await page.evaluate(() => client.close());
    assert.equal(error.ours, true);
    assert.equal(error.code, 'timeout');
    assert.equal(message.text, 'fresh');
    const left = message.packet.properties?.messageExpiryInterval;
    assert.ok(left !== undefined && left < 600, `${left} s are left`);
    await other.end();
    await later.stop();
  },
  { allowed: [SOCKET_FAILED] },
);

pageTest('sendWill is DISCONNECT 0x04, the session expiry of close goes with it', async ({ page }) => {
  const server = await startScripted((packet, send) => packet[0] === 0x10 && send(CONNACK[5]));
  await page.evaluate(async (url) => {
    const will = { topic: 'will', payload: 'x' };
    const client = wasmqtt.connect(url, { protocol: 5, sessionExpiry: 60, will });
    await client.ready;
    await client.close({ sendWill: true, sessionExpiry: 120 });
    const plain = wasmqtt.connect(url, { protocol: 5 });
    await plain.ready;
    await plain.close();
  }, server.url);
  assert.deepEqual(await server.packets(14, 2), ['e00704051100000078', 'e000']);
});
