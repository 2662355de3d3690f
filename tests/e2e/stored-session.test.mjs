/**
 * A session that outlives the page, on a real mosquitto: what was sent or queued goes on after a reload or a crash, what was
 * delivered is not delivered again. It does not kill at random: `chaos` does. Whose a session is, is
 * `stored-session-owner`; what its records are, `stored-session-records`; stores that fail, `broken-store`.
 */

import assert from 'node:assert/strict';
import { chromiumOnly, SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();
const allowed = [SOCKET_FAILED];
const session = { persist: 'indexeddb' };

/** A client of the page with its session stored; `client` there. */
async function connectPage(page, url, options) {
  await page.evaluate(
    (url, options) => {
      globalThis.client = wasmqtt.connect(url, { reconnect: { min: 20, max: 100 }, ...options });
      globalThis.lines = diary(client);
    },
    url,
    options,
  );
}

/** The page as it is after a reload. */
async function reload(page) {
  await page.reload();
  await page.waitForFunction('globalThis.loaded === true');
}

/** Publishes so many numbers; `texts` are what arrives of them. */
function publish(page, topic, qos, from, to) {
  return page.evaluate(
    async (topic, qos, from, to) => {
      const all = [];
      for (let n = from; n < to; n++) {
        const publishing = client.publish(topic, `${n}`, { qos, id: `order ${n}` });
        publishing.catch(() => {});
        all.push(publishing.stored);
      }
      await Promise.all(all);
    },
    topic,
    qos,
    from,
    to,
  );
}

const texts = (from, to) => Array.from({ length: to - from }, (_, n) => `${from + n}`);

for (const protocol of /** @type {const} */ ([4, 5])) {
  for (const qos of /** @type {const} */ ([1, 2])) {
    pageTest(
      `300 publishes that were sent and 300 that were queued survive a reload, in order (QoS ${qos}, protocol ${protocol})`,
      async ({ page }) => {
        const topic = `reload/${qos}/${protocol}`;
        const peer = await connectPeer(broker);
        await peer.subscribe(topic);
        const proxy = await startProxy(broker.wsPort);
        const clientId = `reload-${qos}-${protocol}`;
        const options = { session: { ...session, name: clientId }, clientId, protocol };
        await connectPage(page, proxy.url, options);
        await page.evaluate(() => client.ready);
        proxy.blackhole();
        await publish(page, topic, qos, 0, 300);
        await page.evaluate(() => idle());
        proxy.refuse();
        proxy.cut();
        await page.waitForFunction(() => client.state === 'waiting');
        await publish(page, topic, qos, 300, 600);

        await reload(page);
        await connectPage(page, proxy.url, options);
        const pending = await page.evaluate(async () => {
          globalThis.all = await client.pending();
          return all.map(({ topic, qos, id, since }) => [topic, qos, id, since.getTime() <= Date.now()]);
        });
        assert.deepEqual(
          pending,
          texts(0, 600).map((n) => [topic, qos, `order ${n}`, true]),
        );
        proxy.restore();
        const results = await page.evaluate(async () => {
          const results = await Promise.all(all.map(({ done }) => done));
          await Promise.all(all.map(({ stored }) => stored));
          const left = await client.pending();
          await client.close();
          return [results.length, left.length, new Set(results.map(({ qos }) => qos)).size];
        });
        assert.deepEqual(results, [600, 0, 1]);
        const arrived = (await peer.take(600)).map(({ text }) => text);
        assert.deepEqual(arrived, texts(0, 600));

        // Nothing is left, and the server knows the session.
        await reload(page);
        await connectPage(page, broker.url, options);
        const after = await page.evaluate(async () => [
          (await client.pending()).length,
          (await client.ready).sessionPresent,
          await client.close(),
        ]);
        assert.deepEqual(after, [0, true, null]);
        await peer.end();
      },
      { allowed },
    );
  }
}

pageTest(
  'a page that crashes loses nothing that was stored, and the next one goes on',
  async ({ page, open, t }) => {
    const peer = await connectPeer(broker);
    await peer.subscribe('crash');
    const proxy = await startProxy(broker.wsPort);
    const options = { session, clientId: 'crash' };
    await connectPage(page, proxy.url, options);
    await page.evaluate(() => client.ready);
    proxy.blackhole();
    await publish(page, 'crash', 2, 0, 100);
    page.removeAllListeners('error');
    const crashed = new Promise((resolve) => page.once('error', resolve));
    const cdp = await page.createCDPSession();
    cdp.send('Page.crash').catch(() => {});
    await crashed;
    proxy.restore();
    const { page: second } = await open();
    await connectPage(second, proxy.url, options);
    await second.evaluate(async () => {
      const all = await client.pending();
      await Promise.all(all.map(({ done }) => done));
      await client.close();
    });
    const arrived = (await peer.take(100)).map(({ text }) => text);
    assert.deepEqual(arrived, texts(0, 100));
    t.diagnostic(`${arrived.length} messages`);
    await peer.end();
  },
  { allowed: [...allowed, /Page crashed/], without: chromiumOnly('its DevTools protocol crashes a page') },
);

pageTest(
  'a QoS 2 message that was delivered is not delivered to the page after',
  async ({ page }) => {
    const peer = await connectPeer(broker);
    const proxy = await startProxy(broker.wsPort);
    const options = { session, clientId: 'delivered' };
    const listen = async () => {
      await connectPage(page, proxy.url, options);
      await page.evaluate(async () => {
        globalThis.inbox = collect(client, 'delivered', { qos: 2 });
        await inbox.ready;
      });
    };
    await listen();
    await page.evaluate(() => {
      // What the page sends gets nowhere: PUBREC and PUBCOMP are lost.
      WebSocket.prototype.send = () => {};
    });
    for (const text of texts(0, 20)) {
      await peer.publish('delivered', text, { qos: 2 });
    }
    const first = await page.evaluate(async () => (await inbox.count(20)).map((it) => it.text()));
    assert.deepEqual(first, texts(0, 20));
    await reload(page);
    await listen();
    await peer.publish('delivered', 'end', { qos: 2 });
    const second = await page.evaluate(async () => (await inbox.count(1)).map((it) => it.text()));
    assert.deepEqual(second, ['end']);
    await page.evaluate(() => client.close());
    await peer.end();
  },
  { allowed },
);

pageTest('what is not acknowledged by hand comes again, and what is does not', async ({ page }) => {
  const peer = await connectPeer(broker);
  const options = { session, clientId: 'by-hand' };
  const listen = async () => {
    await connectPage(page, broker.url, options);
    await page.evaluate(async () => {
      globalThis.inbox = collect(client, 'by-hand', { qos: 2, ack: 'manual' });
      await inbox.ready;
    });
  };
  await listen();
  await peer.publish('by-hand', 'one', { qos: 2 });
  await peer.publish('by-hand', 'two', { qos: 2 });
  await page.evaluate(async () => {
    const [one] = await inbox.count(2);
    one.ack();
    await client.publish('by-hand/other', '', { qos: 2 });
  });
  await reload(page);
  await listen();
  const again = await page.evaluate(async () => {
    const [two] = await inbox.count(1);
    two.ack();
    await client.publish('by-hand/other', '', { qos: 2 });
    await client.close();
    return inbox.messages.map((it) => it.text());
  });
  assert.deepEqual(again, ['two']);
  await peer.end();
});

pageTest('clearSession leaves nothing, here and at the server', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const options = { session: { persist: 'indexeddb', name: 'cleared' }, clientId: 'cleared' };
    const first = wasmqtt.connect(url, options);
    await first.subscribe('cleared', { qos: 1 }).ready;
    const lost = failure(first.publish('cleared', '', { qos: 1 }));
    await first.clearSession();
    const again = (await failure(first.clearSession())).code;
    const second = wasmqtt.connect(url, options);
    const pending = await second.pending();
    const { sessionPresent } = await second.ready;
    await second.close();
    return [(await lost).code, again, pending.length, sessionPresent];
  }, broker.url);
  assert.deepEqual(seen, ['closed', 'closed', 0, false]);
});

pageTest('options that do not go together are refused by their names', async ({ page }) => {
  const errors = await page.evaluate(async (url) => {
    const refused = async (options) => (await failure(wasmqtt.connect(url, options).ready)).message;
    const client = wasmqtt.connect(url);
    const told = [
      await refused({ session: {} }),
      await refused({ session: { persist: 'cookies' } }),
      await refused({ session: { persist: 'indexeddb', inUse: 'steal' } }),
      await refused({ session: { persist: 'indexeddb' }, cleanStart: false }),
      (await failure(client.pending())).code,
      client.publish('a', '').stored,
    ];
    await client.close();
    return told;
  }, broker.url);
  assert.deepEqual(errors, [
    'option "session.persist" is missing',
    'option "session.persist" must be "indexeddb" or an object with a function "open"',
    'option "session.inUse" must be "fail", "wait" or "separate"',
    'option "cleanStart" does not go together with "session"',
    'unsupported',
    null,
  ]);
});

for (const entry of /** @type {const} */ (['index', 'slim'])) {
  pageTest(
    `what stores a session is loaded by the first client that has one (${entry})`,
    async ({ page }) => {
      const loaded = () =>
        page.evaluate(
          () => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/session.js')).length,
        );
      await page.evaluate(async (url) => {
        const client = wasmqtt.connect(url);
        await client.publish('a', '', { qos: 2 });
        await client.close();
      }, broker.url);
      assert.equal(await loaded(), 0);
      await connectPage(page, broker.url, { session: { ...session, name: entry } });
      await page.evaluate(async () => {
        await client.publish('a', '', { qos: 2 });
        await client.close();
      });
      assert.equal(await loaded(), 1);
    },
    { entry },
  );
}
