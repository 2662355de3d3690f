/**
 * Options that only 5.0 has: what they put into packets, and their refusal where 3.x is asked for.
 * It does not know brokers: a server of a few lines accepts everybody.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';

const { pageTest } = await startBrowser();

/** Accepts, grants and acknowledges. */
const start = (properties = {}, onSubscribe = () => []) =>
  startPacketServer((packet, { send }) => {
    const { cmd, messageId } = packet;
    if (cmd === 'connect') {
      send(connack({ properties }));
    } else if (cmd === 'subscribe') {
      send({ cmd: 'suback', messageId, granted: packet.subscriptions.map(() => 1) }, ...onSubscribe());
    } else if (cmd === 'unsubscribe') {
      send({ cmd: 'unsuback', messageId, granted: [0] });
    } else if (cmd === 'publish' && packet.qos === 1) {
      send({ cmd: 'puback', messageId, reasonCode: 0 });
    } else if (cmd === 'pingreq') {
      send({ cmd: 'pingresp' });
    }
  });

pageTest('what is asked for stands in CONNECT', async ({ page }) => {
  const server = await start();
  await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, {
      protocol: 5,
      sessionExpiry: 7,
      receiveMaximum: 8,
      maximumPacketSize: 9000,
      topicAliasMaximum: 10,
      requestResponseInformation: true,
      requestProblemInformation: false,
      userProperties: [['k', 'v']],
    });
    await client.ready;
    await client.close();
  }, server.url);
  const [connect] = await server.received('connect');
  assert.deepEqual(
    { ...connect?.properties, userProperties: { ...connect?.properties?.userProperties } },
    {
      sessionExpiryInterval: 7,
      receiveMaximum: 8,
      maximumPacketSize: 9000,
      topicAliasMaximum: 10,
      requestResponseInformation: true,
      requestProblemInformation: false,
      userProperties: { k: 'v' },
    },
  );
});

pageTest('a topic in use is said by its alias, unless that is turned off', async ({ page }) => {
  const server = await start({ topicAliasMaximum: 4 });
  for (const topicAliases of [true, false]) {
    await page.evaluate(
      async (url, topicAliases) => {
        const client = wasmqtt.connect(url, { protocol: 5, topicAliases });
        for (let number = 0; number < 3; number++) {
          await client.publish('plant/line/robot', 'x', { qos: 1 });
        }
        await client.close();
      },
      server.url,
      topicAliases,
    );
  }
  const publishes = await server.received('publish', 6);
  assert.deepEqual(
    publishes.map(({ topic, properties }) => [topic, properties?.topicAlias]),
    [
      ['plant/line/robot', undefined],
      ['plant/line/robot', 1],
      ['', 1],
      ...Array(3).fill(['plant/line/robot', undefined]),
    ],
  );
});

pageTest('a payload that is not the text it is said to be is refused where that is asked for', async ({ page }) => {
  const bad = () => [
    {
      cmd: 'publish',
      topic: 'a',
      payload: Buffer.from([0xff]),
      qos: 1,
      messageId: 7,
      properties: { payloadFormatIndicator: true },
    },
  ];
  const server = await start({}, bad);
  const counts = await page.evaluate(async (url) => {
    const counts = [];
    for (const checkPayloadFormat of [true, false]) {
      const client = wasmqtt.connect(url, { protocol: 5, checkPayloadFormat });
      const inbox = collect(client, 'a', { qos: 1 });
      await inbox.ready;
      await client.ping();
      counts.push(inbox.messages.length);
      const wrong = await failure(client.publish('a', new Uint8Array([0xff]), { payloadFormat: 'utf-8' }));
      counts.push(wrong.code);
      await client.close();
    }
    return counts;
  }, server.url);
  assert.deepEqual(counts, [0, 'invalid-argument', 1, 'invalid-argument']);
  const pubacks = await server.received('puback', 2);
  assert.deepEqual(
    pubacks.map(({ reasonCode }) => reasonCode),
    [0x99, 0],
  );
});

pageTest('user properties and reasons are sent wherever they may stand', async ({ page }) => {
  const message = () => [{ cmd: 'publish', topic: 'a', payload: 'x', qos: 1, messageId: 9 }];
  const server = await start({}, message);
  await page.evaluate(async (url) => {
    const userProperties = [['k', 'v']];
    const client = wasmqtt.connect(url, { protocol: 5 });
    const inbox = collect(client, 'a', { qos: 1, ack: 'manual', userProperties });
    await inbox.ready;
    (await inbox.count(1))[0].ack({ reasonCode: 0x97, reasonString: 'full', userProperties });
    await inbox.subscription.unsubscribe({ userProperties });
    await client.publish('b', 'x', { userProperties });
    await client.close({ reasonString: 'done', userProperties });
  }, server.url);
  await server.received('disconnect');
  const said = server.packets
    .filter(({ cmd }) => cmd !== 'connect' && cmd !== 'pingreq')
    .map(({ cmd, reasonCode, properties }) => [
      cmd,
      reasonCode ?? 0,
      properties?.userProperties?.k,
      properties?.reasonString,
    ]);
  assert.deepEqual(said, [
    ['subscribe', 0, 'v', undefined],
    ['puback', 0x97, 'v', 'full'],
    ['unsubscribe', 0, 'v', undefined],
    ['publish', 0, 'v', undefined],
    ['disconnect', 0, 'v', 'done'],
  ]);
});

pageTest('3.x refuses each of them by a typed error', async ({ page }) => {
  const server = await start();
  const codes = await page.evaluate(async (url) => {
    const codes = [];
    const will = { topic: 'w', payload: '', delay: 1 };
    for (const options of [
      { sessionExpiry: 1 },
      { receiveMaximum: 5 },
      { topicAliasMaximum: 5 },
      { requestResponseInformation: true },
      { requestProblemInformation: false },
      { checkPayloadFormat: true },
      { userProperties: [['k', 'v']] },
      { authentication: { method: 'm', challenge: () => '' } },
      { will },
    ]) {
      for (const protocol of [3, 4]) {
        codes.push((await failure(wasmqtt.connect(url, { protocol, ...options }).ready)).code);
      }
    }
    const client = wasmqtt.connect(url, { protocol: 4 });
    for (const attempt of [
      client.publish('a', '', { contentType: 'text/plain' }),
      client.subscribe('a', { noLocal: true }).ready,
      client.subscribe('a', { userProperties: [['k', 'v']] }).ready,
    ]) {
      codes.push((await failure(attempt)).code);
    }
    await client.close();
    return codes;
  }, server.url);
  assert.deepEqual(codes, Array(21).fill('unsupported'));
});
