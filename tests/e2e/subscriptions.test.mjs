/**
 * Subscriptions as the application holds them: their options, filters that overlap, shared ones, on a real mosquitto.
 * It does not know reconnects.
 */

import assert from 'node:assert/strict';
import { startAedes } from '../support/aedes.mjs';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';

const broker = await startMosquitto();
const aedes = await startAedes();
const { pageTest } = await startBrowser();
const peer = await connectPeer(broker);

/** @param {import('puppeteer-core').Page} page */
const connect = (page, options = {}) =>
  page.evaluate(
    async (url, options) => {
      globalThis.client = wasmqtt.connect(url, options);
      await client.ready;
      return client.clientId;
    },
    broker.url,
    options,
  );

pageTest('noLocal keeps away what the client itself publishes', async ({ page }) => {
  await connect(page);
  const topics = await page.evaluate(async () => {
    const all = collect(client, 'local/a/#');
    const others = collect(client, 'local/b/#', { noLocal: true });
    await Promise.all([all.ready, others.ready]);
    await client.publish('local/a/own', '', { qos: 1 });
    await client.publish('local/b/own', '', { qos: 1 });
    await all.count(1);
    globalThis.others = others;
    return others.messages.length;
  });
  assert.equal(topics, 0);
  await peer.publish('local/b/other', '');
  const got = await page.evaluate(async () => (await others.count(1)).map((message) => message.topic));
  assert.deepEqual(got, ['local/b/other']);
});

pageTest('retainAsPublished keeps the flag, without it it is cleared', async ({ page }) => {
  await connect(page);
  await page.evaluate(async () => {
    globalThis.kept = collect(client, 'rap/+', { retainAsPublished: true });
    globalThis.cleared = collect(client, '+/rap', {});
    await Promise.all([kept.ready, cleared.ready]);
  });
  await peer.publish('rap/1', 'a', { retain: true });
  await peer.publish('1/rap', 'a', { retain: true });
  const flags = await page.evaluate(async () => {
    const [one] = await kept.count(1);
    const [other] = await cleared.count(1);
    return [one.retain, other.retain];
  });
  assert.deepEqual(flags, [true, false]);
  await peer.publish('rap/1', '', { retain: true });
  await peer.publish('1/rap', '', { retain: true });
});

pageTest('retainHandling: always, only with a new subscription, never', async ({ page }) => {
  const peerless = await connectPeer(broker);
  for (const handling of [0, 1, 2]) {
    await peerless.publish(`handling/${handling}/value`, 'retained', { retain: true, qos: 1 });
  }
  await connect(page, { clientId: 'handling', cleanStart: false, sessionExpiry: 600 });
  const subscribe = () =>
    page.evaluate(async () => {
      const inboxes = [0, 1, 2].map((retainHandling) =>
        collect(client, `handling/${retainHandling}/#`, { retainHandling, qos: 1 }),
      );
      await Promise.all(inboxes.map(({ ready }) => ready));
      for (const handling of [0, 1, 2]) {
        await client.publish(`handling/${handling}/end`, '', { qos: 1 });
      }
      for (const { holds } of inboxes) {
        await holds((messages) => messages.some((message) => message.topic.endsWith('/end')));
      }
      return inboxes.map(({ messages }) => messages.filter((message) => message.retain).length);
    });
  assert.deepEqual(await subscribe(), [1, 1, 0]);
  await page.evaluate(() => client.close());
  // The broker still has the subscriptions, so that they are not new.
  await connect(page, { clientId: 'handling', cleanStart: false, sessionExpiry: 600 });
  assert.deepEqual(await subscribe(), [1, 0, 0]);
  await page.evaluate(() => client.close({ sessionExpiry: 0 }));
  for (const handling of [0, 1, 2]) {
    await peerless.publish(`handling/${handling}/value`, '', { retain: true });
  }
});

for (const { name, url, once } of [
  { name: 'aedes, which sends one copy', url: aedes.url, once: true },
  { name: 'mosquitto, which sends a copy for each filter', url: broker.url, once: false },
]) {
  pageTest(`each subscription gets its own messages, the message event gets all (${name})`, async ({ page }) => {
    const seen = await page.evaluate(async (url) => {
      const client = wasmqtt.connect(url);
      const events = [];
      client.on('message', (message) => events.push(message.topic));
      const inboxes = ['over/+', 'over/#', 'over/1', 'over/1', '+/+', 'other/#'].map((filter) =>
        collect(client, filter, { qos: 1 }),
      );
      await Promise.all(inboxes.map(({ ready }) => ready));
      for (const topic of ['over/1', 'over/1/2', 'over/2', 'over/end']) {
        await client.publish(topic, '', { qos: 1 });
      }
      for (const { holds } of [inboxes[0], inboxes[1], inboxes[4]]) {
        await holds((messages) => messages.some((message) => message.topic === 'over/end'));
      }
      await client.close();
      return { events, topics: inboxes.map(({ messages }) => messages.map((message) => message.topic)) };
    }, url);
    const all = [seen.events, ...seen.topics];
    const expected = [
      ['over/1', 'over/1/2', 'over/2', 'over/end'],
      ['over/1', 'over/2', 'over/end'],
      ['over/1', 'over/1/2', 'over/2', 'over/end'],
      ['over/1'],
      ['over/1'],
      ['over/1', 'over/2', 'over/end'],
      [],
    ];
    assert.deepEqual(once ? all : all.map((topics) => [...new Set(topics)]), expected);
  });
}

pageTest('a shared subscription gives each message to one of the group', async ({ page }) => {
  await connect(page);
  await page.evaluate(async (url) => {
    globalThis.second = wasmqtt.connect(url);
    globalThis.shares = [client, second].map((one) => collect(one, '$share/group/shared/+', { qos: 1 }));
    await Promise.all(shares.map(({ ready }) => ready));
  }, broker.url);
  for (let n = 0; n < 10; n++) {
    await peer.publish('shared/x', `${n}`, { qos: 1 });
  }
  const texts = await page.evaluate(async () => {
    await Promise.all(shares.map(({ count }) => count(5)));
    await Promise.all([client.ping(), second.ping()]);
    return shares.flatMap(({ messages }) => messages.map((message) => message.text())).sort();
  });
  assert.deepEqual(
    texts,
    Array.from({ length: 10 }, (_, n) => `${n}`),
  );
});

pageTest('a message for two filters reaches the handler of each once', async ({ page }) => {
  await connect(page, { protocol: 5 });
  // The server sends a copy for each filter.
  const counts = await page.evaluate(async () => {
    const all = collect(client, 'both/#', { qos: 2 });
    const one = collect(client, 'both/a', { qos: 2 });
    const end = collect(client, 'end');
    await Promise.all([all.ready, one.ready, end.ready]);
    for (const qos of [0, 1, 2]) {
      await client.publish('both/a', 'x', { qos });
    }
    await client.publish('end', '');
    await Promise.all([all.count(3), one.count(3), end.count(1)]);
    await client.ping();
    return { all: all.messages.length, one: one.messages.length, copies: client.stats().messagesReceived };
  });
  assert.deepEqual(counts, { all: 3, one: 3, copies: 7 });
});

pageTest('what SUBACK and UNSUBACK say is told', async ({ page }) => {
  await connect(page, { protocol: 5 });
  const seen = await page.evaluate(async () => {
    const userProperties = [['k', 'v']];
    const subscription = client.subscribe('told', { qos: 1, userProperties });
    const granted = await subscription.ready;
    const { userProperties: answered, ...ended } = await subscription.unsubscribe({ userProperties });
    const unknown = client.subscribe('told/never');
    const code = (await failure(client.subscribe('x', { userProperties: 1 }).ready)).code;
    await unknown.ready;
    await client.close({ reasonString: 'done', userProperties });
    // A copy: a driver may pass on only the first of two equal references.
    return { granted, ended: { ...ended, userProperties: [...answered] }, code };
  });
  assert.deepEqual(seen.granted, { qos: 1, userProperties: [] });
  assert.deepEqual(seen.ended, { reasonCode: 0, userProperties: [] });
  assert.equal(seen.code, 'invalid-argument');
});
