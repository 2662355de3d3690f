/**
 * Acknowledgement by the application: by hand, after the handler, after the loop, and the Receive Maximum as the
 * brake, on a real mosquitto. It does not know how messages are sent.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();
const peer = await connectPeer(broker);

/** A message of QoS 0 passes what waits for acknowledgements: what came before it has come. */
const fence = async (page, topic) => {
  await peer.publish(`${topic}/fence`, '');
  await page.evaluate(() => marker.count(1));
};

/** @param {import('puppeteer-core').Page} page */
const begin = (page, topic, ack, options = {}) =>
  page.evaluate(
    async (url, topic, ack, options) => {
      globalThis.client = wasmqtt.connect(url, { protocol: 5, receiveMaximum: 2, ...options });
      globalThis.marker = collect(client, `${topic}/fence`);
      globalThis.inbox = collect(client, `${topic}/data`, { qos: 2, ack });
      await Promise.all([marker.ready, inbox.ready]);
    },
    broker.url,
    topic,
    ack,
    options,
  );

const texts = (page) => page.evaluate(() => inbox.messages.map((message) => message.text()));

// With QoS 2 this broker sends one more than it may once a PUBCOMP has come, and is disconnected with 0x93.
pageTest('the server sends no more than receiveMaximum until they are acknowledged', async ({ page }) => {
  const topic = 'ack/manual';
  await begin(page, topic, 'manual');
  for (const text of ['1', '2', '3', '4', '5']) {
    await peer.publish(`${topic}/data`, text, { qos: 1 });
  }
  await page.evaluate(() => inbox.count(2));
  await fence(page, topic);
  assert.deepEqual(await texts(page), ['1', '2']);
  const all = await page.evaluate(async () => {
    for (let count = 1; count <= 5; count++) {
      (await inbox.count(count))[count - 1].ack();
    }
    await client.close();
    return inbox.messages.map((message) => message.text());
  });
  assert.deepEqual(all, ['1', '2', '3', '4', '5']);
});

pageTest(
  'what was not acknowledged comes again after a lost connection',
  async ({ page }) => {
    const line = await startProxy(broker.wsPort);
    const topic = 'ack/again';
    await page.evaluate(
      async (url, topic) => {
        const options = {
          protocol: 5,
          clientId: 'again',
          cleanStart: false,
          sessionExpiry: 60,
          reconnect: { min: 1, max: 1 },
        };
        globalThis.client = wasmqtt.connect(url, options);
        globalThis.inbox = collect(client, `${topic}/data`, { qos: 2, ack: 'manual' });
        await inbox.ready;
      },
      line.url,
      topic,
    );
    await peer.publish(`${topic}/data`, 'one', { qos: 1 });
    await peer.publish(`${topic}/data`, 'two', { qos: 2 });
    await page.evaluate(() => inbox.count(2));
    const back = page.evaluate(() => next(client, 'connect').then((server) => server.sessionPresent));
    line.cut();
    assert.equal(await back, true);
    const seen = await page.evaluate(async () => {
      await inbox.count(3);
      const [one, two, again] = inbox.messages;
      const owed = [one.ack(), two.ack(), again.ack()];
      await client.ping();
      return { owed, texts: inbox.messages.map((message) => [message.text(), message.duplicate]) };
    });
    assert.deepEqual(seen.texts, [
      ['one', false],
      ['two', false],
      ['one', true],
    ]);
    assert.deepEqual(seen.owed, [false, true, true], 'QoS 2 once, QoS 1 as a message of its own');
    await page.evaluate(() => client.close());
  },
  { allowed: [SOCKET_FAILED] },
);

pageTest('acknowledgements leave in the order of the messages, each once', async ({ page }) => {
  const topic = 'ack/order';
  await begin(page, topic, 'manual');
  for (const text of ['1', '2', '3']) {
    await peer.publish(`${topic}/data`, text, { qos: 1 });
  }
  await page.evaluate(() => inbox.count(2));
  const owed = await page.evaluate(() => [inbox.messages[1].ack(), inbox.messages[1].ack()]);
  assert.deepEqual(owed, [true, false]);
  await fence(page, topic);
  assert.deepEqual(await texts(page), ['1', '2'], 'the second waits for the first');
  await page.evaluate(async () => {
    inbox.messages[0].ack();
    await inbox.count(3);
    await client.close();
  });
});

pageTest('after the handler: one at a time, however long it takes', async ({ page }) => {
  const topic = 'ack/after';
  await page.evaluate(
    async (url, topic) => {
      globalThis.client = wasmqtt.connect(url, { protocol: 5, receiveMaximum: 1 });
      globalThis.marker = collect(client, `${topic}/fence`);
      globalThis.begun = [];
      globalThis.finish = [];
      const work = (message) => {
        begun.push(message.text());
        return new Promise((resolve) => finish.push(resolve));
      };
      const subscription = client.subscribe(`${topic}/data`, work, { qos: 1, ack: 'after-handler' });
      await Promise.all([marker.ready, subscription.ready]);
    },
    broker.url,
    topic,
  );
  await peer.publish(`${topic}/data`, '1', { qos: 1 });
  await peer.publish(`${topic}/data`, '2', { qos: 1 });
  await page.waitForFunction('finish.length === 1');
  await fence(page, topic);
  assert.deepEqual(await page.evaluate(() => begun), ['1']);
  await page.evaluate(() => finish[0]());
  await page.waitForFunction('finish.length === 2');
  assert.deepEqual(await page.evaluate(() => begun), ['1', '2']);
  await page.evaluate(() => client.close());
});

pageTest('a handler that throws is an error event and does not stop what follows', async ({ page }) => {
  const topic = 'ack/throws';
  const seen = await page.evaluate(
    async (url, topic) => {
      const client = wasmqtt.connect(url, { protocol: 5, receiveMaximum: 1 });
      const errors = [];
      client.on('error', (error) => errors.push([error.code, error.cause.message]));
      const texts = [];
      const done = new Promise((resolve) => {
        const work = async (message) => {
          texts.push(message.text());
          if (texts.length === 2) {
            resolve();
          }
          throw new Error(`not ${message.text()}`);
        };
        client.subscribe(topic, work, { qos: 2, ack: 'after-handler' });
      });
      await client.ready;
      await client.publish(topic, '1', { qos: 1 });
      await client.publish(topic, '2', { qos: 2 });
      await done;
      await client.close();
      return { texts, errors };
    },
    broker.url,
    topic,
  );
  assert.deepEqual(seen.texts, ['1', '2']);
  assert.deepEqual(seen.errors[0], ['listener', 'not 1']);
});

pageTest('a loop acknowledges a message when it asks for the next', async ({ page }) => {
  const topic = 'ack/loop';
  const seen = await page.evaluate(
    async (url, topic) => {
      const client = wasmqtt.connect(url, { protocol: 5, receiveMaximum: 1 });
      const messages = client.subscribe(topic, { qos: 1, ack: 'after-handler' });
      await messages.ready;
      const texts = [];
      for (const text of ['1', '2', '3']) {
        await client.publish(topic, text, { qos: 1 });
      }
      for await (const message of messages) {
        texts.push(message.text());
        if (texts.length === 3) {
          break;
        }
      }
      // What is left is acknowledged with the loop: another subscription is not held up.
      const other = collect(client, `${topic}/other`, { qos: 1 });
      await other.ready;
      await client.publish(`${topic}/other`, 'x', { qos: 1 });
      await other.count(1);
      await client.close();
      return texts;
    },
    broker.url,
    topic,
  );
  assert.deepEqual(seen, ['1', '2', '3']);
});

pageTest('what PUBACK cannot say is refused, and QoS 0 has nothing to acknowledge', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { protocol: 5 });
    const inbox = collect(client, 'ack/wrong', { qos: 1, ack: 'manual' });
    await inbox.ready;
    await client.publish('ack/wrong', '', { qos: 1 });
    await client.publish('ack/wrong', '');
    const [one, zero] = await inbox.count(2);
    const codes = [];
    for (const options of [{ reasonCode: 0x11 }, { reasonCode: 300 }, { reason: 1 }, { userProperties: [['a']] }]) {
      codes.push((await failure((async () => one.ack(options))())).code);
    }
    const said = { reasonCode: 0x97, reasonString: 'full', userProperties: [['a', 'b']] };
    const owed = [zero.ack(), one.ack(said)];
    await client.ping();
    const modes = await failure(client.subscribe('x', { ack: 'never' }).ready);
    await client.close();
    return { codes, owed, modes: modes.code };
  }, broker.url);
  assert.deepEqual(seen.codes, Array(4).fill('invalid-argument'));
  assert.deepEqual(seen.owed, [false, true]);
  assert.equal(seen.modes, 'invalid-argument');
});

pageTest('in 3.1.1 a message is acknowledged by hand, too, and nothing more can be said', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { protocol: 4 });
    const inbox = collect(client, 'ack/old', { qos: 2, ack: 'manual' });
    await inbox.ready;
    await client.publish('ack/old', 'x', { qos: 2 });
    const [message] = await inbox.count(1);
    const refused = await failure((async () => message.ack({ reasonCode: 0x97 }))());
    const owed = [message.ack(), message.ack()];
    await client.ping();
    await client.close();
    return { owed, refused: refused.code };
  }, broker.url);
  assert.deepEqual(seen, { owed: [true, false], refused: 'unsupported' });
});
