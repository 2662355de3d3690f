/**
 * When a page, or a worker, that has the shared connection is thought to hang, and when not. What is done then is
 * `share-hangs`.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join as pathOf } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromiumOnly } from '../support/browser.mjs';
import { begin, CONNECTED, eachOnce, join, loop, MOVED, places, publish, stop, told } from '../support/hanging.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { processOf } from '../support/renderer.mjs';
import { startSharing, WAYS } from '../support/sharing.mjs';
import { ROOT } from '../support/site.mjs';

/** Has the SharedWorker loop for as long as it is told to; what it says is when it begins, and when it goes on. */
const HANGS = `
const channel = new BroadcastChannel('hang');
channel.onmessage = ({ data }) => {
  channel.postMessage('hangs');
  // What it said is on its way then.
  setTimeout(() => {
    const end = Date.now() + data;
    while (Date.now() < end);
    channel.postMessage('goes on');
  });
};`;

const worker = await readFile(pathOf(ROOT, 'dist/share-worker.js'), 'utf8');
const { wayTest, browser } = await startSharing({ files: { '/dist/share-worker.js': worker + HANGS } });
const [WORKER, LOCKS] = WAYS;
const STOPS = { without: chromiumOnly('its DevTools protocol says which process is that of a page'), timeout: 90_000 };
const LOOPS = { timeout: 90_000, without: { webkit: 'its driver says nothing to a page while another one loops' } };

wayTest(
  WORKER,
  'a worker loops, and goes on: a page has taken its place, and it has done no harm',
  async ({ pages, t }) => {
    const broker = await startMosquitto();
    const peer = await connectPeer(broker);
    await peer.subscribe('#');
    const all = await pages(2);
    for (const page of all) {
      await join(page, broker.url);
    }
    assert.deepEqual(await places(all), ['shared-worker', 'shared-worker']);
    const [one, two] = all;
    await one.evaluate(async () => {
      const channel = new BroadcastChannel('hang');
      const said = (what) =>
        new Promise((resolve) => channel.addEventListener('message', ({ data }) => data === what && resolve()));
      globalThis.goesOn = said('goes on');
      const hangs = said('hangs');
      channel.postMessage(9_000);
      await hangs;
    });
    const took = await Promise.all([
      publish(one, 'x', 'one', 1),
      publish(two, 'x', 'two', 2),
      publish(two, 'all', 'to all', 2),
    ]);
    t.diagnostic(`settled after ${took.map((ms) => ms.toFixed(0))} ms`);
    assert.deepEqual((await places(all)).sort(), ['other-page', 'this-page']);
    await one.evaluate(() => goesOn);
    await publish(one, 'x', 'three', 2);
    for (const page of all) {
      await page.evaluate(() => until(() => heard.length > 0));
      assert.deepEqual(await page.evaluate(() => heard), ['to all']);
      assert.deepEqual(await told(page), MOVED);
    }
    await peer.holds((all) => all.some(({ text }) => text === 'three'));
    eachOnce(peer, ['one', 'two', 'three', 'to all']);
    assert.equal(broker.countLogged(CONNECTED), 3);
    assert.ok(Math.max(...took) < 7_000 && Math.min(...took) > 4_000, `${took}`);
  },
  LOOPS,
);

wayTest(
  LOCKS,
  'a page that is seen finds out that the leader is stopped, with nothing to say',
  async ({ pages, t }) => {
    const { all } = await begin(pages, 2);
    const [leader, seen] = all;
    const goOn = await stop(browser, leader);
    try {
      const took = await seen.evaluate(async () => {
        const begun = performance.now();
        document.dispatchEvent(new Event('visibilitychange'));
        await until(() => client.sharing.place === 'this-page' && client.state === 'connected');
        return performance.now() - begun;
      });
      t.diagnostic(`connected anew after ${took.toFixed(0)} ms`);
      assert.ok(took > 3_400 && took < 5_000, `${took} ms`);
    } finally {
      goOn();
    }
    await leader.evaluate(() => until(() => client.sharing.place === 'other-page' && client.state === 'connected'));
  },
  STOPS,
);

wayTest(
  LOCKS,
  'a leader that is slow is not robbed',
  async ({ pages, t }) => {
    const { broker, peer, all } = await begin(pages, 2);
    const [leader, other] = all;
    const { ended } = await loop(leader, other, 3_000);
    await other.evaluate(() => {
      document.dispatchEvent(new Event('visibilitychange'));
    });
    t.diagnostic(`settled after ${(await publish(other, 'x', 'one', 2)).toFixed(0)} ms`);
    await ended;
    await publish(other, 'x', 'two', 2);
    assert.deepEqual(await places(all), ['this-page', 'other-page']);
    assert.deepEqual(await told(leader), []);
    assert.deepEqual(await told(other), []);
    await peer.holds((all) => all.some(({ text }) => text === 'two'));
    eachOnce(peer, ['one', 'two', 'before 1', 'before 2', 'before 3', 'after 1', 'after 2']);
    assert.equal(broker.countLogged(CONNECTED), 2);
  },
  LOOPS,
);

wayTest(
  LOCKS,
  'pages that slept, all of them, give the leader time to wake',
  async ({ pages }) => {
    const { broker, all } = await begin(pages, 2);
    const [leader, other] = all;
    const leaderWakes = await stop(browser, leader);
    try {
      const id = await processOf(browser, other);
      await other.evaluate(() => {
        globalThis.published = client.publish('x', 'one', { qos: 1 });
      });
      process.kill(id, 'SIGSTOP');
      try {
        // Not for something to happen: the time is what is tested.
        await pause(7_000);
      } finally {
        process.kill(id, 'SIGCONT');
      }
      // The page is awake before the leader is.
      await other.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
    } finally {
      leaderWakes();
    }
    await other.evaluate(() => published);
    assert.deepEqual(await places(all), ['this-page', 'other-page']);
    assert.equal(broker.countLogged(CONNECTED), 2);
  },
  STOPS,
);

wayTest(LOCKS, 'nothing wakes pages that are idle', async ({ pages }) => {
  const broker = await startMosquitto();
  const all = await pages(3);
  for (const page of all) {
    await page.evaluate(() => {
      globalThis.fired = [];
      globalThis.due = new Map();
      const { setTimeout, clearTimeout, setInterval } = globalThis;
      globalThis.setTimeout = (run, ms, ...given) => {
        const timer = setTimeout(() => {
          due.delete(timer);
          fired.push(`a timer of ${ms} ms`);
          run(...given);
        }, ms);
        due.set(timer, Date.now() + ms);
        return timer;
      };
      globalThis.clearTimeout = (timer) => {
        due.delete(timer);
        clearTimeout(timer);
      };
      globalThis.setInterval = (run, ms, ...given) =>
        setInterval(() => {
          fired.push(`an interval of ${ms} ms`);
          run(...given);
        }, ms);
      /** Whether it is idle for that long, as far as its timers say. */
      globalThis.rests = (ms) =>
        new Promise((resolve) => {
          const look = setInterval(() => {
            if (Math.min(...due.values()) > Date.now() + ms) {
              clearInterval(look);
              fired.length = 0;
              resolve();
            }
          }, 20);
        });
    });
    await join(page, broker.url);
    await page.evaluate(() => client.publish('x', 'one', { qos: 1 }));
  }
  await Promise.all(all.map((page) => page.evaluate(() => until(() => client.sharing.pages === 3))));
  await Promise.all(all.map((page) => page.evaluate(() => rests(8_000))));
  // Not for something to happen: the time is what is tested.
  await pause(8_000);
  for (const page of all) {
    assert.deepEqual(await page.evaluate(() => fired), []);
  }
});
