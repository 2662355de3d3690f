/**
 * Whose a stored session is: one client's at a time, with one client identifier. It does not know what of it goes on after a
 * page: that is `stored-session`.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();
const session = { persist: 'indexeddb' };

/** A client of the page with that session; `client` there. */
async function connectPage(page, session) {
  await page.evaluate(
    (url, session) => {
      globalThis.client = wasmqtt.connect(url, { session });
    },
    broker.url,
    session,
  );
}

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
      await connectPage(page, { ...session, name });
      const id = await page.evaluate(async () => (await client.ready).clientId);
      await connectPage(other, { ...session, name });
      assert.equal(await other.evaluate(async () => (await failure(client.ready)).code), 'session-in-use');

      // One of its own.
      await connectPage(other, { ...session, name, inUse: 'separate' });
      const own = await other.evaluate(async () => (await client.ready).clientId);
      assert.notEqual(own, id);
      await other.evaluate(() => client.close());

      // The one, as soon as it is free.
      await connectPage(other, { ...session, name, inUse: 'wait' });
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
