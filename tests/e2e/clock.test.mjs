/**
 * A clock that is set changes nothing, and sleep of the computer ends what time ends: messages that expire, a drain.
 * It does not know how the two are told apart: that is `src/browser/clock.rs`, whose tests have every case.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { SOCKET_FAILED, startBrowser, startPackageSite } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';
import { startScripted } from '../support/scripted.mjs';
import { packagePage } from '../support/site.mjs';

const HOUR = 3_600_000;
/** With the clocks in the hands of the test: `page-clock.js`. */
const clockPage = packagePage('index').replace('<script', '<script src="/support/page-clock.js"></script>\n<script');
const site = await startPackageSite({ '/clock.html': clockPage });
const broker = await startMosquitto();
const { browser, pageTest } = await startBrowser({ site });
const allowed = [SOCKET_FAILED];
const clocked = { allowed, path: '/clock.html' };

/**
 * A client whose connection was just cut, and a peer that hears what arrives later.
 *
 * @param {import('puppeteer-core').Page} page
 * @param {string} topic
 */
async function cutOff(page, topic) {
  const proxy = await startProxy(broker.wsPort);
  const peer = await connectPeer(broker);
  await peer.subscribe(topic);
  await page.evaluate(async (url) => {
    globalThis.client = wasmqtt.connect(url, { reconnect: { min: 10, max: 50 } });
    await client.ready;
    globalThis.lost = next(client, 'disconnect');
  }, proxy.url);
  proxy.refuse();
  proxy.cut();
  await page.evaluate(() => lost);
  return { proxy, peer };
}

for (const [name, shifts] of /** @type {const} */ ([
  ['an hour forward', [HOUR]],
  ['an hour back', [-HOUR]],
  ['days forward, back and forward', [30 * 24 * HOUR, -60 * 24 * HOUR, 90 * 24 * HOUR]],
  ['forward in small steps', Array(400).fill(2000)],
])) {
  pageTest(
    `a message that waits does not expire when the clock is set: ${name}`,
    async ({ page }) => {
      const { proxy, peer } = await cutOff(page, 'set');
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
    const { proxy, peer } = await cutOff(page, 'date');
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

for (const [name, options] of /** @type {const} */ ([
  ['and its clock stood still', {}],
  ['and its clock counted it', { counts: true }],
])) {
  pageTest(
    `what expired while the computer slept, ${name}, fails and is never sent`,
    async ({ page }) => {
      const { proxy, peer } = await cutOff(page, 'slept');
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
    const seen = await page.evaluate(async (url) => {
      const client = wasmqtt.connect(url, { protocol: 5, keepAlive: 0 });
      await client.ready;
      const first = failure(client.publish('a', 'first', { qos: 1 }));
      const stale = failure(client.publish('a', 'stale', { qos: 1, expiry: 600 }));
      await clock.pass(1000);
      clock.sleep(3_600_000);
      const now = client.publish('a', 'now');
      const { queued } = client.stats();
      const code = (await stale).code;
      await now;
      await client.close();
      return { queued, codes: [(await first).code, code] };
    }, server.url);
    // In the queue at once, as the first publish after idle is sent by the call itself.
    assert.deepEqual(seen, { queued: 0, codes: ['closed', 'timeout'] });
    assert.ok(server.received.every((bytes) => !bytes.includes('stale')));
  },
  clocked,
);

pageTest(
  'close with drain goes on when the clock is set forward, and ends when the computer slept longer',
  async ({ page }) => {
    const { proxy, peer } = await cutOff(page, 'drain');
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

    const { proxy: other } = await cutOff(page, 'drain');
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
    other.restore();
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
    const { proxy } = await cutOff(page, 'beat');
    const server = await startScripted((packet, send) => packet[0] === 0x10 && send([0x20, 3, 0, 0, 0]));
    const beats = await page.evaluate(async (url) => {
      await client.close();
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
    proxy.restore();
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
  'a publish reads the clock that runs once, and the one that may be set not at all',
  async ({ page }) => {
    const counted = await page.evaluate(async (url) => {
      const client = wasmqtt.connect(url);
      await client.ready;
      await client.publish('a', '');
      clock.count();
      const all = Array.from({ length: 100 }, () => client.publish('a', 'b'));
      const { monotonic, wall } = clock.count();
      await Promise.all(all);
      await client.close();
      return { monotonic, wall };
    }, broker.url);
    assert.deepEqual(counted, { monotonic: 100, wall: 0 });
  },
  clocked,
);

pageTest(
  'where a test fakes the timers and not the clock, nothing hangs',
  async ({ page }) => {
    const { proxy } = await cutOff(page, 'faked');
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

pageTest(
  'what expires while the process of the page is stopped is never sent',
  async ({ page }) => {
    const { proxy, peer } = await cutOff(page, 'stopped');
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
  { allowed },
);
