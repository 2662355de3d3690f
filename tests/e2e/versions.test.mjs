/**
 * Each protocol version and each QoS, in both directions, between the page and MQTT.js on a real mosquitto.
 * It does not know what happens when a connection is lost.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();
const peer = await connectPeer(broker);
await peer.subscribe('up/#');

for (const [protocol, name] of /** @type {const} */ ([
  [3, '3.1'],
  [4, '3.1.1'],
  [5, '5.0'],
])) {
  // With no option but the version, against a broker as it comes.
  // [MQTT-7.0.0-2] [MQTT-7.1.2-1] (3.1.1), [MQTT-4.2.0-1] (5.0)
  pageTest(`MQTT ${name}: every QoS from the page and to it`, async ({ page }) => {
    const server = await page.evaluate(
      async (url, protocol) => {
        globalThis.client = wasmqtt.connect(url, { protocol });
        globalThis.down = collect(client, `down/${protocol}/#`, { qos: 2 });
        const granted = await down.ready;
        const { clientId, ...server } = await client.ready;
        return { ...server, granted: granted.qos, clientId: /^[0-9a-zA-Z]{23}$/.test(clientId), state: client.state };
      },
      broker.url,
      protocol,
    );
    assert.deepEqual(
      { ...server },
      {
        url: broker.url,
        protocol,
        clientId: true,
        granted: 2,
        state: 'connected',
        sessionPresent: false,
        keepAlive: 60,
        sessionExpiry: 0,
        receiveMaximum: protocol === 5 ? 20 : 65_535,
        maximumPacketSize: 268_435_460,
        maximumQoS: 2,
        retainAvailable: true,
        topicAliasMaximum: protocol === 5 ? 10 : 0,
        wildcardSubscriptionAvailable: true,
        sharedSubscriptionAvailable: protocol === 5,
        subscriptionIdentifierAvailable: protocol === 5,
        userProperties: [],
      },
    );

    for (const qos of /** @type {const} */ ([0, 1, 2])) {
      const result = await page.evaluate(
        (protocol, qos) => client.publish(`up/${protocol}/${qos}`, `from the page, QoS ${qos}`, { qos }),
        protocol,
        qos,
      );
      assert.deepEqual(result, { qos, reasonCode: 0, userProperties: [] });
      const message = await peer.next();
      assert.equal(message.topic, `up/${protocol}/${qos}`);
      assert.equal(message.text, `from the page, QoS ${qos}`);
      assert.equal(message.packet.qos, qos);
      assert.equal(message.packet.retain, false);

      await peer.publish(`down/${protocol}/${qos}`, `to the page, QoS ${qos}`, { qos });
      const arrived = await page.evaluate(async (count) => plain((await down.count(count)).at(-1)), qos + 1);
      assert.deepEqual(arrived, {
        topic: `down/${protocol}/${qos}`,
        payload: [...Buffer.from(`to the page, QoS ${qos}`)],
        text: `to the page, QoS ${qos}`,
        qos,
        retain: false,
        duplicate: false,
        properties: protocol === 5 ? arrived.properties : { userProperties: [] },
      });
    }

    const end = await page.evaluate(async () => {
      await client.flush();
      const before = client.stats();
      await client.close();
      await client.closed;
      return {
        state: client.state,
        inFlight: before.inFlight,
        sent: before.messagesSent,
        got: before.messagesReceived,
      };
    });
    assert.deepEqual(end, { state: 'closed', inFlight: 0, sent: 3, got: 3 });
  });
}

pageTest('a publish that nobody subscribes to says so in 5.0', async ({ page }) => {
  const codes = await page.evaluate(async (url) => {
    const codes = [];
    for (const protocol of [4, 5]) {
      const client = wasmqtt.connect(url, { protocol });
      codes.push((await client.publish('to/nobody', '', { qos: 1 })).reasonCode);
      await client.close();
    }
    return codes;
  }, broker.url);
  assert.deepEqual(codes, [0, 0x10]);
});

pageTest(
  'the slim entry does the same with its wasm in a file',
  async ({ page }) => {
    const text = await page.evaluate(async (url) => {
      const client = wasmqtt.connect(url);
      const { messages, ready, count } = collect(client, 'slim', { qos: 1 });
      await ready;
      await client.publish('slim', 'streamed', { qos: 1 });
      await count(1);
      await client.close();
      return messages[0].text();
    }, broker.url);
    assert.equal(text, 'streamed');
    const requests = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    assert.ok(requests.some((name) => name.endsWith('/dist/wasmqtt.wasm')));
  },
  { entry: 'slim' },
);

pageTest('importing the package loads no wasm and opens no connection', async ({ page }) => {
  const requests = await page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
  );
  assert.deepEqual(requests.sort(), ['/dist/index.js', '/support/page-tools.js']);
});
