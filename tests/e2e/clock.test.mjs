/**
 * A wall clock that is set changes nothing: what expires, a drain, pauses, time-outs and credentials take their time. It
 * does not know how that is told from sleep: that is `src/browser/clock.rs`, whose tests have every case.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { SOCKET_FAILED } from '../support/browser.mjs';
import { cutOff, startClockedBrowser } from '../support/clocked.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const HOUR = 3_600_000;
const broker = await startMosquitto();
const { pageTest } = await startClockedBrowser();
const allowed = [SOCKET_FAILED];
const clocked = { allowed, path: '/clock.html' };

for (const [name, shifts] of /** @type {const} */ ([
  ['an hour forward', [HOUR]],
  ['an hour back', [-HOUR]],
  ['days forward, back and forward', [30 * 24 * HOUR, -60 * 24 * HOUR, 90 * 24 * HOUR]],
  ['forward in small steps', Array(400).fill(2000)],
])) {
  pageTest(
    `a message that waits does not expire when the clock is set: ${name}`,
    async ({ page }) => {
      const { proxy, peer } = await cutOff(page, broker, 'set');
      const queued = await page.evaluate(async (shifts) => {
        globalThis.kept = client.publish('set', 'kept', { qos: 1, expiry: 600 });
        await clock.pass(1000);
        for (const shift of shifts) {
          clock.set(shift);
          await clock.pass(250);
        }
        return client.stats().queued;
      }, shifts);
      assert.equal(queued, 1);
      proxy.restore();
      await page.evaluate(() => kept);
      const { text, packet } = await peer.next();
      const left = packet.properties?.messageExpiryInterval ?? 0;
      assert.equal(text, 'kept');
      assert.ok(left > 400 && left < 600, `${left} s are left`);
      // Its time is counted all the same.
      await page.evaluate(() => {
        globalThis.lost = next(client, 'disconnect');
      });
      proxy.refuse();
      proxy.cut();
      const code = await page.evaluate(async () => {
        await lost;
        const expired = failure(client.publish('set', 'expired', { qos: 1, expiry: 600 }));
        await clock.pass(600_000);
        return (await expired).code;
      });
      assert.equal(code, 'timeout');
      await page.evaluate(() => client.close());
    },
    clocked,
  );
}

pageTest(
  'a message that waits does not expire when the date is an hour on, by the timers of the browser',
  async ({ page }) => {
    const { proxy, peer } = await cutOff(page, broker, 'date');
    await page.evaluate(async () => {
      globalThis.kept = client.publish('date', 'kept', { qos: 1, expiry: 600 });
      await next(client, 'disconnect');
      const now = Date.now;
      Date.now = () => now() + 3_600_000;
      await next(client, 'disconnect');
    });
    proxy.restore();
    await page.evaluate(() => kept);
    assert.equal((await peer.next()).text, 'kept');
    await page.evaluate(() => client.close());
  },
  { allowed },
);

pageTest(
  'close with drain goes on when the clock is set forward',
  async ({ page }) => {
    const { proxy, peer } = await cutOff(page, broker, 'drain');
    await page.evaluate(async () => {
      globalThis.sent = client.publish('drain', 'sent', { qos: 1 });
      globalThis.closing = client.close({ drain: 60_000 });
      await clock.pass(1000);
      clock.set(3_600_000);
      await clock.pass(1000);
    });
    proxy.restore();
    await page.evaluate(() => Promise.all([sent, closing]));
    assert.equal((await peer.next()).text, 'sent');
  },
  clocked,
);

pageTest(
  'a connected page asks the server once when the clock is set, and nothing else comes of it',
  async ({ page }) => {
    const lines = await page.evaluate(async (url) => {
      const client = wasmqtt.connect(url, { clientId: 'steady', cleanStart: true });
      await client.ready;
      const lines = diary(client);
      for (const shift of [3_600_000, -7_200_000, 3_600_000, 1e10, -1e10]) {
        clock.set(shift);
        await client.publish('steady', '', { qos: 1 });
        await clock.pass(500);
        await client.publish('steady', '', { qos: 1, expiry: 600 });
      }
      await client.flush();
      await client.close();
      return lines;
    }, broker.url);
    assert.deepEqual(lines, [
      ['state', 'closed'],
      ['close', null],
    ]);
    await broker.logged(/Received DISCONNECT from steady/);
    assert.equal(broker.countLogged(/Received PINGREQ from steady/g), 1);
  },
  clocked,
);

pageTest(
  'attempts, their pauses and time-outs take their time when the clock is set',
  async ({ page }) => {
    const mute = await startScripted(() => {});
    const connection = once(page, 'console');
    const seen = page.evaluate(async (url) => {
      const reconnect = { min: 20_000, max: 20_000, jitter: 'none' };
      const client = wasmqtt.connect(url, { protocol: 5, connectTimeout: 30_000, reconnect });
      const lines = diary(client);
      const seen = [];
      const note = () => seen.push(lines.splice(0).map(([, what]) => what));
      const late = failure(client.publish('a', 'b', { qos: 1, expiry: 600, timeout: 100_000 }));
      await next(client, 'state', ({ state }) => state === 'connecting');
      console.log('connecting');
      for (const [before, after] of [
        [25_000, 6_000],
        [15_000, 6_000],
      ]) {
        await clock.pass(1000);
        clock.set(3_600_000);
        await clock.pass(before - 1000);
        note();
        await clock.pass(after);
        note();
      }
      const { queued } = client.stats();
      await clock.pass(100_000);
      const { code } = await late;
      await client.close();
      return { seen, queued, code };
    }, mute.url);
    await connection;
    assert.deepEqual(await seen, {
      seen: [['connecting'], ['connect-timeout', 'waiting'], [], ['connecting']],
      queued: 1,
      code: 'timeout',
    });
  },
  clocked,
);

for (const [name, shift] of /** @type {const} */ ([
  ['forward', HOUR],
  ['back', -HOUR],
])) {
  pageTest(
    `credentials are renewed when what was left of their time has passed, also when the clock is set ${name}`,
    async ({ page }) => {
      const asked = await page.evaluate(
        async (url, shift) => {
          const asked = [];
          const auth = ({ reason }) => {
            asked.push(reason);
            return { username: 'a', expiresAt: Date.now() + 100_000 };
          };
          // Without pings: time passes faster here than the server answers.
          const client = wasmqtt.connect(url, { auth, keepAlive: 0 });
          await client.ready;
          await clock.pass(10_000);
          clock.set(shift);
          await client.publish('a', '', { qos: 1 });
          await clock.pass(75_000);
          asked.push('later');
          const renewed = next(client, 'connect');
          await clock.pass(10_000);
          await renewed;
          await client.close();
          return asked;
        },
        broker.url,
        shift,
      );
      assert.deepEqual(asked, ['first', 'later', 'reconnect']);
    },
    clocked,
  );
}

pageTest(
  'a beat is kept while something is held that time alone ends, and else there is none',
  async ({ page }) => {
    const server = await startScripted((packet, send) => packet[0] === 0x10 && send(CONNACK[5]));
    const beats = await page.evaluate(async (url) => {
      const beats = [];
      const count = async () => {
        await clock.pass(1000);
        clock.count();
        await clock.pass(10_000);
        beats.push(Math.round(clock.count().timers / 10));
      };
      const other = wasmqtt.connect(url, { protocol: 5, keepAlive: 0 });
      await other.ready;
      await count();
      const plain = failure(other.publish('a', 'in flight', { qos: 1 }));
      await count();
      const expiring = failure(other.publish('a', 'in flight', { qos: 1, expiry: 600 }));
      await count();
      await other.close();
      await count();
      await Promise.all([plain, expiring]);
      return beats;
    }, server.url);
    assert.deepEqual(beats, [0, 0, 4, 0], 'in a second');
    const drained = await page.evaluate(async (url) => {
      const other = wasmqtt.connect(url, { protocol: 5, keepAlive: 0 });
      await other.ready;
      failure(other.publish('a', 'in flight', { qos: 1 }));
      const closing = other.close({ drain: 5000 });
      clock.count();
      await clock.pass(10_000);
      await closing;
      return clock.count().timers;
    }, server.url);
    assert.ok(drained >= 19 && drained <= 22, `${drained} beats`);
  },
  clocked,
);

pageTest(
  'a burst of publishes reads the clock that runs once, and the one that may be set not at all',
  async ({ page }) => {
    const counted = await page.evaluate(async (url) => {
      const client = wasmqtt.connect(url);
      await client.ready;
      await client.publish('a', '');
      const bursts = [];
      for (let i = 0; i < 10; i++) {
        // By then the last turn that was asked for has come: the first reading of a burst is its own.
        await client.ping();
        await clock.pass(0);
        clock.count();
        const all = Array.from({ length: 100 }, () => client.publish('a', 'b'));
        bursts.push(clock.count());
        await Promise.all(all);
      }
      await client.close();
      return bursts;
    }, broker.url);
    for (const { monotonic, wall } of counted) {
      assert.deepEqual([monotonic, wall], [1, 0]);
    }
  },
  clocked,
);

pageTest(
  'where a test fakes the timers and not the clock, nothing hangs',
  async ({ page }) => {
    const { proxy } = await cutOff(page, broker, 'faked');
    const code = await page.evaluate(async () => {
      clock.freeze();
      const expired = failure(client.publish('faked', 'expired', { qos: 1, expiry: 600 }));
      await clock.pass(600_000);
      return (await expired).code;
    });
    assert.equal(code, 'timeout');
    proxy.restore();
    await page.evaluate(async () => {
      const back = client.publish('faked', 'back', { qos: 1 });
      await clock.pass(60_000);
      await back;
      await client.close();
    });
  },
  clocked,
);
