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

/** A client that comes back quickly. */
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

/** Publishes the numbers at once; `done` is the promise of all, `settled` counts. */
async function publishNumbers(page, topic, qos) {
  await page.evaluate(
    (topic, qos, count) => {
      globalThis.settled = 0;
      const one = (n) => client.publish(topic, `${n}`, { qos }).then(() => settled++);
      globalThis.done = Promise.all(Array.from({ length: count }, (_, n) => one(n)));
    },
    topic,
    qos,
    COUNT,
  );
}

for (const protocol of /** @type {const} */ ([3, 4, 5])) {
  for (const qos of /** @type {const} */ ([1, 2])) {
    pageTest(
      `QoS ${qos} on its way to a broker that is killed arrives at the next one, once and in order (protocol ${protocol})`,
      async ({ page }) => {
        const broker = await startMosquitto();
        const proxy = await startProxy(broker.wsPort);
        const before = await connectPeer(broker);
        await before.subscribe('stream');
        await connectPage(page, proxy.url, { protocol });
        await page.evaluate((qos) => client.publish('stream', 'before', { qos }), qos);
        assert.equal((await before.next()).text, 'before');
        proxy.blackhole();
        await publishNumbers(page, 'stream', qos);
        await broker.kill();
        await broker.start();
        const after = await connectPeer(broker);
        await after.subscribe('stream');
        assert.equal(await page.evaluate(() => settled), 0);
        proxy.restore();
        await page.evaluate(() => done);
        assert.deepEqual(
          (await after.take(COUNT)).map(({ text }) => text),
          numbers,
        );
        const seen = await page.evaluate(async () => {
          const { inFlight, queued } = client.stats();
          await client.publish('stream', 'end', { qos: 2 });
          await client.close();
          return { lines, left: inFlight + queued };
        });
        assert.equal((await after.next()).text, 'end', 'and nothing twice');
        assert.deepEqual(seen, {
          left: 0,
          lines: [
            ['state', 'connecting'],
            ['state', 'connected'],
            ['connect', false],
            ['disconnect', 'connection-lost', true],
            ['state', 'waiting'],
            ['state', 'connecting'],
            ['state', 'connected'],
            ['connect', false],
            ['state', 'closed'],
            ['close', null],
          ],
        });
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
    `with a session that is kept, QoS 2 arrives exactly once over a restart in the middle, both ways (protocol ${protocol})`,
    async ({ page }) => {
      const broker = await startMosquitto({ persistence: true });
      const proxy = await startProxy(broker.wsPort);
      const properties = { sessionExpiryInterval: 600 };
      const peer = await connectPeer(broker, { clientId: 'peer', clean: false, properties, reconnectPeriod: 10 });
      await peer.subscribe('up');
      const kept = protocol === 5 ? { sessionExpiry: 600 } : {};
      await connectPage(page, proxy.url, { protocol, clientId: 'page', cleanStart: false, ...kept });
      await page.evaluate(async () => {
        globalThis.inbox = collect(client, 'down', { qos: 2 });
        await inbox.ready;
        globalThis.wire = [];
        client.on('packet', ({ direction, packet }) => {
          const text = packet.payload ? new TextDecoder().decode(packet.payload) : '';
          wire.push(`${direction} ${packet.type} ${packet.packetIdentifier ?? ''} ${text}`);
        });
      });
      await publishNumbers(page, 'up', 2);
      await peer.holds((all) => all.length >= 10);
      proxy.refuse();
      const back = peer.connected();
      await broker.restart();
      await back;
      // The page is away: the broker keeps these for it.
      for (const text of numbers.slice(0, 50)) {
        await peer.publish('down', text, { qos: 2 });
      }
      proxy.restore();
      await page.evaluate(() => done);
      await page.evaluate(() => client.publish('up', 'end', { qos: 2 }));
      await peer.holds((all) => all.at(-1)?.text === 'end');
      // The broker and the peer have a session, too, and are in its middle: what they say twice is not the page's.
      assert.deepEqual(slips(await page.evaluate(() => wire)), []);
      assert.deepEqual([...new Set(peer.received.map(({ text }) => text))], [...numbers, 'end']);
      await peer.publish('down', 'end', { qos: 2 });
      const seen = await page.evaluate(async () => {
        const texts = (await inbox.count(51)).map((message) => message.text());
        await client.close({ sessionExpiry: 0 });
        return { texts, last: lines.findLast(([type]) => type === 'connect') };
      });
      assert.deepEqual(seen, { texts: [...numbers.slice(0, 50), 'end'], last: ['connect', true] });
      await peer.end();
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
      globalThis.gone = ended.unsubscribe();
      return { queued: client.stats().queued, offline: client.server === undefined };
    });
    assert.deepEqual(whileAway, { queued: 3, offline: true });
    await broker.start();
    const peer = await connectPeer(broker);
    const results = await page.evaluate(async () => {
      await Promise.all([late.ready, heard.ready, gone]);
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

for (const kept of [true, false]) {
  pageTest(
    `a line that is cut a dozen times loses nothing (${kept ? 'session kept, QoS 2 exactly once' : 'clean session'})`,
    async ({ page }) => {
      const broker = await startMosquitto({ config: ['max_inflight_messages 5'] });
      const proxy = await startProxy(broker.wsPort);
      const peer = await connectPeer(broker);
      await peer.subscribe('cut');
      await connectPage(page, proxy.url, kept ? { clientId: 'cut', cleanStart: false, sessionExpiry: 600 } : {});
      await publishNumbers(page, 'cut', 2);
      for (let cut = 1; cut <= 12; cut++) {
        await peer.holds((all) => all.length >= cut * 10);
        const back = proxy.connection();
        proxy.cut();
        await back;
      }
      await page.evaluate(() => done);
      const connections = await page.evaluate(async () => {
        await client.publish('cut', 'end', { qos: 2 });
        await client.close();
        return client.stats().connections;
      });
      assert.ok(connections > 5, `${connections} connections`);
      await peer.holds((all) => all.at(-1)?.text === 'end');
      const texts = peer.received.map(({ text }) => text);
      assert.deepEqual(kept ? texts : [...new Set(texts)], [...numbers, 'end']);
      await peer.end();
      await broker.stop();
    },
    { allowed },
  );
}

pageTest(
  'reconnect: false gives up with the first loss; maxAttempts after that many',
  async ({ page }) => {
    const broker = await startMosquitto();
    const proxy = await startProxy(broker.wsPort);
    await connectPage(page, proxy.url, { reconnect: false });
    proxy.blackhole();
    await page.evaluate(() => {
      globalThis.failures = [failure(client.closed), failure(client.publish('a', 'b', { qos: 1 }))];
    });
    proxy.restore();
    const [closed, publish] = await page.evaluate(() => Promise.all(failures));
    assert.equal(closed?.code, 'connection-lost');
    assert.equal(closed?.phase, 'connected');
    assert.equal(publish?.code, 'connection-lost');
    assert.deepEqual(await page.evaluate(() => lines.slice(-3)), [
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

pageTest(
  'a session that a restarted broker has lost is told, with what is published anew',
  async ({ page }) => {
    const broker = await startMosquitto();
    const proxy = await startProxy(broker.wsPort);
    await connectPage(page, proxy.url, { protocol: 5, cleanStart: false, sessionExpiry: 600 });
    await page.evaluate(async () => {
      globalThis.lost = next(client, 'session-lost');
      globalThis.inbox = collect(client, 'down', { qos: 1 });
      await inbox.ready;
    });
    proxy.blackhole();
    await page.evaluate(() => {
      globalThis.done = Promise.all([
        client.publish('up', '0'),
        client.publish('up/1', '1', { qos: 1 }),
        client.publish('up/2', '2', { qos: 2 }),
      ]);
    });
    await broker.kill();
    await broker.start();
    const peer = await connectPeer(broker);
    await peer.subscribe('up/#');
    proxy.restore();
    const republished = await page.evaluate(() => lost.then((detail) => detail.republished));
    assert.deepEqual(republished, [
      { topic: 'up/1', qos: 1 },
      { topic: 'up/2', qos: 2 },
    ]);
    await page.evaluate(() => done);
    assert.deepEqual(
      (await peer.take(2)).map(({ text }) => text),
      ['1', '2'],
    );
    // Subscribed to again.
    await peer.publish('down', 'here', { qos: 1 });
    const seen = await page.evaluate(async () => {
      const [message] = await inbox.count(1);
      await client.close({ sessionExpiry: 0 });
      return message.text();
    });
    assert.equal(seen, 'here');
    await peer.end();
    await broker.stop();
  },
  { allowed },
);

for (const resubscribe of /** @type {const} */ (['lost', 'always'])) {
  pageTest(
    `a retained message that changed meanwhile, where the server kept the session (resubscribe: '${resubscribe}')`,
    async ({ page }) => {
      const broker = await startMosquitto();
      const proxy = await startProxy(broker.wsPort);
      const peer = await connectPeer(broker);
      await peer.publish('lamp', 'off', { qos: 1, retain: true });
      await connectPage(page, proxy.url, { protocol: 5, cleanStart: false, sessionExpiry: 600, resubscribe });
      await page.evaluate(async () => {
        // With QoS 0: the server keeps nothing for a client that is away.
        globalThis.inbox = collect(client, 'lamp', { qos: 0 });
        await inbox.count(1);
      });
      proxy.refuse();
      proxy.cut();
      await page.evaluate(() => next(client, 'disconnect', ({ error }) => error.code === 'connection-lost'));
      await peer.publish('lamp', 'on', { qos: 1, retain: true });
      const back = page.evaluate(() => next(client, 'connect').then(({ sessionPresent }) => sessionPresent));
      proxy.restore();
      assert.equal(await back, true);
      const texts = await page.evaluate(async () => {
        // Whatever was asked for before is answered first.
        await client.ping();
        const texts = inbox.messages.map((message) => message.text());
        await client.close({ sessionExpiry: 0 });
        return texts;
      });
      assert.deepEqual(texts, resubscribe === 'always' ? ['off', 'on'] : ['off']);
      await peer.end();
      await broker.stop();
    },
    { allowed },
  );
}

/**
 * The payloads that were published under two identifiers, or again after their PUBREC.
 *
 * @param {string[]} wire direction, type, identifier and payload of each packet
 */
function slips(wire) {
  /** @type {Map<string, string>} */
  const identifiers = new Map();
  /** @type {Set<string>} */
  const received = new Set();
  const found = [];
  for (const line of wire) {
    const [direction, type, identifier = '', text = ''] = line.split(' ');
    if (direction === 'sent' && type === 'publish') {
      const before = identifiers.get(text);
      if (before !== undefined && (before !== identifier || received.has(text))) {
        found.push(text);
      }
      identifiers.set(text, identifier);
    } else if (direction === 'received' && type === 'pubrec') {
      const [text = ''] = [...identifiers].findLast(([, used]) => used === identifier) ?? [];
      received.add(text);
    }
  }
  return found;
}
