/** What a server does not take is refused before it is sent. It does not know the brokers. */

import assert from 'node:assert/strict';

/** @type {readonly import('../suite.mjs').Scenario[]} */
export const limits = [
  {
    feature: 'too large',
    protocols: [5],
    needs: 'limited',
    async run({ page, connect, running, topic }) {
      const { url, maximumPacketSize } = running.limited;
      await connect({}, url);
      const seen = await page.evaluate(
        async (topic, size) => {
          const error = await failure(client.publish(`${topic}/x`, new Uint8Array(Number(size))));
          const result = await client.publish(`${topic}/x`, new Uint8Array(10), { qos: 1 });
          const { connections } = client.stats();
          await client.close();
          return [error.code, result.qos, connections];
        },
        topic,
        maximumPacketSize,
      );
      assert.deepEqual(seen, ['too-large', 1, 1]);
    },
  },
  {
    feature: 'server limits',
    protocols: [5],
    needs: 'limited',
    async run({ page, connect, running, topic }) {
      const { url, ...announced } = running.limited;
      const asks = announced.responseInformation !== undefined;
      const server = await connect({ requestResponseInformation: asks, keepAlive: 60 }, url);
      for (const [name, value] of Object.entries(announced)) {
        assert.equal(server[name], value, name);
      }
      const codes = await page.evaluate(
        async (topic, announced) => {
          const code = async (promise) => (await failure(promise)).code;
          const codes = [];
          if (announced.retainAvailable === false) {
            codes.push(await code(client.publish(`${topic}/x`, '', { retain: true })));
          }
          if (announced.maximumQoS === 1) {
            codes.push(await code(client.publish(`${topic}/x`, '', { qos: 2 })));
          }
          if (announced.wildcardSubscriptionAvailable === false) {
            codes.push(await code(client.subscribe(`${topic}/+`).ready));
          }
          if (announced.sharedSubscriptionAvailable === false) {
            codes.push(await code(client.subscribe(`$share/g/${topic}/x`).ready));
          }
          const many = Array.from({ length: 20 }, () => client.publish(`${topic}/x`, 'y', { qos: 1 }));
          await Promise.all(many);
          const { connections } = client.stats();
          await client.close();
          return { codes, connections };
        },
        topic,
        announced,
      );
      assert.ok(codes.codes.length > 0 && codes.codes.every((code) => code === 'unsupported'), String(codes.codes));
      assert.equal(codes.connections, 1, 'the Receive Maximum is kept to');
    },
  },
];
