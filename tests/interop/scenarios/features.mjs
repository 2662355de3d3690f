/** What 5.0 adds, and what stands on it. It does not know the brokers. */

import assert from 'node:assert/strict';

const TEXTS = ['1', '2', '3', '4', '5'];

/** @type {readonly import('../suite.mjs').Scenario[]} */
export const features = [
  {
    feature: 'properties',
    protocols: [5],
    async run({ page, connect, peer, topic }) {
      const other = await peer();
      await other.subscribe(`${topic}/up`, { qos: 1 });
      await connect({ userProperties: [['page', 'interop']] });
      await page.evaluate(async (topic) => {
        globalThis.inbox = collect(client, `${topic}/down`, { qos: 1, userProperties: [['a', 'b']] });
        await inbox.ready;
        await client.publish(`${topic}/up`, 'ü', {
          qos: 1,
          contentType: 'text/plain',
          responseTopic: `${topic}/reply`,
          correlationData: new Uint8Array([0, 255]),
          payloadFormat: 'utf-8',
          expiry: 100,
          userProperties: [
            ['k', '1'],
            ['k', '2'],
          ],
        });
      }, topic);
      const { properties } = (await other.next()).packet;
      assert.equal(properties?.contentType, 'text/plain');
      assert.equal(properties?.responseTopic, `${topic}/reply`);
      assert.deepEqual(properties?.correlationData, Buffer.from([0, 255]));
      assert.equal(properties?.payloadFormatIndicator, true);
      assert.ok(Number(properties?.messageExpiryInterval) <= 100);
      assert.deepEqual(properties?.userProperties?.k, ['1', '2']);
      await other.publish(`${topic}/down`, '{}', {
        qos: 1,
        properties: { contentType: 'application/json', userProperties: { k: ['1', '2'] } },
      });
      const [message] = await page.evaluate(async () => (await inbox.count(1)).map(plain));
      assert.equal(message.properties.contentType, 'application/json');
      const own = message.properties.userProperties.filter(([name]) => name === 'k');
      assert.deepEqual(own, [
        ['k', '1'],
        ['k', '2'],
      ]);
      await page.evaluate(() => client.close());
    },
  },
  {
    feature: 'topic aliases',
    protocols: [5],
    async run({ page, connect, peer, topic }) {
      const other = await peer();
      await other.subscribe(`${topic}/up`, { qos: 1 });
      const { topicAliasMaximum } = await connect();
      assert.ok(topicAliasMaximum > 0, 'the broker accepts some');
      const bytes = await page.evaluate(
        async (topic, texts) => {
          const before = client.stats().bytesSent;
          for (const [at, text] of texts.entries()) {
            await client.publish(`${topic}/up`, text, { qos: at % 2 });
          }
          return client.stats().bytesSent - before;
        },
        topic,
        TEXTS,
      );
      // Messages of different QoS may overtake each other.
      const got = await other.take(TEXTS.length);
      assert.deepEqual(
        got.map(({ text, topic: name }) => [text, name]).sort(),
        TEXTS.map((text) => [text, `${topic}/up`]),
      );
      assert.ok(bytes < (topic.length + 3) * 4, `the topic is said twice, not five times: ${bytes} bytes`);
      await page.evaluate(() => client.close());
    },
  },
  {
    feature: 'overlapping filters',
    protocols: [5],
    async run({ page, connect, peer, topic }) {
      const other = await peer();
      await connect();
      await page.evaluate(async (topic) => {
        globalThis.all = collect(client, `${topic}/#`, { qos: 1 });
        globalThis.one = collect(client, `${topic}/+/x`, { qos: 1 });
        await Promise.all([all.ready, one.ready]);
      }, topic);
      for (const text of TEXTS) {
        await other.publish(`${topic}/a/x`, text, { qos: 1 });
      }
      await other.publish(`${topic}/end`, 'end', { qos: 1 });
      const seen = await page.evaluate(async () => {
        await Promise.all([all.holds((got) => got.some((it) => it.text() === 'end')), one.count(5)]);
        await client.ping();
        await client.close();
        return [all.messages, one.messages].map((got) => got.map((it) => it.text()));
      });
      assert.deepEqual(seen, [[...TEXTS, 'end'], TEXTS], 'each handler gets each message once');
    },
  },
  {
    feature: 'no local',
    protocols: [5],
    async run({ page, connect, peer, topic }) {
      const other = await peer();
      await connect();
      await page.evaluate(async (topic) => {
        globalThis.inbox = collect(client, `${topic}/x`, { qos: 1, noLocal: true });
        await inbox.ready;
        await client.publish(`${topic}/x`, 'own', { qos: 1 });
      }, topic);
      await other.publish(`${topic}/x`, 'theirs', { qos: 1 });
      const texts = await page.evaluate(async () => {
        await inbox.count(1);
        await client.ping();
        await client.close();
        return inbox.messages.map((it) => it.text());
      });
      assert.deepEqual(texts, ['theirs']);
    },
  },
  {
    feature: 'retain as published, retain handling',
    protocols: [5],
    async run({ page, connect, topic }) {
      await connect();
      const seen = await page.evaluate(async (topic) => {
        const flags = [];
        for (const retainAsPublished of [false, true]) {
          const inbox = collect(client, `${topic}/live`, { qos: 1, retainAsPublished });
          await inbox.ready;
          await client.publish(`${topic}/live`, 'x', { qos: 1, retain: true });
          flags.push((await inbox.count(1))[0].retain);
          await client.publish(`${topic}/live`, '', { qos: 1, retain: true });
          await inbox.subscription.unsubscribe();
        }
        await client.publish(`${topic}/kept`, 'x', { qos: 1, retain: true });
        const end = collect(client, `${topic}/end`, { qos: 1 });
        await end.ready;
        const counts = [];
        for (const retainHandling of [0, 1, 2]) {
          const inbox = collect(client, `${topic}/kept`, { qos: 1, retainHandling });
          await inbox.ready;
          if (retainHandling < 2) {
            await inbox.count(1);
          }
          await client.publish(`${topic}/end`, '', { qos: 1 });
          await end.count(counts.length + 1);
          counts.push(inbox.messages.length);
          await inbox.subscription.unsubscribe();
        }
        await client.publish(`${topic}/kept`, '', { qos: 1, retain: true });
        await client.close();
        return { flags, counts };
      }, topic);
      assert.deepEqual(seen, { flags: [false, true], counts: [1, 1, 0] });
    },
  },
  {
    feature: 'shared subscriptions',
    protocols: [5],
    async run({ page, connect, peer, topic }) {
      const other = await peer();
      await connect({}, undefined, 'first');
      await connect({}, undefined, 'second');
      await page.evaluate(async (topic) => {
        const filter = `$share/group/${topic}/job`;
        globalThis.both = [collect(first, filter, { qos: 1 }), collect(second, filter, { qos: 1 })];
        await Promise.all(both.map((it) => it.ready));
      }, topic);
      for (const text of TEXTS) {
        await other.publish(`${topic}/job`, text, { qos: 1 });
      }
      const texts = await page.evaluate(async (count) => {
        const enough = () => both[0].messages.length + both[1].messages.length >= count;
        await Promise.race(both.map((it) => it.holds(enough)));
        await Promise.all([first.ping(), second.ping()]);
        const all = both.flatMap((it) => it.messages.map((message) => message.text()));
        await Promise.all([first.close(), second.close()]);
        return all.sort();
      }, TEXTS.length);
      assert.deepEqual(texts, TEXTS);
    },
  },
  {
    feature: 'request and response',
    protocols: [4, 5],
    async run({ page, connect, peer, topic, five }) {
      const other = await peer();
      await connect();
      await other.subscribe(five ? `${topic}/ask` : `${topic}/ask/request/+/+`, { qos: 1 });
      const reply = page.evaluate(
        async (topic) => (await client.request(`${topic}/ask`, 'how much', { timeout: 20_000 })).text(),
        topic,
      );
      const request = await other.next();
      const { responseTopic, correlationData } = request.packet.properties ?? {};
      const [, , , , , name, id] = request.topic.split('/');
      const to = five ? (responseTopic ?? '') : `wasmqtt/reply/${name}/${id}`;
      await other.publish(to, `${request.text}: 42`, five ? { qos: 1, properties: { correlationData } } : { qos: 1 });
      assert.equal(await reply, 'how much: 42');

      await page.evaluate(async (topic) => {
        await client.respond(`${topic}/serve`, (message) => message.text().toUpperCase()).ready;
      }, topic);
      const answers = five ? `${topic}/answers` : 'wasmqtt/reply/device/7';
      await other.subscribe(answers, { qos: 1 });
      await (five
        ? other.publish(`${topic}/serve`, 'abc', {
            qos: 1,
            properties: { responseTopic: answers, correlationData: Buffer.from('7') },
          })
        : other.publish(`${topic}/serve/request/device/7`, 'abc', { qos: 1 }));
      const answer = await other.next();
      assert.equal(answer.text, 'ABC');
      if (five) {
        assert.deepEqual(answer.packet.properties?.correlationData, Buffer.from('7'));
      }
      await page.evaluate(() => client.close());
    },
  },
  {
    feature: 'acknowledgement by hand',
    protocols: [4, 5],
    async run({ page, connect, peer, topic, five }) {
      const other = await peer();
      await connect(five ? { receiveMaximum: 2 } : {});
      await page.evaluate(async (topic) => {
        globalThis.inbox = collect(client, `${topic}/work`, { qos: 1, ack: 'manual' });
        await inbox.ready;
      }, topic);
      const sent = TEXTS.map((text) => other.publish(`${topic}/work`, text, { qos: 1 }));
      const texts = await page.evaluate(async (count) => {
        for (let at = 0; at < count; at++) {
          const message = (await inbox.count(at + 1))[at];
          console.assert(message.ack(), 'it is owed');
        }
        await client.ping();
        await client.close();
        return inbox.messages.map((it) => it.text());
      }, TEXTS.length);
      await Promise.all(sent);
      assert.deepEqual(texts, TEXTS);
    },
  },
  {
    feature: 'enhanced authentication',
    protocols: [5],
    needs: 'scram',
    async run({ page, running }) {
      const { url, username, password } = running.scram;
      const code = await page.evaluate(
        async (url, username, password) => {
          const { scram } = await import('/support/scram.js');
          const client = wasmqtt.connect(url, { protocol: 5, authentication: scram(username, password) });
          await client.ready;
          await client.reauthenticate();
          await client.ping();
          await client.close();
          const refused = wasmqtt.connect(url, { protocol: 5, authentication: scram(username, 'wrong') });
          return (await failure(refused.ready)).code;
        },
        url,
        username,
        password,
      );
      assert.equal(code, 'auth');
    },
  },
];
