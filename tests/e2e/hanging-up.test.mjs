/**
 * Servers that answer what they do not allow by closing the connection, as several large ones do.
 * How the one to blame is found is in the engine's tests.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';
import { connectPeer } from '../support/peer.mjs';

const { pageTest } = await startBrowser();
const reconnect = { min: 20, max: 100 };

/** A server that closes the connection over whatever names `forbidden`, and answers everything else. */
function startStrict(/** @type {4 | 5} */ protocol) {
  return startPacketServer((packet, { send, close }) => {
    const { cmd, messageId, topic = '', subscriptions = [], unsubscriptions = [] } = packet;
    const names = [topic, ...subscriptions.map((/** @type {any} */ one) => one.topic), ...unsubscriptions];
    if (names.some((name) => name?.startsWith('forbidden'))) {
      close();
    } else if (cmd === 'connect') {
      send(connack({ returnCode: 0 }));
    } else if (cmd === 'subscribe') {
      send({ cmd: 'suback', messageId, granted: subscriptions.map(() => 0) });
    } else if (cmd === 'publish' && packet.qos === 1) {
      send({ cmd: 'puback', messageId });
    }
  }, protocol);
}

for (const protocol of /** @type {const} */ ([4, 5])) {
  pageTest(`a forbidden subscription fails, and all others live (protocol ${protocol})`, async ({ page }) => {
    const server = await startStrict(protocol);
    const seen = await page.evaluate(
      async (url, options) => {
        const client = wasmqtt.connect(url, options);
        const told = next(client, 'error');
        const good = client.subscribe('good/a');
        const bad = client.subscribe('forbidden/#');
        const error = await failure(bad.ready);
        const heard = (await told).code;
        // Nobody waits for this one.
        const second = next(client, 'error');
        client.subscribe('forbidden/other');
        const unheard = (await second).code;
        const granted = await good.ready;
        await client.publish('good/a', 'x', { qos: 1 });
        const { state } = client;
        const { connections } = client.stats();
        await client.close();
        return { error, heard, unheard, granted: granted.qos, state, connections };
      },
      server.url,
      { protocol, reconnect },
    );
    assert.deepEqual(
      { code: seen.error.code, retryable: seen.error.retryable, close: seen.error.close.code },
      { code: 'hung-up', retryable: false, close: 1005 },
    );
    assert.match(seen.error.message, /each connection ended soon after this was sent/);
    assert.deepEqual([seen.granted, seen.state], [0, 'connected']);
    assert.deepEqual([seen.heard, seen.unheard], ['hung-up', 'hung-up']);
    assert.equal(seen.connections, 11);
  });

  pageTest(`a forbidden publish fails, and all others arrive (protocol ${protocol})`, async ({ page }) => {
    const server = await startStrict(protocol);
    const seen = await page.evaluate(
      async (url, options) => {
        const client = wasmqtt.connect(url, options);
        const subscription = client.subscribe('good/a');
        const bad = failure(client.publish('forbidden/a', 'x', { qos: 1 }));
        const good = client.publish('good/a', 'x', { qos: 1 });
        const { code } = await bad;
        const { reasonCode } = await good;
        await subscription.ready;
        await client.close();
        return { code, reasonCode };
      },
      server.url,
      { protocol, reconnect },
    );
    assert.deepEqual(seen, { code: 'hung-up', reasonCode: 0 });
  });
}

pageTest('a server that disconnects with 0x87 over a subscription ends only that', async ({ page }) => {
  const server = await startPacketServer((packet, { send, close }) => {
    if (packet.cmd === 'connect') {
      send(connack());
    } else if (
      packet.cmd === 'subscribe' &&
      packet.subscriptions.some((/** @type {any} */ one) => one.topic === 'no')
    ) {
      send({ cmd: 'disconnect', reasonCode: 0x87 });
      close();
    } else if (packet.cmd === 'subscribe') {
      send({ cmd: 'suback', messageId: packet.messageId, granted: packet.subscriptions.map(() => 0) });
    }
  });
  const seen = await page.evaluate(
    async (url, reconnect) => {
      const client = wasmqtt.connect(url, { protocol: 5, reconnect, username: 'u', password: 'p' });
      const bad = failure(client.subscribe('no').ready);
      const good = client.subscribe('yes').ready;
      const { code, reasonCode } = await bad;
      await good;
      await next(client, 'connect');
      const { state } = client;
      await client.close();
      return { code, reasonCode, state };
    },
    server.url,
    reconnect,
  );
  assert.deepEqual(seen, { code: 'hung-up', reasonCode: 0x87, state: 'connected' });
});

for (const protocol of /** @type {const} */ ([3, 4, 5])) {
  pageTest(
    `mosquitto: what is acknowledged arrives, whatever mixture is in flight (protocol ${protocol})`,
    async ({ page }) => {
      const broker = await startMosquitto();
      const peer = await connectPeer(broker);
      await peer.subscribe('mixed/#', { qos: 1 });
      for (const count of [15, 19, 20, 21, 50, 200]) {
        const expected = await page.evaluate(
          async (url, protocol, count) => {
            const client = wasmqtt.connect(url, { protocol });
            await client.ready;
            const all = [];
            const expected = [];
            for (const qos of [2, 1]) {
              for (let n = 0; n < count; n++) {
                expected.push(`${qos}/${n}`);
                all.push(client.publish('mixed/a', `${qos}/${n}`, { qos }));
              }
            }
            await Promise.all(all);
            await client.close();
            return expected;
          },
          broker.url,
          protocol,
          count,
        );
        await peer.publish('mixed/end', 'end');
        const texts = [];
        for (let text = (await peer.next()).text; text !== 'end'; text = (await peer.next()).text) {
          texts.push(text);
        }
        assert.deepEqual(texts.sort(), expected.sort(), `${count} of each`);
      }
    },
  );
}
