/**
 * The records of a stored session: in what changes a store of the application is given them, what they are in IndexedDB, and
 * what is not in them. It does not know what a client makes of them after a page: that is `stored-session`.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();

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
