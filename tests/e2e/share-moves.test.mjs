/**
 * What becomes of a shared connection when pages go: closed, killed, frozen, to the back/forward cache; and when the one goes
 * that has it. What pages have of each other while nothing happens is `share`.
 */

import assert from 'node:assert/strict';
import { chromiumOnly, OUT_OF_CACHE } from '../support/browser.mjs';
import { join as joinWith } from '../support/hanging.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';
import { crash, DIES } from '../support/renderer.mjs';
import { startSharing, WAYS } from '../support/sharing.mjs';

const broker = await startMosquitto();
const { wayTest, browser } = await startSharing();

/** A server that has a session for who had one, and takes no publish on a first connection. */
const holding = () =>
  startPacketServer((packet, line) => {
    const { cmd, messageId, qos } = packet;
    if (cmd === 'connect') {
      line.state.first = packet.clean;
      line.send(connack({ sessionPresent: !packet.clean }));
    } else if (cmd === 'subscribe') {
      const granted = packet.subscriptions.map(({ topic }) => (topic === 'forbidden' ? 0x87 : 0));
      line.send({ cmd: 'suback', messageId, granted });
    } else if (cmd === 'unsubscribe') {
      line.send({ cmd: 'unsuback', messageId, granted: [0] });
    } else if (cmd === 'pingreq') {
      line.send({ cmd: 'pingresp' });
    } else if (cmd === 'publish' && qos === 0) {
      line.send({ cmd, topic: packet.topic, payload: packet.payload, qos: 0, retain: false });
    } else if (cmd === 'publish' && !line.state.first) {
      line.send({ cmd: qos === 1 ? 'puback' : 'pubrec', messageId, reasonCode: 0 });
    } else if (cmd === 'pubrel') {
      line.send({ cmd: 'pubcomp', messageId, reasonCode: 0 });
    }
  });

const join = (page, url, options) => joinWith(page, url, options, 0);

const connected = (page) => page.evaluate(() => until(() => client.state === 'connected'));

/** The page that has the connection, the first one where a worker has it; and the others. */
async function parted(all) {
  const places = await Promise.all(all.map((page) => page.evaluate(() => client.sharing.place)));
  const at = Math.max(0, places.indexOf('this-page'));
  return [all[at], ...all.filter((_, index) => index !== at)];
}

/** Ends whatever has the connection, without a word. */
async function kill(way, leader) {
  if (way.places[0] === 'shared-worker') {
    const target = browser.targets().find((target) => target.type() === 'shared_worker');
    const worker = await target.worker();
    await worker.evaluate('close()').catch(() => {});
  } else {
    await crash(leader);
  }
}

/** Whether the page was in the back/forward cache, and why it was not. */
const kept = (page) =>
  page.evaluate(() => [
    globalThis.stayed === true,
    JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons),
  ]);

const FREEZES = { without: chromiumOnly('its DevTools protocol freezes a page') };

for (const way of WAYS.slice(1)) {
  wayTest(way, "channels that Firefox closes before the page goes are in nobody's way", async ({ pages }) => {
    const server = await holding();
    const [page] = await pages(1);
    await join(page, server.url);
    await page.evaluate(() => {
      BroadcastChannel.prototype.postMessage = () => {
        throw new DOMException('it is closed', 'InvalidStateError');
      };
      return client.close();
    });
    await server.received('disconnect');
  });
}

for (const way of WAYS) {
  wayTest(
    way,
    'the one dies that has the connection: another one has it, with the session, and promises hold',
    async ({ pages, t }) => {
      const server = await holding();
      const all = await pages(3);
      for (const page of all) {
        await join(page, server.url, { will: { topic: 'gone', payload: '' } });
      }
      const [leader, ...others] = await parted(all);
      for (const page of others) {
        await page.evaluate(() => {
          globalThis.results = Promise.all([
            client.publish('x', 'one', { qos: 1 }),
            client.publish('y', 'two', { qos: 2 }),
          ]);
          results.catch(() => {});
        });
      }
      await server.received('publish', 4);
      const [first] = server.packets;
      const before = Date.now();
      await kill(way, leader);
      await server.received('connect', 2);
      const took = Date.now() - before;
      t.diagnostic(`another CONNECT after ${took} ms`);
      for (const page of others) {
        const reasons = await page.evaluate(async () => (await results).map(({ reasonCode }) => reasonCode));
        assert.deepEqual(reasons, [0, 0]);
        await connected(page);
      }
      const again = server.packets.slice(server.packets.findLastIndex(({ cmd }) => cmd === 'connect'));
      assert.equal(again[0].clean, false);
      assert.equal(again[0].clientId, first.clientId);
      assert.equal(again[0].properties.sessionExpiryInterval, 60);
      assert.equal(again[0].will.properties.willDelayInterval, 5);
      const sent = again.filter(({ cmd }) => cmd === 'publish');
      assert.equal(sent.length, 4, 'none is lost, and none sent as a new one');
      assert.ok(sent.every(({ dup }) => dup));
      assert.equal(server.packets.filter(({ cmd }) => cmd === 'disconnect').length, 0);
      // What each subscribes to goes on.
      await others[0].evaluate(() => client.publish('all', 'here'));
      for (const page of others) {
        assert.deepEqual(await page.evaluate(() => until(() => heard.length > 0).then(() => heard)), ['here']);
      }
      assert.ok(took < (way.name === 'a lease' ? 1_500 : 1_000), `${took} ms`);
    },
    DIES,
  );

  wayTest(way, 'a page closes that has the connection: it moves, and there is no will', async ({ pages }) => {
    const server = await holding();
    const all = await pages(3);
    for (const page of all) {
      await join(page, server.url, { will: { topic: 'gone', payload: '' } });
    }
    const [leader, one, two] = await parted(all);
    const refused = await two.evaluate(() => failure(client.subscribe('forbidden', () => {}).ready));
    assert.equal(refused.code, 'refused');
    await one.evaluate(() => {
      globalThis.result = client.publish('y', 'two', { qos: 2 });
    });
    await server.received('publish');
    await leader.close();
    if (way.places[0] !== 'shared-worker') {
      await server.received('connect', 2);
      assert.equal((await one.evaluate(() => result)).reasonCode, 0);
      // On another connection than what comes next.
      await server.received('disconnect');
      assert.deepEqual(
        server.packets.filter(({ cmd }) => cmd === 'disconnect').map(({ reasonCode }) => reasonCode ?? 0),
        [0],
      );
    }
    await connected(one);
    await two.evaluate(() => client.publish('all', 'here'));
    await one.evaluate(() => until(() => heard.includes('here')));
    assert.equal(server.connections, way.places[0] === 'shared-worker' ? 1 : 2);
    const asked = server.packets.flatMap(({ subscriptions = [] }) => subscriptions.map(({ topic }) => topic));
    assert.equal(asked.filter((topic) => topic === 'forbidden').length, 1, 'what was refused is not asked for again');
  });

  wayTest(
    way,
    'a page that dies lets go of what was its own, and of nothing else',
    async ({ pages }) => {
      const server = await holding();
      const all = await pages(2);
      for (const page of all) {
        await join(page, server.url);
      }
      const [stays, goes] = await parted(all);
      await goes.evaluate(() => client.subscribe('own', () => {}).ready);
      await crash(goes);
      const [{ unsubscriptions }] = await server.received('unsubscribe');
      assert.deepEqual(unsubscriptions, ['own']);
      await stays.evaluate(() => client.publish('all', 'here'));
      await stays.evaluate(() => until(() => heard.length === 1 && client.sharing.pages === 1));
      assert.equal(server.connections, 1);
      assert.deepEqual(await stays.evaluate(() => lines.filter(([what]) => what === 'disconnect')), []);
    },
    DIES,
  );

  wayTest(
    way,
    'a page that is frozen lets go, and is back when it thaws',
    async ({ pages }) => {
      const server = await holding();
      const all = await pages(2);
      for (const page of all) {
        await join(page, server.url);
      }
      const [frozen, other] = await parted(all);
      const session = await frozen.createCDPSession();
      await session.send('Page.setWebLifecycleState', { state: 'frozen' });
      await other.evaluate(() => until(() => client.sharing.pages === 1 && client.state === 'connected'));
      await other.evaluate(() => client.publish('all', 'one'));
      await other.evaluate(() => until(() => heard.length === 1));
      await session.send('Page.setWebLifecycleState', { state: 'active' });
      await other.evaluate(() => until(() => client.sharing.pages === 2));
      await connected(frozen);
      await frozen.evaluate(() => client.subscribe('more', () => {}).ready);
      await other.evaluate(() => client.publish('all', 'two'));
      assert.deepEqual(await frozen.evaluate(() => until(() => heard.length > 0).then(() => heard)), ['two']);
      assert.deepEqual(await other.evaluate(() => until(() => heard.length > 1).then(() => heard)), ['one', 'two']);
      assert.equal(server.connections, way.places[0] === 'shared-worker' ? 1 : 2);
    },
    FREEZES,
  );

  wayTest(
    way,
    'the last page that closes disconnects; if all die, there is the will',
    async ({ pages }) => {
      const peer = await connectPeer(broker);
      await peer.subscribe(`${way.path}/gone`);
      const will = { topic: `${way.path}/gone`, payload: 'will', delay: 0 };
      const [one, two, three] = await pages(3);
      const share = { share: `wills ${way.name}`, will };
      await join(one, broker.url, share);
      await join(two, broker.url, share);
      await one.close();
      await connected(two);
      await two.close();
      await join(three, broker.url, share);
      await peer.publish(`${way.path}/gone`, 'none so far');
      await crash(three);
      await peer.take(2);
      assert.deepEqual(
        peer.received.map(({ text }) => text),
        ['none so far', 'will'],
      );
    },
    DIES,
  );

  wayTest(
    way,
    'a page that returns from the back/forward cache is back, unless all were closed',
    async ({ pages }) => {
      const server = await holding();
      const all = await pages(2);
      for (const page of all) {
        await join(page, server.url);
      }
      const [goes, stays] = await parted(all);
      const away = async () => {
        await goes.evaluate(() => {
          globalThis.stayed = true;
        });
        await goes.goto(`${new URL(goes.url()).origin}/empty.html`);
        await stays.evaluate(() => until(() => client.sharing.pages === 1 && client.state === 'connected'));
      };
      await away();
      await goes.goBack();
      assert.ok(...(await kept(goes)));
      await connected(goes);
      await goes.evaluate(() => client.subscribe('more', () => {}).ready);
      await stays.evaluate(() => client.publish('all', 'one'));
      assert.deepEqual(await goes.evaluate(() => until(() => heard.length > 0).then(() => heard)), ['one']);
      await stays.evaluate(() => until(() => client.sharing.pages === 2));
      await away();
      await stays.evaluate(() => client.close({ everywhere: true }));
      await goes.goBack();
      assert.ok(...(await kept(goes)));
      await goes.evaluate(() => until(() => client.state === 'closed'));
    },
    { without: OUT_OF_CACHE },
  );

  wayTest(
    way,
    'a page that is seen again finds out that the line is dead, wherever the connection is',
    async ({ pages, t }) => {
      const line = await startProxy(broker.wsPort);
      const all = await pages(2);
      for (const page of all) {
        await join(page, line.url, { share: `seen ${way.name}` });
      }
      const seen = all.at(-1);
      assert.equal(await seen.evaluate(() => document.hidden), false);
      line.strand();
      const took = await seen.evaluate(async () => {
        const begun = performance.now();
        document.dispatchEvent(new Event('visibilitychange'));
        await until(() => lines.some(([what]) => what === 'disconnect') && client.state === 'connected');
        return performance.now() - begun;
      });
      t.diagnostic(`connected anew after ${took.toFixed(0)} ms`);
      assert.ok(took < 2_000, `${took} ms`);
      await all[0].evaluate(() => client.publish('all', 'here', { qos: 1 }));
      await seen.evaluate(() => until(() => heard.includes('here')));
    },
  );

  wayTest(
    way,
    'a stored session goes with the connection',
    async ({ pages }) => {
      const server = await holding();
      const all = await pages(2);
      const session = { persist: 'indexeddb', name: `shared ${way.name}` };
      for (const page of all) {
        await join(page, server.url, { session });
      }
      const [leader, other] = await parted(all);
      await other.evaluate(async () => {
        globalThis.published = client.publish('y', 'kept', { qos: 2, id: 'mine' });
        await published.stored;
      });
      assert.deepEqual(await other.evaluate(async () => (await client.pending()).map(({ topic, id }) => [topic, id])), [
        ['y', 'mine'],
      ]);
      await server.received('publish');
      await kill(way, leader);
      await server.received('connect', 2);
      assert.equal((await other.evaluate(() => published)).reasonCode, 0);
      const sent = server.packets.filter(({ cmd }) => cmd === 'publish');
      assert.deepEqual(
        sent.map(({ dup }) => dup),
        [false, true],
      );
      await other.evaluate(() => client.clearSession());
      assert.equal(server.packets.at(-1).properties.sessionExpiryInterval, 0);
    },
    DIES,
  );
}
