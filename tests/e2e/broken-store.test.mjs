/**
 * Storage that fails, in each way in which a browser's does: it is told by its name, and the client goes on in memory or
 * ends. It does not know what is stored: that is `stored-session-records`.
 */

import assert from 'node:assert/strict';
import { chromiumOnly } from '../support/browser.mjs';
import { startClockedBrowser } from '../support/clocked.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';

const broker = await startMosquitto();
const { pageTest } = await startClockedBrowser();

/** A client of the page whose session is to be stored; `client` and its `errors` there. */
function connectPage(page, name, onFailure) {
  return page.evaluate(
    (url, name, onFailure) => {
      globalThis.client = wasmqtt.connect(url, { session: { persist: 'indexeddb', name, onFailure } });
      globalThis.errors = [];
      client.on('error', (error) => errors.push([error.code, error.message]));
    },
    broker.url,
    name,
    onFailure,
  );
}

// The first one: Chromium remembers for a while how much room there was.
pageTest(
  'a full disk is told, nothing that was published is lost, and no half of a session stays',
  async ({ page }) => {
    const peer = await connectPeer(broker);
    await peer.subscribe('full');
    const devtools = await page.createCDPSession();
    const origin = await page.evaluate(() => location.origin);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 100_000 });
    await connectPage(page, 'full');
    await page.evaluate(() => client.ready);
    const told = await page.evaluate(async () => {
      // Of bytes that nothing compresses.
      const payload = () => crypto.getRandomValues(new Uint8Array(60_000));
      const all = Array.from({ length: 10 }, () => client.publish('full', payload(), { qos: 2 }));
      const stored = await Promise.allSettled(all.map(({ stored }) => stored));
      await Promise.all(all);
      return { failed: stored.filter(({ reason }) => reason?.code === 'session-store').length, errors };
    });
    assert.deepEqual(told.errors, [['session-store', 'the session could not be stored: QuotaExceededError']]);
    assert.ok(told.failed > 0);
    for (let n = 0; n < 10; n++) {
      assert.equal((await peer.next()).packet.payload.length, 60_000);
    }
    await page.evaluate(() => client.close());
    await devtools.send('Storage.overrideQuotaForOrigin', { origin });
    await connectPage(page, 'full');
    assert.deepEqual(await page.evaluate(() => client.pending()), []);
    await page.evaluate(() => client.close());
    await peer.end();
  },
  { without: chromiumOnly('its DevTools protocol says how large a disk is') },
);

pageTest('a store that is deleted under a client is told, and the session goes on in memory', async ({ page }) => {
  const peer = await connectPeer(broker);
  await peer.subscribe('deleted');
  for (const onFailure of ['memory', 'stop']) {
    const name = `deleted ${onFailure}`;
    await connectPage(page, name, onFailure);
    const stops = onFailure === 'stop';
    const told = await page.evaluate(
      async (name, stops) => {
        await client.ready;
        await new Promise((resolve, reject) => {
          const request = indexedDB.deleteDatabase(`wasmqtt ${name}`);
          request.onsuccess = resolve;
          request.onerror = reject;
        });
        const error = next(client, 'error');
        const publishing = client.publish('deleted', name, { qos: 1 });
        const stored = await failure(publishing.stored);
        const result = await publishing.then(
          ({ reasonCode }) => reasonCode,
          ({ code }) => code,
        );
        const told = stops ? (await failure(client.closed)).code : (await error).code;
        const { state } = client;
        await client.close();
        return [stored.code, result, told, state];
      },
      name,
      stops,
    );
    const expected = stops ? ['session-store', 'closed'] : [0, 'connected'];
    assert.deepEqual(told, ['session-store', expected[0], 'session-store', expected[1]]);
  }
  assert.equal((await peer.next()).text, 'deleted memory');
  await peer.end();
});

pageTest(
  'where there is no storage, in a frame of an opaque origin, that is told and all else works',
  async ({ page }) => {
    const told = await page.evaluate(async (url) => {
      const frame = document.createElement('iframe');
      frame.sandbox = 'allow-scripts';
      frame.srcdoc = `<script type="module">
      import { connect } from '${location.origin}/dist/index.js';
      const client = connect('${url}', { session: { persist: 'indexeddb', name: 'frame' } });
      const told = [];
      client.on('error', (error) => told.push(error.code));
      await client.publish('frame', '', { qos: 2 });
      told.push((await client.pending()).length);
      await client.close();
      parent.postMessage(told, '*');
    </script>`;
      const heard = new Promise((resolve) => {
        addEventListener('message', ({ data }) => resolve(data));
      });
      document.body.append(frame);
      return heard;
    }, broker.url);
    assert.deepEqual(told, ['session-store', 0]);
  },
);

for (const onFailure of /** @type {const} */ (['memory', 'stop'])) {
  pageTest(`a store of a newer layout is left as it is, and told (${onFailure})`, async ({ page }) => {
    const name = `newer ${onFailure}`;
    await page.evaluate(async (name) => {
      const request = indexedDB.open(`wasmqtt ${name}`, 7);
      await new Promise((resolve, reject) => {
        request.onsuccess = resolve;
        request.onerror = reject;
      });
      request.result.close();
    }, name);
    await connectPage(page, name, onFailure);
    const told = await page.evaluate(async (stops) => {
      const result = await (stops ? failure(client.ready) : client.publish('newer', '', { qos: 1 }));
      await client.close().catch(() => {});
      const all = await indexedDB.databases();
      const versions = all.filter(({ name }) => name.startsWith('wasmqtt newer')).map(({ version }) => version);
      return { code: result.code, errors, versions: [...new Set(versions)] };
    }, onFailure === 'stop');
    assert.deepEqual(told.versions, [7]);
    assert.equal(told.code, onFailure === 'stop' ? 'session-store' : undefined);
    const text = 'the session could not be stored: VersionError';
    assert.deepEqual(told.errors, onFailure === 'stop' ? [] : [['session-store', text]]);
  });

  pageTest(
    `a store that is blocked by another page is given up after 10 s (${onFailure})`,
    async ({ page }) => {
      const name = `blocked ${onFailure}`;
      await page.evaluate(async (name) => {
        const request = indexedDB.open(`wasmqtt ${name}`, 1);
        await new Promise((resolve, reject) => {
          request.onsuccess = resolve;
          request.onerror = reject;
        });
        // What wants it gone waits for who has it open, and who opens it then waits behind that.
        globalThis.deleting = indexedDB.deleteDatabase(`wasmqtt ${name}`);
        await new Promise((resolve) => {
          deleting.onblocked = resolve;
        });
        globalThis.holder = request.result;
      }, name);
      await connectPage(page, name, onFailure);
      const told = await page.evaluate(async (stops) => {
        const result = stops ? failure(client.ready) : client.publish('blocked', '', { qos: 1 });
        const owned = async () => (await navigator.locks.query()).held.some(({ name }) => name.includes('session'));
        while (!(await owned()));
        // Until the store is asked, which nothing tells, its time does not run.
        while (errors.length === 0 && client.state !== 'closed') {
          await clock.pass(1000);
        }
        const { code } = await result;
        holder.close();
        await client.close().catch(() => {});
        return { code, errors };
      }, onFailure === 'stop');
      assert.equal(told.code, onFailure === 'stop' ? 'session-store' : undefined);
      const text = 'the store did not answer within 10000 ms';
      assert.deepEqual(told.errors, onFailure === 'stop' ? [] : [['session-store', text]]);
    },
    { path: '/clock.html' },
  );
}
