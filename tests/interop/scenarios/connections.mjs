/** Connecting, and how a connection ends. It does not know the brokers. */

import assert from 'node:assert/strict';

/** @type {readonly import('../suite.mjs').Scenario[]} */
export const connections = [
  {
    feature: 'connect',
    protocols: [4, 5],
    async run({ page, connect, protocol }) {
      const server = await connect();
      assert.equal(server.protocol, protocol);
      assert.equal(server.sessionPresent, false);
      const trip = await page.evaluate(async () => {
        const trip = await client.ping();
        await client.close();
        return trip;
      });
      assert.ok(trip >= 0);
    },
  },
  {
    feature: 'fallback',
    protocols: [4],
    // A server that has no 5.0 is spoken to in 3.1.1, without being asked for it.
    async run({ page, running, broker }) {
      const protocol = await page.evaluate(
        async (url, options) => {
          const client = wasmqtt.connect(url, options);
          const { protocol } = await client.ready;
          await client.close();
          return protocol;
        },
        running.url,
        running.login ?? {},
      );
      assert.equal(protocol, broker.protocols.includes(5) ? 5 : 4);
    },
  },
  {
    feature: 'wrong password',
    protocols: [4, 5],
    needs: 'secured',
    async run({ page, running, protocol, connect }) {
      const { url, username, password } = running.secured;
      await connect({ username, password }, url);
      const error = await page.evaluate(
        async (url, options) => {
          await client.close();
          const refused = wasmqtt.connect(url, options);
          return failure(refused.ready);
        },
        url,
        { protocol, username, password: 'wrong', reconnect: false },
      );
      assert.equal(error.code, 'auth');
      assert.ok(!JSON.stringify(error).includes('wrong"'));
    },
  },
  {
    feature: 'will',
    protocols: [4, 5],
    async run({ page, connect, peer, line, topic }) {
      const other = await peer();
      await other.subscribe(`${topic}/#`, { qos: 1 });
      const cut = await line();
      const will = { topic: `${topic}/will`, payload: 'gone', qos: 1 };
      await connect({ will, reconnect: false }, cut.address);
      cut.cut();
      const message = await other.next();
      assert.deepEqual([message.topic, message.text], [`${topic}/will`, 'gone']);
      await connect({ will }, undefined);
      await page.evaluate(() => client.close());
      await other.publish(`${topic}/after`, '', { qos: 1 });
      assert.equal((await other.next()).topic, `${topic}/after`, 'no will after DISCONNECT');
    },
  },
  {
    feature: 'will delay',
    protocols: [5],
    async run({ connect, peer, line, topic }) {
      const other = await peer();
      await other.subscribe(`${topic}/#`, { qos: 1 });
      const cut = await line();
      const will = { topic: `${topic}/will`, payload: 'gone', qos: 1, delay: 1, contentType: 'text/plain' };
      await connect({ will, sessionExpiry: 60, reconnect: false }, cut.address);
      const start = performance.now();
      cut.cut();
      const { packet } = await within(other.next(), 10_000);
      assert.ok(performance.now() - start > 900, 'it waits');
      assert.equal(packet.properties?.contentType, 'text/plain');
    },
  },
  {
    feature: 'keep-alive time-out',
    protocols: [4, 5],
    async run({ page, connect, peer, line, topic }) {
      const other = await peer();
      await other.subscribe(`${topic}/#`, { qos: 1 });
      const silent = await line();
      const will = { topic: `${topic}/will`, payload: 'gone', qos: 1 };
      await connect({ keepAlive: 1, will, reconnect: false }, silent.address);
      silent.blackhole();
      const error = await page.evaluate(() => failure(client.closed));
      assert.equal(error.code, 'keep-alive');
      assert.equal((await within(other.next(), 20_000)).text, 'gone', 'the broker notices as well');
    },
  },
  {
    feature: 'taken over',
    protocols: [4, 5],
    async run({ page, connect, line, id }) {
      const clientId = id('twin');
      // By another address: clients of one page find out before.
      const { address } = await line();
      await connect({ clientId, reconnect: false }, undefined, 'first');
      const ended = page.evaluate(() => failure(first.closed));
      await connect({ clientId }, address, 'second');
      const error = await ended;
      assert.ok(['taken-over', 'connection-lost', 'disconnected'].includes(error.code), error.code);
      await page.evaluate(async () => {
        await second.ping();
        await second.close();
      });
    },
  },
];

/** @template T @param {Promise<T>} promise @param {number} limit */
function within(promise, limit) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${limit} ms`)), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
