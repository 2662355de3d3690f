/**
 * A session that outlives the page, in IndexedDB and in a store of the application's, on a real mosquitto.
 * It does not kill at random: `chaos` does. Stores that fail are those of `broken-store`.
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

for (const locks of [true, false]) {
  pageTest(
    `a session has one owner at a time (${locks ? 'Web Locks' : 'no secure context'})`,
    async ({ page, open }) => {
      const { page: other } = await open();
      for (const each of [page, other]) {
        await each.evaluate((locks) => {
          if (!locks) {
            Object.defineProperty(navigator, 'locks', { value: undefined });
          }
        }, locks);
      }
      const name = `owner-${locks}`;
      await connectPage(page, broker.url, { session: { ...session, name } });
      const id = await page.evaluate(async () => (await client.ready).clientId);
      await connectPage(other, broker.url, { session: { ...session, name } });
      assert.equal(await other.evaluate(async () => (await failure(client.ready)).code), 'session-in-use');

      // One of its own.
      await connectPage(other, broker.url, { session: { ...session, name, inUse: 'separate' } });
      const own = await other.evaluate(async () => (await client.ready).clientId);
      assert.notEqual(own, id);
      await other.evaluate(() => client.close());

      // The one, as soon as it is free.
      await connectPage(other, broker.url, { session: { ...session, name, inUse: 'wait' } });
      assert.equal(await other.evaluate(() => client.state), 'idle');
      await page.evaluate(() => client.close());
      assert.equal(
        await other.evaluate(async () => (await client.ready).clientId),
        id,
        'its identifier is stored, too',
      );
      await other.evaluate(() => client.close());
    },
  );
}

pageTest('a client that waits for its session can be closed', async ({ page }) => {
  const state = await page.evaluate(async (url) => {
    const session = { persist: 'indexeddb', name: 'waits', inUse: 'wait' };
    const owner = wasmqtt.connect(url, { session });
    await owner.ready;
    const waits = wasmqtt.connect(url, { session });
    const ready = failure(waits.ready);
    await waits.close();
    await owner.close();
    return [waits.state, (await ready).code, owner.state];
  }, broker.url);
  assert.deepEqual(state, ['closed', 'closed', 'closed']);
});

pageTest('separate sessions of a client identifier have identifiers with a number behind', async ({ page }) => {
  const ids = await page.evaluate(async (url) => {
    const options = { session: { persist: 'indexeddb', inUse: 'separate' }, clientId: 'tab' };
    const clients = [1, 2, 3].map(() => wasmqtt.connect(url, options));
    const infos = await Promise.all(clients.map((client) => client.ready));
    await Promise.all(clients.map((client) => client.close()));
    return infos.map(({ clientId }) => clientId).sort();
  }, broker.url);
  assert.deepEqual(ids, ['tab', 'tab-2', 'tab-3']);
});

pageTest('a store of the application is given whole changes, one after the other', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const records = new Map();
    const calls = [];
    let writing = 0;
    const store = {
      async open(name) {
        calls.push(['open', name]);
        return {
          read: async () => [...records].reverse(),
          write: async (changes) => {
            calls.push(['write', changes.length, writing++]);
            await idle();
            for (const [key, value] of changes) {
              value ? records.set(key, value) : records.delete(key);
            }
            writing--;
          },
          clear: async () => records.clear(),
          close: () => calls.push(['close']),
        };
      },
    };
    const options = { session: { persist: store, name: 'mine' } };
    const first = wasmqtt.connect(url, options);
    await first.ready;
    const before = calls.length;
    const all = Array.from({ length: 1000 }, (_, n) => first.publish('mine', `${n}`, { qos: 1 }));
    await Promise.all(all.map(({ stored }) => stored));
    const writes = calls.slice(before).filter(([, length]) => length > 1).length;
    await Promise.all(all);
    first.publish('mine', 'late', { qos: 2, id: 'late' }).catch(() => {});
    await first.close();
    const held = [...records.keys()].length;

    const second = wasmqtt.connect(url, options);
    const pending = await second.pending();
    await Promise.all(pending.map(({ done }) => done));
    await second.close();
    const kept = [...records.keys()];
    return {
      open: calls[0],
      writes,
      overlap: calls.some(([kind, , at]) => kind === 'write' && at > 0),
      last: calls.at(-1),
      held,
      pending: pending.map(({ id }) => id),
      kept,
    };
  }, broker.url);
  const { writes, ...rest } = seen;
  assert.ok(writes <= 20, `${writes} writes for 1000 publishes`);
  assert.deepEqual(rest, {
    open: ['open', 'mine'],
    overlap: false,
    last: ['close'],
    held: 2,
    pending: ['late'],
    kept: [0],
  });
});

/** What the documentation of layout 1 says; a later layout must go on with it. */
const LAYOUT_1 = [
  // head: layout, known, client identifier
  [0, [1, 0, 0, 8, ...Buffer.from('layout-1')]],
  // message 1: QoS 1 with a label, never sent; since; topic, label, no properties, payload
  [
    2 ** 50 + 1,
    [17, 0, 0, 0, 0, 0, 0, 1, 139, 207, 229, 104, 0, 0, 6, ...Buffer.from('layout'), 0, 2, 105, 100, 0, 0, 0, 0, 49],
  ],
  // message 2: QoS 2, sent under identifier 9; content type "x"
  [
    2 ** 50 + 2,
    [2, 0, 9, 0, 0, 0, 0, 1, 139, 207, 229, 104, 0, 0, 6, ...Buffer.from('layout'), 0, 0, 0, 4, 3, 0, 1, 120, 50],
  ],
];

for (const damaged of [false, true]) {
  pageTest(
    `a session of the first layout is gone on with${damaged ? ', but for a damaged record' : ''}`,
    async ({ page }) => {
      const peer = await connectPeer(broker);
      await peer.subscribe('layout');
      const name = `layout ${damaged}`;
      const records = damaged ? [...LAYOUT_1, [2 ** 50 + 3, [1, 2, 3]]] : LAYOUT_1;
      const told = await page.evaluate(
        async (url, name, records) => {
          const database = await new Promise((resolve, reject) => {
            const request = indexedDB.open(`wasmqtt ${name}`, 1);
            request.onupgradeneeded = () => {
              request.result.createObjectStore('records');
              request.result.createObjectStore('owner');
            };
            request.onsuccess = () => resolve(request.result);
            request.onerror = reject;
          });
          const transaction = database.transaction('records', 'readwrite');
          for (const [key, bytes] of records) {
            transaction.objectStore('records').put(new Uint8Array(bytes), key);
          }
          await new Promise((resolve) => {
            transaction.oncomplete = resolve;
          });
          database.close();
          const client = wasmqtt.connect(url, { session: { persist: 'indexeddb', name } });
          const lines = diary(client);
          const pending = await client.pending();
          const results = await Promise.all(pending.map(({ done }) => done));
          const { clientId } = client;
          await client.close();
          return {
            clientId,
            pending: pending.map(({ id, qos, since }) => [id, qos, since.getTime()]),
            results: results.length,
            errors: lines.filter(([what]) => what === 'error').map(([, code]) => code),
          };
        },
        broker.url,
        name,
        records,
      );
      assert.deepEqual(told, {
        clientId: 'layout-1',
        pending: [
          ['id', 1, 1_700_000_000_000],
          [null, 2, 1_700_000_000_000],
        ],
        results: 2,
        errors: damaged ? ['session-store'] : [],
      });
      const arrived = (await peer.take(2)).map(({ text }) => text);
      assert.deepEqual(arrived.sort(), ['1', '2']);
      await peer.end();
    },
  );
}

pageTest('a stored session of another client identifier is refused, and free again', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const session = { persist: 'indexeddb', name: 'whose' };
    const first = wasmqtt.connect(url, { session, clientId: 'whose-1' });
    await first.publish('whose', '', { qos: 1 });
    await first.close();
    const refused = (await failure(wasmqtt.connect(url, { session, clientId: 'whose-2' }).ready)).code;
    const wrong = { will: { topic: 'whose', contentType: 'x' }, protocol: 4 };
    const invalid = (await failure(wasmqtt.connect(url, { session, clientId: 'whose-1', ...wrong }).ready)).code;
    const again = wasmqtt.connect(url, { session, clientId: 'whose-1' });
    await again.publish('whose', '', { qos: 1 });
    await again.close();
    return [refused, invalid];
  }, broker.url);
  assert.deepEqual(seen, ['invalid-argument', 'unsupported']);
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

pageTest('no secret is stored', async ({ page }) => {
  const found = await page.evaluate(async (url) => {
    const address = new URL(url);
    address.username = 'the-user';
    address.password = 'the-password';
    const session = { persist: 'indexeddb' };
    const client = wasmqtt.connect(`${address}?token=the-token`, { session, clientId: 'no-secret' });
    await client.publish('no-secret', 'x', { qos: 1 });
    client.publish('no-secret', 'the-payload', { qos: 2 }).catch(() => {});
    await client.close();
    const names = (await indexedDB.databases()).map(({ name }) => name).filter((name) => name.includes('no-secret'));
    const database = await new Promise((resolve) => {
      const request = indexedDB.open(names[0]);
      request.onsuccess = () => resolve(request.result);
    });
    const all = await new Promise((resolve) => {
      const request = database.transaction('records').objectStore('records').getAll();
      request.onsuccess = () => resolve(request.result);
    });
    database.close();
    const text = names[0] + all.map((bytes) => new TextDecoder().decode(bytes)).join();
    return ['the-user', 'the-password', 'the-token', 'the-payload'].map((it) => text.includes(it));
  }, broker.url);
  assert.deepEqual(found, [false, false, false, true]);
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
