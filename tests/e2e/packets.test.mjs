/**
 * What a listener for packets is told: all that goes over the wire, wherever the engine is, and no secrets; nothing is done
 * where nobody listens. What packets say is the matter of `tests/packets`.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { startScramServer } from '../support/scram-server.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';
import { startSharing, WAYS } from '../support/sharing.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();
const { wayTest } = await startSharing();

const PLACES = {
  'in the page': {},
  'in a worker': { worker: true },
  'of a stored session': { session: { persist: 'indexeddb', name: 'packets' }, clientId: 'stored-packets' },
};

/** How it begins. */
const EXCHANGE = ['sent connect', 'received connack', 'sent subscribe', 'received suback', 'sent publish'];

for (const [place, options] of Object.entries(PLACES)) {
  pageTest(`each packet is told as it was on the wire, without secrets: ${place}`, async ({ page }) => {
    const seen = await page.evaluate(
      async (url, options) => {
        const began = Date.now();
        const packets = [];
        const client = wasmqtt.connect(url, { username: 'somebody', password: 'swordfish', ...options });
        client.on('packet', (packet) => {
          packets.push(packet);
          happened();
        });
        await client.ready;
        const all = collect(client, 'packets/#', { qos: 2 });
        await all.ready;
        await client.publish('packets/one', 'hello', { qos: 1, userProperties: [['a', 'b']] });
        await client.publish('packets/two', new Uint8Array(200_000).fill(7), { qos: 2 });
        await all.count(2);
        await client.ping();
        // What reads packets may be there later than the connection, and the last step of QoS 2 waits for a store.
        const told = (line) => packets.some(({ direction, type }) => line === `${direction} ${type}`);
        await until(() => ['received pingresp', 'sent pubcomp', 'received pubcomp'].every(told));
        const { bytesSent, bytesReceived, packetsSent, packetsReceived } = client.stats();
        const before = packets.length;
        await client.close();
        await until(() => told('sent disconnect'));
        const text = (bytes) => [...bytes].map((byte) => String.fromCharCode(byte)).join('');
        const of = (direction) => packets.slice(0, before).filter((packet) => packet.direction === direction);
        const sum = (all) => all.reduce((total, { length }) => total + length, 0);
        const published = packets.find(({ packet }) => packet.topic === 'packets/one' && packet.payload.length === 5);
        return {
          lines: packets.map(({ direction, type }) => `${direction} ${type}`),
          typesAgree: packets.every(({ type, packet }) => type === packet.type),
          totals: [sum(of('sent')) - bytesSent, sum(of('received')) - bytesReceived],
          counts: [of('sent').length - packetsSent, of('received').length - packetsReceived],
          rising: packets.every(({ time }, index) => index === 0 || time >= packets[index - 1].time),
          now: packets[0].time > began - 100 && packets.at(-1).time < Date.now() + 100,
          whole: packets.every(({ bytes, length, type }) => type === 'connect' || bytes.length === length),
          username: packets[0].packet.username,
          password: text(packets[0].packet.password),
          shown: JSON.stringify(packets.map(({ packet, bytes }) => [packet, text(bytes)])),
          published: { ...published.packet, payload: text(published.packet.payload) },
          large: packets.filter(({ packet }) => packet.payload?.length === 200_000).map(({ direction }) => direction),
          connections: [...new Set(packets.map(({ connection }) => connection))],
        };
      },
      broker.url,
      options,
    );
    assert.deepEqual(seen.lines.slice(0, 5), EXCHANGE);
    assert.equal(seen.lines.at(-1), 'sent disconnect');
    for (const type of ['puback', 'pubrec', 'pubrel', 'pubcomp', 'pingreq', 'pingresp', 'publish']) {
      assert.ok(
        seen.lines.some((line) => line.endsWith(` ${type}`)),
        type,
      );
    }
    assert.ok(seen.typesAgree && seen.rising && seen.now && seen.whole);
    assert.deepEqual(
      [seen.totals, seen.counts],
      [
        [0, 0],
        [0, 0],
      ],
      'as the counters of the engine have it',
    );
    assert.deepEqual(seen.connections, [1]);
    assert.equal(seen.published.payload, 'hello');
    assert.deepEqual(seen.published.properties.userProperties, [['a', 'b']]);
    assert.deepEqual(seen.large.sort(), ['received', 'sent']);
    assert.deepEqual([seen.username, seen.password], ['********', '********']);
    assert.doesNotMatch(seen.shown, /somebody|swordfish/);
  });
}

for (const way of WAYS) {
  wayTest(way, 'a page is told the packets of a shared connection, and of the next one', async ({ pages }) => {
    const [first, second] = await pages(2);
    for (const page of [first, second]) {
      await page.evaluate(async (url) => {
        globalThis.client = followed(
          wasmqtt.connect(url, { share: 'packets', username: 'somebody', password: 'swordfish' }),
        );
        await client.ready;
      }, broker.url);
    }
    const listened = await second.evaluate(async () => {
      globalThis.packets = [];
      client.on('packet', (packet) => {
        packets.push(packet);
        happened();
      });
      globalThis.lines = () => packets.map(({ direction, type }) => `${direction} ${type}`);
      await client.publish('packets/shared', 'x', { qos: 1 });
      await until(() => packets.length >= 2);
      return lines();
    });
    assert.deepEqual(listened, ['sent publish', 'received puback']);
    await first.evaluate(() => client.publish('packets/of another page', 'y', { qos: 1 }));
    const topics = await second.evaluate(async () => {
      await until(() => packets.length >= 4);
      return packets.map(({ packet }) => packet.topic).filter(Boolean);
    });
    assert.deepEqual(topics, ['packets/shared', 'packets/of another page']);
    if (way.name === 'SharedWorker') {
      return;
    }
    await first.close();
    const after = await second.evaluate(async () => {
      await until(() => lines().includes('received connack'));
      const shown = packets.map(({ packet, bytes }) => JSON.stringify(packet) + String.fromCharCode(...bytes)).join();
      return {
        lines: lines()
          .slice(4)
          .filter((line) => /conn/.test(line)),
        shown,
      };
    });
    assert.deepEqual(after.lines.slice(0, 2), ['sent connect', 'received connack']);
    assert.doesNotMatch(after.shown, /somebody|swordfish/);
  });
}

pageTest('the data of enhanced authentication is in no packet that is told', async ({ page }) => {
  const { url } = await startScramServer({ alice: 'pencil' });
  const seen = await page.evaluate(async (url) => {
    const { scram } = await import('/support/scram.js');
    const packets = [];
    const client = wasmqtt.connect(url, { authentication: scram('alice', 'pencil') });
    client.on('packet', (packet) => {
      packets.push(packet);
      happened();
    });
    await client.ready;
    await client.close();
    await until(() => packets.some(({ type }) => type === 'disconnect'));
    return packets.map(({ type, packet, bytes }) => [
      type,
      new TextDecoder().decode(packet.properties.authenticationData),
      String.fromCharCode(...bytes),
    ]);
  }, url);
  assert.deepEqual(
    seen.filter(([, data]) => data !== '').map(([type, data]) => [type, data]),
    ['connect', 'auth', 'auth', 'connack'].map((type) => [type, '********']),
  );
  assert.doesNotMatch(JSON.stringify(seen), /n=alice|r=|p=|v=/);
});

pageTest('nothing is loaded and nothing told before somebody listens, and nothing after', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const loaded = () => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/wire.js'));
    const client = wasmqtt.connect(url);
    await client.ready;
    await client.publish('packets/quiet', '1', { qos: 1 });
    const before = loaded();
    const types = [];
    const off = client.on('packet', ({ type }) => {
      types.push(type);
      happened();
    });
    await client.publish('packets/loud', '2', { qos: 1 });
    await until(() => types.length === 2);
    const during = [...types];
    off();
    await client.publish('packets/quiet', '3', { qos: 1 });
    await client.publish('packets/quiet', '4', { qos: 1 });
    client.addEventListener('packet', ({ detail }) => types.push(detail.type));
    await client.publish('packets/loud', '5', { qos: 1 });
    // It is there by now, and packets are told before what they are for.
    await client.close();
    return { before, after: loaded(), during, types };
  }, broker.url);
  assert.deepEqual(seen, {
    before: false,
    after: true,
    during: ['publish', 'puback'],
    types: ['publish', 'puback', 'publish', 'puback', 'disconnect'],
  });
});

/** PUBLISH of 5.0, QoS 0, to the topic `p`. @param {number[]} payload */
const publish = (...payload) => [0x30, 4 + payload.length, 0, 1, 0x70, 0, ...payload];

for (const [where, cut] of Object.entries({ head: 1, topic: 4, payload: 8 })) {
  pageTest(`a listener that comes in the middle of a packet is told the next one whole: ${where}`, async ({ page }) => {
    const packet = publish(1, 2, 3, 4, 5, 6);
    const { url } = await startScripted((received, send, socket) => {
      if (received[0] === 0x10) {
        send(CONNACK[5]);
        send(packet.slice(0, cut));
      } else if (received[0] === 0xc0) {
        // What was sent before has come when the answer to the first ping would.
        socket.send(Buffer.from(packet.slice(cut)));
        socket.send(Buffer.from([...publish(7), ...publish(8, 9), 0xd0, 0]));
      }
    });
    const told = await page.evaluate(async (url) => {
      const client = wasmqtt.connect(url);
      await client.ready;
      // Frames come in tasks of their own.
      while (client.stats().bytesReceived <= 5) {
        await new Promise((resolve) => setTimeout(resolve));
      }
      const packets = [];
      client.on('packet', ({ direction, packet }) => {
        direction === 'received' && packets.push(packet);
        happened();
      });
      await client.ping();
      await until(() => packets.at(-1)?.type === 'pingresp');
      await client.close();
      return packets.map(({ type, payload }) => (payload ? [...payload] : type));
    }, url);
    // Of a packet whose head had come the rest is of no use.
    assert.deepEqual(
      told,
      where === 'payload' ? [[7], [8, 9], 'pingresp'] : [[1, 2, 3, 4, 5, 6], [7], [8, 9], 'pingresp'],
    );
  });
}

pageTest('what breaks the specification is told as such', async ({ page }) => {
  const { url } = await startScripted((received, send) => {
    if (received[0] === 0x10) {
      send(CONNACK[5]);
      send([0xf0, 3, 0x18, 7, 9]);
    }
  });
  const told = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { reconnect: false });
    const packets = [];
    client.on('packet', (packet) => {
      packets.push(packet);
      happened();
    });
    await failure(client.closed);
    await until(() => packets.length > 3);
    return packets.map(({ direction, type, packet, error, bytes }) => [
      direction,
      type,
      packet?.type,
      !!error,
      bytes.length,
    ]);
  }, url);
  assert.deepEqual(
    told.slice(2),
    [
      // It may hold secrets.
      ['received', 'auth', undefined, true, 1],
      ['sent', 'disconnect', 'disconnect', false, 3],
    ].map((row) => row.map((value) => value ?? null)),
  );
});

pageTest('a listener that throws disturbs nothing', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const [codes, types] = [[], []];
    const client = wasmqtt.connect(url);
    client.on('error', ({ code }) => codes.push(code));
    client.on('packet', ({ type }) => {
      types.push(type);
      happened();
      throw new Error('mine');
    });
    await client.publish('packets/thrown', 'x', { qos: 1 });
    await client.close();
    await until(() => types.includes('disconnect'));
    return { codes: codes.length === types.length && codes.every((code) => code === 'listener'), types };
  }, broker.url);
  assert.deepEqual(seen, { codes: true, types: ['connect', 'connack', 'publish', 'puback', 'disconnect'] });
});

pageTest('the packets of a worker that takes the place of a dead one are told, too', async ({ page }) => {
  const types = await page.evaluate(async (url) => {
    keepWorkers();
    globalThis.client = followed(wasmqtt.connect(url, { worker: true }));
    globalThis.packets = [];
    client.on('packet', ({ direction, type }) => {
      packets.push(`${direction} ${type}`);
      happened();
    });
    await client.ready;
    await until(() => packets.length > 1);
    return packets.splice(0);
  }, broker.url);
  assert.deepEqual(types, ['sent connect', 'received connack']);
  const again = await page.evaluate(async () => {
    workers[0].terminate();
    client.ping().catch(() => {});
    await until(() => packets.includes('received connack'));
    return packets.slice(0, 2);
  });
  assert.deepEqual(again, types);
});
