/**
 * What time ends, it ends also while the computer sleeps or the page is stopped, and nothing stale is sent after it. It
 * does not know clocks that are set: those are `clock.test.mjs`.
 */

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { chromiumOnly, SOCKET_FAILED } from '../support/browser.mjs';
import { cutOff, startClockedBrowser } from '../support/clocked.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';
import { startScripted } from '../support/scripted.mjs';

const broker = await startMosquitto();
const { browser, pageTest } = await startClockedBrowser();
const allowed = [SOCKET_FAILED];
const clocked = { allowed, path: '/clock.html' };

for (const [name, options] of /** @type {const} */ ([
  ['and its clock stood still', {}],
  ['and its clock counted it', { counts: true }],
])) {
  pageTest(
    `what expired while the computer slept, ${name}, fails and is never sent`,
    async ({ page }) => {
      const { proxy, peer } = await cutOff(page, broker, 'slept');
      const codes = page.evaluate(async (options) => {
        const publish = (text, expiry) => client.publish('slept', text, { qos: 1, expiry });
        const stale = [failure(publish('stale', 600)), failure(publish('staler', 3599))];
        globalThis.kept = [publish('good for two hours', 7200), client.publish('slept', 'good for ever', { qos: 1 })];
        await clock.pass(1000);
        clock.sleep(3_600_000, options);
        return (await Promise.all(stale)).map(({ code }) => code);
      }, options);
      assert.deepEqual(await codes, ['timeout', 'timeout']);
      proxy.restore();
      await page.evaluate(() => Promise.all(kept));
      const [first, second] = await peer.take(2);
      assert.deepEqual([first?.text, second?.text], ['good for two hours', 'good for ever']);
      const left = first?.packet.properties?.messageExpiryInterval ?? 0;
      assert.ok(left > 3500 && left < 3600, `${left} s are left`);
      await page.evaluate(() => client.close());
    },
    clocked,
  );
}

pageTest(
  'what was in flight when the computer fell asleep is not sent anew when it has expired',
  async ({ page }) => {
    const proxy = await startProxy(broker.wsPort);
    const peer = await connectPeer(broker);
    await peer.subscribe('flight');
    await page.evaluate(async (url) => {
      globalThis.client = wasmqtt.connect(url, { reconnect: { min: 10, max: 50 } });
      await client.ready;
    }, proxy.url);
    proxy.blackhole();
    const inFlight = await page.evaluate(async () => {
      globalThis.stale = failure(client.publish('flight', 'stale', { qos: 1, expiry: 600 }));
      globalThis.kept = client.publish('flight', 'kept', { qos: 1 });
      await clock.pass(1000);
      clock.sleep(3_600_000);
      await clock.pass(1000);
      return client.stats().inFlight;
    });
    assert.equal(inFlight, 2);
    proxy.restore();
    const code = await page.evaluate(async () => {
      const { code } = await stale;
      await kept;
      await client.close();
      return code;
    });
    assert.equal(code, 'timeout');
    assert.equal((await peer.next()).text, 'kept');
  },
  clocked,
);

pageTest(
  'a command that is the first thing after sleep sends nothing stale',
  async ({ page }) => {
    // The server takes one at a time and does not answer: the rest waits, with a connection.
    const server = await startScripted((packet, send) => packet[0] === 0x10 && send([0x20, 6, 0, 0, 3, 0x21, 0, 1]));
    await page.evaluate(async (url) => {
      globalThis.client = wasmqtt.connect(url, { protocol: 5, keepAlive: 0 });
      await client.ready;
      globalThis.first = failure(client.publish('a', 'first', { qos: 1 }));
      globalThis.stale = failure(client.publish('a', 'stale', { qos: 1, expiry: 600 }));
    }, server.url);
    // On its way back here the turn of those has come.
    await server.packets(3, 1);
    const seen = await page.evaluate(async () => {
      clock.sleep(3_600_000);
      const now = client.publish('a', 'now');
      // The first publish after idle is sent by the call itself.
      const { queued } = client.stats();
      const { code } = await stale;
      await now;
      await client.close();
      return { queued, codes: [(await first).code, code] };
    });
    assert.deepEqual(seen, { queued: 0, codes: ['closed', 'timeout'] });
    assert.ok(server.received.some((bytes) => bytes.includes('now')));
    assert.ok(server.received.every((bytes) => !bytes.includes('stale')));
  },
  clocked,
);

pageTest(
  'close with drain ends when the computer slept longer',
  async ({ page }) => {
    await cutOff(page, broker, 'drain');
    const seen = await page.evaluate(async () => {
      const unsent = failure(client.publish('drain', 'unsent', { qos: 1 }));
      const closing = client.close({ drain: 60_000 });
      await clock.pass(1000);
      const { state } = client;
      clock.sleep(3_600_000);
      await closing;
      return { state, code: (await unsent).code };
    });
    assert.deepEqual(seen, { state: 'closing', code: 'closed' });
  },
  clocked,
);

pageTest(
  'what expires while the process of the page is stopped is never sent',
  async ({ page }) => {
    const { proxy, peer } = await cutOff(page, broker, 'stopped');
    const session = await browser.target().createCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
    assert.ok(renderers.length > 0);
    await page.evaluate(() => {
      globalThis.stale = failure(client.publish('stopped', 'stale', { qos: 1, expiry: 1 }));
      globalThis.kept = client.publish('stopped', 'kept', { qos: 1 });
    });
    for (const id of renderers) {
      process.kill(id, 'SIGSTOP');
    }
    try {
      proxy.restore();
      // Not for something to happen: the time is what is tested.
      await pause(2000);
    } finally {
      for (const id of renderers) {
        process.kill(id, 'SIGCONT');
      }
    }
    const code = await page.evaluate(async () => {
      const { code } = await stale;
      await kept;
      await client.close();
      return code;
    });
    assert.equal(code, 'timeout');
    assert.equal((await peer.next()).text, 'kept');
  },
  { allowed, without: chromiumOnly('its DevTools protocol says which process is that of the page') },
);
