/** What outlives a connection. It does not know the brokers. */

import assert from 'node:assert/strict';

const kept = (five) => ({ cleanStart: false, reconnect: { min: 1, max: 50 }, ...(five && { sessionExpiry: 60 }) });

/** @type {readonly import('../suite.mjs').Scenario[]} */
export const sessions = [
  {
    feature: 'session resumption',
    protocols: [4, 5],
    async run({ page, connect, peer, line, topic, id, five }) {
      const other = await peer();
      const cut = await line();
      await connect({ clientId: id('kept'), ...kept(five) }, cut.address);
      await page.evaluate(async (topic) => {
        globalThis.inbox = collect(client, `${topic}/down`, { qos: 1 });
        await inbox.ready;
        globalThis.lost = next(client, 'disconnect');
        globalThis.back = next(client, 'connect');
      }, topic);
      cut.refuse();
      cut.cut();
      await page.evaluate(() => lost);
      await other.publish(`${topic}/down`, 'while away', { qos: 1 });
      cut.restore();
      const [present, text] = await page.evaluate(async () => {
        const { sessionPresent } = await back;
        return [sessionPresent, (await inbox.count(1))[0].text()];
      });
      assert.deepEqual([present, text], [true, 'while away']);
      await page.evaluate((five) => client.close(five ? { sessionExpiry: 0 } : {}), five);
    },
  },
  {
    feature: 'unacknowledged publishes',
    protocols: [4, 5],
    // A line that is cut while a hundred publishes are under way: nothing is lost.
    async run({ page, connect, peer, line, topic, id, five }) {
      const other = await peer();
      await other.subscribe(`${topic}/up`, { qos: 1 });
      const cut = await line();
      await connect({ clientId: id('cut'), ...kept(five) }, cut.address);
      const done = page.evaluate(async (topic) => {
        const all = [];
        for (let number = 0; number < 100; number++) {
          all.push(client.publish(`${topic}/up`, String(number), { qos: 1 }));
          if (number === 50) {
            globalThis.half = true;
            await all[10];
          }
        }
        await Promise.all(all);
      }, topic);
      await page.waitForFunction('globalThis.half === true');
      cut.cut();
      await done;
      await other.holds((all) => new Set(all.map(({ text }) => text)).size === 100);
      await page.evaluate((five) => client.close(five ? { sessionExpiry: 0 } : {}), five);
    },
  },
  {
    feature: 'message expiry',
    protocols: [5],
    async run({ page, connect, peer, line, topic, id }) {
      const other = await peer();
      const cut = await line();
      await connect({ clientId: id('late'), ...kept(true) }, cut.address);
      await page.evaluate(async (topic) => {
        globalThis.inbox = collect(client, `${topic}/down`, { qos: 1 });
        await inbox.ready;
        globalThis.lost = next(client, 'disconnect');
      }, topic);
      cut.refuse();
      cut.cut();
      await page.evaluate(() => lost);
      const send = (text, messageExpiryInterval) =>
        other.publish(`${topic}/down`, text, { qos: 1, properties: { messageExpiryInterval } });
      await send('short', 1);
      await send('long', 60);
      // Time has to pass at the broker: a message that expires here, of the page's own, tells of it.
      await page.evaluate(async (topic) => {
        await failure(client.publish(`${topic}/own`, '', { qos: 1, expiry: 2 }));
      }, topic);
      cut.restore();
      const [message] = await page.evaluate(async () => (await inbox.count(1)).map(plain));
      assert.equal(message.text, 'long');
      assert.ok(message.properties.expiry < 60, 'it is counted down');
      await page.evaluate(() => client.close({ sessionExpiry: 0 }));
    },
  },
];
