/**
 * One connection for the pages of an origin, in each of the ways in which they can have one: in a SharedWorker, in a page that
 * Web Locks elect, and in one that has a lease where there are none. What becomes of it when pages go is `share-moves`.
 */

import assert from 'node:assert/strict';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';
import { startSharing, WAYS } from '../support/sharing.mjs';

const broker = await startMosquitto();
const { pageTest, wayTest } = await startSharing();

/** A server that grants what is asked for, has a retained message for each filter, and gives back what is published. */
const retaining = (/** @type {4 | 5} */ version = 5) =>
  startPacketServer((packet, line) => {
    const { cmd, messageId, topic } = packet;
    if (cmd === 'connect') {
      line.send(version === 5 ? connack() : { cmd: 'connack', returnCode: 0, sessionPresent: false });
    } else if (cmd === 'subscribe') {
      const [{ topic: filter }] = packet.subscriptions;
      const kept = filter.replace('#', 'kept');
      line.send(
        { cmd: 'suback', messageId, granted: [0] },
        { cmd: 'publish', topic: kept, payload: 'kept', qos: 0, retain: true },
      );
    } else if (cmd === 'unsubscribe') {
      line.send({ cmd: 'unsuback', messageId, granted: [0] });
    } else if (cmd === 'pingreq') {
      line.send({ cmd: 'pingresp' });
    } else if (cmd === 'publish') {
      if (packet.qos === 1) {
        line.send({ cmd: 'puback', messageId, reasonCode: 0 });
      }
      line.send({ cmd: 'publish', topic, payload: packet.payload, qos: 0, retain: false });
    }
  }, version);

/** Connects in that page, subscribes, and notes what comes. */
const join = (page, url, filter, options = {}) =>
  page.evaluate(
    async (url, filter, options) => {
      globalThis.client = followed(wasmqtt.connect(url, { share: true, ...options }));
      globalThis.heard = [];
      globalThis.lines = diary(client);
      await client.ready;
      if (filter) {
        const note = (message) => heard.push(`${message.topic} ${message.text()}${message.retain ? ' retained' : ''}`);
        await client.subscribe(filter, note).ready;
      }
    },
    url,
    filter,
    options,
  );

const heard = (page, count) =>
  page.evaluate(async (count) => {
    await until(() => heard.length >= count);
    return heard;
  }, count);

for (const way of WAYS) {
  share(way);
}

function share(way) {
  wayTest(way, 'pages have one connection, and each what is its own', async ({ pages }) => {
    const server = await retaining();
    const [one, two, three] = await pages(3);
    await join(one, server.url, 'one/#');
    await join(two, server.url, 'two/#');
    await join(three, server.url, 'three/#');
    const answers = await two.evaluate(async () => {
      const results = await Promise.all([
        client.publish('one/a', 'from two'),
        client.publish('two/a', 'own'),
        client.publish('three/b', 'third', { qos: 1 }),
        client.flush(),
      ]);
      return [...results.map((result) => result?.reasonCode ?? 'nothing'), typeof (await client.ping())];
    });
    assert.deepEqual(answers, [0, 0, 0, 'nothing', 'number']);
    assert.deepEqual(await heard(one, 2), ['one/kept kept retained', 'one/a from two']);
    assert.deepEqual(await heard(two, 2), ['two/kept kept retained', 'two/a own']);
    assert.deepEqual(await heard(three, 2), ['three/kept kept retained', 'three/b third']);
    assert.equal(server.connections, 1);
    await three.evaluate(() => until(() => client.sharing?.pages === 3));
    const places = await Promise.all([one, two, three].map((page) => page.evaluate(() => client.sharing.place)));
    assert.deepEqual(places.sort(), way.places);
    const states = await Promise.all(
      [one, two, three].map((page) => page.evaluate(() => [client.state, client.clientId])),
    );
    assert.equal(new Set(states.map(String)).size, 1, 'one client, as the server sees it');
  });

  wayTest(
    way,
    'who comes late has what is retained: from memory while nothing has come since, else asked for',
    async ({ pages }) => {
      const server = await retaining();
      const [one, two, three] = await pages(3);
      await join(one, server.url, 'a/#');
      assert.deepEqual(await heard(one, 1), ['a/kept kept retained']);
      await join(two, server.url, 'a/#');
      assert.deepEqual(await heard(two, 1), ['a/kept kept retained']);
      assert.equal((await server.received('subscribe')).length, 1, 'the server is not asked again');
      await one.evaluate(() => client.publish('a/b', 'live'));
      await heard(two, 2);
      await join(three, server.url, 'a/#');
      assert.deepEqual(await heard(three, 1), ['a/kept kept retained']);
      assert.equal((await server.received('subscribe')).length, 2, 'something came: it may be retained now');
      await three.evaluate(() => client.publish('a/c', 'last'));
      const expected = ['a/kept kept retained', 'a/b live', 'a/c last'];
      assert.deepEqual(await heard(one, 3), expected, 'nothing is told twice');
      assert.deepEqual(await heard(two, 3), expected);
      assert.deepEqual(await heard(three, 2), ['a/kept kept retained', 'a/c last']);
      // The filter is given up with the last page that has it.
      await two.evaluate(() => client.close());
      await three.evaluate(() => client.close());
      await one.evaluate(() => client.ping());
      assert.equal(server.packets.filter(({ cmd }) => cmd === 'unsubscribe' || cmd === 'disconnect').length, 0);
      assert.equal(server.connections, 1);
    },
  );

  wayTest(way, 'with Retain As Published it is known what is retained', async ({ pages }) => {
    const server = await startPacketServer((packet, line) => {
      const { cmd, messageId } = packet;
      if (cmd === 'connect') {
        line.send(connack());
      } else if (cmd === 'subscribe') {
        line.send({ cmd: 'suback', messageId, granted: [0] });
      } else if (cmd === 'publish') {
        const { topic, payload, retain } = packet;
        const properties = packet.properties && { messageExpiryInterval: 0 };
        line.send({ cmd: 'publish', topic, payload, qos: 0, retain, properties });
      }
    });
    const [one, two] = await pages(2);
    const subscribe = (page) =>
      page.evaluate(async (url) => {
        globalThis.client = followed(wasmqtt.connect(url, { share: true }));
        globalThis.heard = [];
        await client.subscribe('a/#', (m) => heard.push(`${m.topic} ${m.text()}`), { retainAsPublished: true }).ready;
      }, server.url);
    await subscribe(one);
    await one.evaluate(async () => {
      await client.publish('a/1', 'kept', { retain: true });
      await client.publish('a/2', 'kept', { retain: true });
      await client.publish('a/2', '', { retain: true });
      await client.publish('a/1', 'live');
      await client.publish('a/3', 'expired', { retain: true, expiry: 1 });
    });
    await heard(one, 5);
    await subscribe(two);
    assert.deepEqual(await heard(two, 1), ['a/1 kept']);
    assert.equal((await server.received('subscribe')).length, 1);
  });

  wayTest(way, 'who comes late and does not wait takes nothing from who does', async ({ pages }) => {
    let grant = () => {};
    const server = await startPacketServer((packet, line) => {
      const { cmd, messageId } = packet;
      if (cmd === 'connect') {
        line.send(connack());
      } else if (cmd === 'subscribe') {
        grant = () => line.send({ cmd: 'suback', messageId, granted: [0] });
      } else if (cmd === 'pingreq') {
        line.send({ cmd: 'pingresp' });
      }
    });
    const [one, two] = await pages(2);
    await join(one, server.url);
    await join(two, server.url);
    await one.evaluate(() => {
      globalThis.first = client.subscribe('a', () => {});
    });
    await server.received('subscribe');
    const late = await two.evaluate(() => failure(client.subscribe('a', () => {}, { timeout: 20 }).ready));
    assert.equal(late.code, 'timeout');
    await two.evaluate(() => client.ping());
    grant();
    assert.equal((await one.evaluate(() => first.ready)).qos, 0);
    assert.equal(server.packets.filter(({ cmd }) => cmd === 'unsubscribe').length, 0);
  });

  wayTest(way, 'other credentials, another will or other settings are not shared', async ({ pages }) => {
    const server = await retaining();
    const [one, two] = await pages(2);
    await join(one, server.url, 'a/#', { share: 'same name', username: 'alice', password: 'secret' });
    for (const other of [
      { username: 'alice', password: 'other' },
      { username: 'alice', password: 'secret', will: { topic: 'gone', payload: '' } },
      { username: 'alice', password: 'secret', keepAlive: 7 },
      {},
    ]) {
      const error = await two.evaluate(
        async (url, other) => failure(wasmqtt.connect(url, { share: 'same name', ...other }).ready),
        server.url,
        other,
      );
      assert.equal(error.code, 'share-conflict');
      assert.ok(!JSON.stringify(error).includes('secret') && !JSON.stringify(error).includes('alice'));
    }
    await join(two, server.url, 'a/#', { share: 'another name', username: 'bob', password: 'other' });
    assert.deepEqual(
      server.packets.filter(({ cmd }) => cmd === 'connect').map(({ username }) => username),
      ['alice', 'bob'],
    );
    assert.equal(await one.evaluate(() => client.state), 'connected');
  });

  wayTest(way, 'one page closes, or all of them', async ({ pages }) => {
    const server = await retaining();
    const all = await pages(3);
    for (const page of all) {
      await join(page, server.url, 'a/#');
    }
    await all[2].evaluate(() => client.close());
    assert.deepEqual(await all[2].evaluate(() => [client.state, lines.at(-1)[0]]), ['closed', 'close']);
    assert.equal(await all[1].evaluate(() => client.ping().then(() => client.state)), 'connected');
    await all[0].evaluate(() => client.close({ everywhere: true }));
    await all[1].evaluate(() => until(() => client.state === 'closed'));
    assert.deepEqual(await all[1].evaluate(() => client.closed.then(() => 'closed by nobody')), 'closed by nobody');
    await server.gone(1);
    const ends = server.packets.filter(({ cmd }) => cmd === 'disconnect');
    assert.deepEqual(
      ends.map(({ properties }) => properties?.sessionExpiryInterval),
      [0],
    );
    assert.equal(server.connections, 1);
    // And a new one begins.
    await join(all[1], server.url, 'a/#');
    assert.equal(server.connections, 2);
  });

  wayTest(
    way,
    'a request of one page is answered by another, and a function of one speaks for all',
    async ({ pages }) => {
      const [one, two] = await pages(2);
      const connected = (page) =>
        page.evaluate(async (url) => {
          globalThis.asked = 0;
          globalThis.client = wasmqtt.connect(url, {
            share: true,
            auth: () => {
              asked++;
              return { username: 'u', password: 'p' };
            },
          });
          await client.ready;
        }, broker.url);
      await connected(one);
      await connected(two);
      await one.evaluate(
        () => client.respond('sum', (message) => String(message.json().reduce((a, b) => a + b))).ready,
      );
      assert.equal(await two.evaluate(async () => (await client.request('sum', '[1,2,3]')).text()), '6');
      assert.equal(await one.evaluate(() => asked), 1);
      assert.equal(await two.evaluate(() => asked), 0);
      await two.evaluate(() => client.close());
      await one.evaluate(() => client.close());
    },
  );

  wayTest(way, 'acknowledged by hand, by each page that does', async ({ pages }) => {
    const acknowledged = [];
    const server = await startPacketServer((packet, line) => {
      const { cmd, messageId } = packet;
      if (cmd === 'connect') {
        line.send(connack());
      } else if (cmd === 'subscribe') {
        line.send({ cmd: 'suback', messageId, granted: [1] });
      } else if (cmd === 'publish') {
        line.send({ cmd: 'publish', topic: 'm', payload: 'x', qos: 1, messageId: 7, retain: false });
      } else if (cmd === 'puback') {
        acknowledged.push(messageId);
      } else if (cmd === 'pingreq') {
        line.send({ cmd: 'pingresp' });
      }
    });
    const [one, two] = await pages(2);
    for (const page of [one, two]) {
      await page.evaluate(async (url) => {
        globalThis.client = followed(wasmqtt.connect(url, { share: true }));
        globalThis.messages = [];
        await client.subscribe('m', (message) => messages.push(message), { qos: 1, ack: 'manual' }).ready;
      }, server.url);
    }
    await one.evaluate(() => client.publish('go', ''));
    await one.evaluate(() => until(() => messages.length === 1));
    await two.evaluate(() => until(() => messages.length === 1));
    assert.equal(await two.evaluate(() => messages[0].ack()), true);
    await two.evaluate(() => client.ping());
    assert.deepEqual(acknowledged, []);
    await one.evaluate(() => messages[0].ack());
    await one.evaluate(() => client.ping());
    assert.deepEqual(acknowledged, [7]);
    // What a page owes that goes is not waited for.
    await one.evaluate(() => client.publish('go', ''));
    await two.evaluate(() => until(() => messages.length === 2));
    await one.evaluate(() => until(() => messages.length === 2));
    await two.evaluate(() => messages[1].ack());
    await two.evaluate(() => client.ping());
    assert.deepEqual(acknowledged, [7]);
    const [stays, goes] = (await one.evaluate(() => client.sharing.place === 'this-page')) ? [one, two] : [two, one];
    await stays.evaluate(() => messages[1].ack());
    await goes.evaluate(() => client.close());
    await stays.evaluate(() => client.ping());
    assert.deepEqual(acknowledged, [7, 7]);
  });
}

pageTest('what does not go together is refused by name', async ({ page }) => {
  const errors = await page.evaluate(async () => {
    const given = [
      { worker: true },
      { websocket: { factory: () => {} } },
      { closeOnPagehide: true },
      { cleanStart: false },
      { session: { persist: { open: () => {} } } },
      { share: '' },
      { share: 1 },
    ];
    const errors = await Promise.all(
      given.map((one) => failure(wasmqtt.connect('ws://localhost', { share: true, ...one }).ready)),
    );
    const alone = wasmqtt.connect('ws://127.0.0.1:1');
    errors.push(await failure(alone.close({ everywhere: true })));
    await alone.close();
    return errors.map(({ code, message }) => `${code}: ${message}`);
  });
  assert.deepEqual(errors, [
    'invalid-argument: option "worker" does not go together with "share"',
    'invalid-argument: option "websocket.factory" does not go together with "share"',
    'invalid-argument: option "closeOnPagehide" does not go together with "share"',
    'invalid-argument: option "cleanStart" does not go together with "share"',
    'invalid-argument: option "share" goes together with "session.persist" only where that is "indexeddb"',
    'invalid-argument: option "share" must be true, false or text, not empty',
    'invalid-argument: option "share" must be true, false or text, not empty',
    'invalid-argument: option "everywhere" is for a client with "share"',
  ]);
});
