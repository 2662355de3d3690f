/**
 * A page that has the shared connection and whose thread hangs: the others take it over, and what it does when it goes on is
 * in nobody's way. When it is thought to hang is `share-doubts`; what becomes of pages that go is `share-moves`.
 */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { chromiumOnly, SOCKET_FAILED } from '../support/browser.mjs';
import { atEnd } from '../support/cleanup.mjs';
import {
  begin,
  CONNECTED,
  eachOnce,
  join,
  loop,
  MOVED,
  places,
  publish,
  stop,
  TAKEN_OVER,
  told,
} from '../support/hanging.mjs';
import { close, HOST, listen, portOf } from '../support/net.mjs';
import { startSharing, WAYS } from '../support/sharing.mjs';

const { wayTest, browser } = await startSharing();
const [, LOCKS, LEASE] = WAYS;
const STOPS = { without: chromiumOnly('its DevTools protocol says which process is that of a page'), timeout: 90_000 };
const LOOPS = { timeout: 90_000, without: { webkit: 'its driver says nothing to a page while another one loops' } };

/** An address that answers when it is opened: a page that asks for it synchronously hangs until then. */
async function startGate() {
  /** @type {() => void} */
  let open = () => {};
  const opened = new Promise((resolve) => {
    open = () => resolve(undefined);
  });
  const server = await listen(
    createServer(async (_, response) => {
      await opened;
      response.writeHead(200, { 'access-control-allow-origin': '*' }).end();
    }),
  );
  atEnd(() => close(server));
  return { url: `http://${HOST}:${portOf(server)}/`, open };
}

for (const way of [LOCKS, LEASE]) {
  for (const [name, options] of /** @type {const} */ ([
    ['in memory', {}],
    ['stored', { session: { persist: 'indexeddb' } }],
  ])) {
    wayTest(
      way,
      `a leader is stopped: another one takes over, once, and promises hold, with the session ${name}`,
      async ({ pages, t }) => {
        const { broker, peer, all } = await begin(pages, 3, options);
        const [leader, one, two] = all;
        const goOn = await stop(browser, leader);
        let took;
        try {
          const subscribed = one.evaluate(async () => {
            globalThis.late = [];
            await client.subscribe('late', (message) => late.push(message.text()), { qos: 1 }).ready;
          });
          took = await Promise.all([
            publish(one, 'x', 'one', 1),
            publish(one, 'x', 'two', 2),
            publish(two, 'x', 'three', 1),
            publish(two, 'x', 'four', 2),
            subscribed,
          ]);
          assert.deepEqual((await places([one, two])).sort(), ['other-page', 'this-page']);
          await publish(two, 'late', 'five', 1);
          await one.evaluate(() => until(() => late.length === 1));
        } finally {
          goOn();
        }
        t.diagnostic(`settled after ${took.slice(0, 4).map((ms) => ms.toFixed(0))} ms`);
        await leader.evaluate(() => until(() => client.sharing.place === 'other-page' && client.state === 'connected'));
        await publish(leader, 'x', 'six', 2);
        await publish(leader, 'all', 'to all', 2);
        for (const page of all) {
          await page.evaluate(() => until(() => heard.includes('to all')));
          assert.deepEqual(await page.evaluate(() => heard), ['to all']);
          assert.deepEqual(await told(page), MOVED);
          await page.evaluate(() => until(() => client.sharing.pages === 3));
        }
        await peer.holds((all) => all.some(({ text }) => text === 'to all'));
        eachOnce(peer, ['one', 'two', 'three', 'four', 'five', 'six', 'to all']);
        // The peer, the leader, and the one that took over.
        assert.equal(broker.countLogged(CONNECTED), 3);
        const [limit, least] = way === LOCKS ? [7_000, 4_900] : [2_500, 400];
        assert.ok(Math.max(...took.slice(0, 4)) < limit && Math.min(...took.slice(0, 4)) > least, `${took}`);
      },
      STOPS,
    );

    wayTest(
      way,
      `a leader loops, and goes on: it is a member again, and has done no harm, with the session ${name}`,
      async ({ pages, t }) => {
        const will = { topic: 'gone', payload: 'will' };
        const { broker, peer, all } = await begin(pages, 3, { will, ...options });
        const [leader, one, two] = all;
        const { ended } = await loop(leader, one, way === LOCKS ? 12_000 : 4_000);
        const texts = ['1', '2', '3', '4', '5'];
        const took = await Promise.all([
          ...texts.map((text) => peer.publish('all', text, { qos: 2 })),
          publish(one, 'x', 'one', 2),
          publish(two, 'x', 'two', 2),
          publish(two, 'x', 'three', 1),
        ]);
        t.diagnostic(`settled after ${took.slice(texts.length).map((ms) => ms.toFixed(0))} ms`);
        const results = await ended;
        assert.deepEqual(results, [0, 0, 0, 0, 0]);
        await leader.evaluate(() => until(() => client.sharing.place === 'other-page' && client.state === 'connected'));
        await publish(leader, 'all', 'to all', 2);
        for (const page of [one, two]) {
          await page.evaluate(() => until(() => heard.includes('to all')));
          assert.deepEqual(await page.evaluate(() => heard), [...texts, 'to all']);
        }
        await leader.evaluate(() => until(() => heard.includes('to all')));
        for (const page of all) {
          assert.deepEqual(await told(page), MOVED);
        }
        await peer.holds((all) => all.some(({ text }) => text === 'to all'));
        const own = ['before 1', 'before 2', 'before 3', 'after 1', 'after 2'];
        eachOnce(peer, [...texts, ...own, 'one', 'two', 'to all']);
        // At least once: the leader may have sent it and not heard the answer.
        const rest = peer.received.filter(({ text }) => text === 'three' || text === 'will');
        assert.deepEqual([...new Set(rest.map(({ text }) => text))], ['three']);
        assert.equal(broker.countLogged(CONNECTED), 3);
      },
      LOOPS,
    );
  }

  wayTest(
    way,
    'a leader that hung while its connection opened does not begin it',
    async ({ pages }) => {
      const { broker, peer, all, line } = await begin(pages, 2, { proxied: true });
      const [leader, one] = all;
      await leader.evaluate(
        (ms) => {
          globalThis.looped = new Promise((resolve) => {
            globalThis.WebSocket = class extends WebSocket {
              constructor(...given) {
                super(...given);
                const end = Date.now() + ms;
                while (Date.now() < end);
                resolve();
              }
            };
          });
        },
        way === LOCKS ? 9_000 : 3_000,
      );
      const connected = broker.countLogged(CONNECTED);
      const lost = one.evaluate(() => until(() => lines.some(([what]) => what === 'disconnect')));
      line.cut();
      await lost;
      await publish(one, 'x', 'one', 2);
      await leader.evaluate(() => looped);
      await leader.evaluate(() => until(() => client.sharing.place === 'other-page' && client.state === 'connected'));
      await publish(leader, 'x', 'two', 2);
      await peer.holds((all) => all.some(({ text }) => text === 'two'));
      eachOnce(peer, ['one', 'two']);
      assert.equal(broker.countLogged(CONNECTED), connected + 1);
      assert.equal(broker.countLogged(TAKEN_OVER), 0);
    },
    { ...LOOPS, allowed: [SOCKET_FAILED] },
  );

  wayTest(
    way,
    'a page that comes while the leader is stopped leads',
    async ({ pages, t }) => {
      const will = { topic: 'gone', payload: 'will', delay: 0 };
      const { broker, peer, all } = await begin(pages, 1, { will });
      const [leader] = all;
      const goOn = await stop(browser, leader);
      const [page] = await pages(1);
      const begun = Date.now();
      try {
        await join(page, broker.url, { will });
        t.diagnostic(`connected after ${Date.now() - begun} ms`);
        assert.deepEqual(await places([page]), ['this-page']);
      } finally {
        goOn();
      }
      await leader.evaluate(() => until(() => client.sharing.place === 'other-page' && client.state === 'connected'));
      await publish(leader, 'all', 'to all', 2);
      await page.evaluate(() => until(() => heard.length > 0));
      await broker.logged(/Client \S+ disconnected/);
      assert.deepEqual(
        peer.received.map(({ text }) => text),
        ['to all'],
      );
      assert.equal(broker.countLogged(CONNECTED), 3);
    },
    STOPS,
  );
}

wayTest(
  LOCKS,
  'a leader that hangs while it stores does not keep the next one waiting',
  async ({ pages, t }) => {
    const { peer, all } = await begin(pages, 2, { session: { persist: 'indexeddb' } });
    const [leader, other] = all;
    const hung = leader.evaluate(
      () =>
        new Promise((resolve) => {
          const { commit } = IDBTransaction.prototype;
          IDBTransaction.prototype.commit = function () {
            IDBTransaction.prototype.commit = commit;
            commit.call(this);
            const end = Date.now() + 9_000;
            while (Date.now() < end);
            resolve(own);
          };
          const own = client.publish('own', 'before', { qos: 2 }).then(({ reasonCode }) => reasonCode);
        }),
    );
    const took = await publish(other, 'x', 'one', 2);
    t.diagnostic(`settled after ${took.toFixed(0)} ms`);
    assert.ok(took < 7_000, `${took} ms`);
    assert.equal(await hung, 0);
    for (const page of all) {
      assert.deepEqual(await told(page), MOVED);
    }
    await peer.holds((all) => ['before', 'one'].every((text) => all.some((message) => message.text === text)));
    eachOnce(peer, ['before', 'one']);
  },
  LOOPS,
);

wayTest(
  LOCKS,
  'a page that hung goes on, and whoever leads after the one that took its place still has the session',
  async ({ pages }) => {
    const { broker, peer, all } = await begin(pages, 4);
    const [leader, one, two, three] = all;
    const gate = await startGate();
    // It hangs when the others were told something, before they say that they have taken it; and goes on when another one leads,
    // which is a moment after that was too late.
    for (const page of all) {
      await page.evaluate(() => client.subscribe('go', () => globalThis.go?.(), { qos: 1 }).ready);
    }
    await leader.evaluate((url) => {
      globalThis.ended = new Promise((resolve) => {
        globalThis.go = () => {
          queueMicrotask(() => {
            const request = new XMLHttpRequest();
            request.open('GET', url, false);
            request.send();
            resolve();
          });
        };
      });
    }, gate.url);
    await one.evaluate(() => {
      client.publish('go', '', { qos: 1 });
      return new Promise((resolve) => {
        globalThis.go = resolve;
      });
    });
    await publish(one, 'x', 'one', 2);
    gate.open();
    await leader.evaluate(() => ended);
    await leader.evaluate(() => until(() => client.sharing.place === 'other-page' && client.state === 'connected'));
    assert.deepEqual(await places([one]), ['this-page']);
    await one.close();
    for (const [page, text] of /** @type {const} */ ([
      [two, 'two'],
      [three, 'three'],
      [leader, 'four'],
    ])) {
      await publish(page, 'x', text, 2);
    }
    await peer.holds((all) => all.some(({ text }) => text === 'four'));
    eachOnce(peer, ['one', 'two', 'three', 'four']);
    // The peer begins one, and the first leader; the others go on with that.
    assert.equal(broker.countLogged(CONNECTED), 4);
    assert.equal(broker.countLogged(/New client connected.* c1, /g), 2);
  },
  { ...LOOPS, without: { ...LOOPS.without, firefox: 'a page goes on there while a synchronous request waits' } },
);
