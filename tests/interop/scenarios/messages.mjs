/** Messages both ways, with somebody else's client as the other side. It does not know the brokers. */

import assert from 'node:assert/strict';
import { OTHERS } from '../clients.mjs';

const BYTES = Buffer.from([0, 255, 1, 128, 10, 13, 0]);

const level = (qos) => ({
  feature: `QoS ${qos}`,
  protocols: [4, 5],
  async run({ page, connect, peer, topic }) {
    const other = await peer();
    await connect();
    await page.evaluate(
      async (topic, qos) => {
        globalThis.inbox = collect(client, `${topic}/down`, { qos });
        console.assert((await inbox.ready).qos === qos);
      },
      topic,
      qos,
    );
    await other.subscribe(`${topic}/up`, { qos });
    await other.publish(`${topic}/down`, BYTES, { qos });
    const down = await page.evaluate(async () => (await inbox.count(1)).map(plain));
    assert.deepEqual([down[0].payload, down[0].qos, down[0].retain], [[...BYTES], qos, false]);
    await page.evaluate(
      async (topic, qos, bytes) => {
        await client.publish(`${topic}/up`, new Uint8Array(bytes), { qos });
      },
      topic,
      qos,
      [...BYTES],
    );
    const up = await other.next();
    assert.deepEqual([up.payload, up.packet.qos, up.packet.retain], [BYTES, qos, false]);
    await page.evaluate(() => client.close());
  },
});

/** @type {readonly import('../suite.mjs').Scenario[]} */
export const messages = [
  level(0),
  level(1),
  level(2),
  {
    feature: 'a thousand messages in order',
    protocols: [4, 5],
    async run({ page, connect, peer, topic }) {
      const other = await peer();
      await other.subscribe(`${topic}/up`, { qos: 1 });
      await connect();
      await page.evaluate(async (topic) => {
        globalThis.inbox = collect(client, `${topic}/down`, { qos: 1 });
        await inbox.ready;
        const numbers = Array.from({ length: 1000 }, (_, number) => String(number));
        await Promise.all(numbers.map((number) => client.publish(`${topic}/up`, number, { qos: 1 })));
      }, topic);
      const numbers = Array.from({ length: 1000 }, (_, number) => String(number));
      assert.deepEqual(
        (await other.take(1000)).map(({ text }) => text),
        numbers,
      );
      await Promise.all(numbers.map((number) => other.publish(`${topic}/down`, number, { qos: 1 })));
      const down = await page.evaluate(async () => (await inbox.count(1000)).map((message) => message.text()));
      assert.deepEqual(down, numbers);
      await page.evaluate(() => client.close());
    },
  },
  ...OTHERS.map((other) => ({
    feature: other.name,
    protocols: /** @type {(4 | 5)[]} */ ([4, 5]),
    async run({ page, connect, topic, running, protocol }) {
      const to = { tcpUrl: running.tcpUrl, login: running.login, protocol };
      const { messages } = await other.receive(to, `${topic}/up`, 1, 2);
      await connect();
      await page.evaluate(
        async (topic, bytes) => {
          globalThis.inbox = collect(client, `${topic}/down`, { qos: 1 });
          await inbox.ready;
          await client.publish(`${topic}/up`, new Uint8Array(bytes), { qos: 1 });
          await client.publish(`${topic}/up`, 'größer', { qos: 1 });
        },
        topic,
        [...BYTES],
      );
      const up = await messages;
      assert.deepEqual(
        up.map(({ payload, qos }) => [payload, qos]),
        [
          [BYTES, 1],
          [Buffer.from('größer'), 1],
        ],
      );
      await other.send(to, `${topic}/down`, 1, BYTES);
      const down = await page.evaluate(async () => (await inbox.count(1)).map(plain));
      assert.deepEqual([down[0].payload, down[0].qos], [[...BYTES], 1]);
      await page.evaluate(() => client.close());
    },
  })),
  {
    feature: 'retained',
    protocols: [4, 5],
    async run({ page, connect, topic }) {
      await connect();
      const seen = await page.evaluate(async (topic) => {
        await client.publish(`${topic}/value`, 'kept', { qos: 1, retain: true });
        const first = collect(client, `${topic}/value`, { qos: 1 });
        await first.ready;
        const [message] = await first.count(1);
        await first.subscription.unsubscribe();
        await client.publish(`${topic}/value`, '', { qos: 1, retain: true });
        const second = collect(client, `${topic}/value`, { qos: 1 });
        await second.ready;
        await client.publish(`${topic}/value`, 'end', { qos: 1 });
        const [end] = await second.count(1);
        return [message.text(), message.retain, end.text()];
      }, topic);
      assert.deepEqual(seen, ['kept', true, 'end'], 'an empty one clears it');
      await page.evaluate(() => client.close());
    },
  },
  {
    feature: 'retained, by a wildcard',
    protocols: [4, 5],
    async run({ page, connect, peer, topic }) {
      const other = await peer();
      await connect();
      await other.publish(`${topic}/other`, 'theirs', { qos: 1, retain: true });
      const later = await page.evaluate(async (topic) => {
        const all = collect(client, `${topic}/#`, { qos: 1 });
        await all.ready;
        const [message] = await all.count(1);
        await client.publish(`${topic}/other`, '', { qos: 1, retain: true });
        await all.count(2);
        await client.close();
        return [message.text(), message.retain, all.messages.length];
      }, topic);
      assert.deepEqual(later, ['theirs', true, 2], 'and the end of it is a message of its own');
    },
  },
];
