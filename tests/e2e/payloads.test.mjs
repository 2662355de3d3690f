/**
 * Payloads of every kind and size, and a burst: what goes in comes out, byte for byte and in order.
 * It does not know properties.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { startAedes } from '../support/aedes.mjs';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { pattern } from '../support/page-tools.js';
import { connectPeer } from '../support/peer.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const mosquitto = await startMosquitto();
const aedes = await startAedes();
const { pageTest } = await startBrowser();

/** One character of every Unicode plane that has any, and those that are easily broken. */
const PLANES = Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x10000 + 0x4e2d)).join('');
const TEXT = `\ufeff\u0000A\u00df\u0800\uffff${PLANES}\u{10ffff}e\u0301 \u{1f469}\u200d\u{1f680}`;

/** @param {Uint8Array} bytes */
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

for (const qos of /** @type {const} */ ([0, 1, 2])) {
  pageTest(`payloads of 0 bytes, of all byte values and of text, both ways (QoS ${qos})`, async ({ page }) => {
    const peer = await connectPeer(mosquitto);
    await peer.subscribe(`small/${qos}/up`);
    await page.evaluate(
      async (url, qos) => {
        globalThis.client = wasmqtt.connect(url);
        globalThis.inbox = collect(client, `small/${qos}/down`, { qos });
        await inbox.ready;
      },
      mosquitto.url,
      qos,
    );
    await page.evaluate(
      async (qos, text) => {
        const all = Uint8Array.from({ length: 256 }, (_, value) => value);
        const within = new Uint8Array([9, 9, ...all, 9]).subarray(2, 258);
        const payloads = [
          '',
          new Uint8Array(),
          all,
          all.buffer,
          within,
          new DataView(all.buffer, 16, 4),
          new Uint16Array([0x0102]),
          new Blob([all.subarray(0, 128), all.subarray(128)]),
          text,
        ];
        // A Blob is read first: what follows waits for it.
        await Promise.all(payloads.map((payload) => client.publish(`small/${qos}/up`, payload, { qos })));
      },
      qos,
      TEXT,
    );
    const all = Buffer.from(Uint8Array.from({ length: 256 }, (_, value) => value));
    const none = Buffer.alloc(0);
    const expected = [none, none, all, all, all, all.subarray(16, 20), Buffer.from([2, 1]), all, Buffer.from(TEXT)];
    const up = await peer.take(expected.length);
    assert.deepEqual(
      up.map(({ payload }) => payload.toString('hex')),
      expected.map((bytes) => bytes.toString('hex')),
    );

    for (const payload of [none, all, Buffer.from(TEXT)]) {
      await peer.publish(`small/${qos}/down`, payload, { qos });
    }
    const down = await page.evaluate(async (text) => {
      const messages = await inbox.count(3);
      await client.close();
      return { payloads: messages.map(({ payload }) => [...payload]), same: messages[2].text() === text };
    }, TEXT);
    assert.deepEqual(down.payloads, [[], [...all], [...Buffer.from(TEXT)]]);
    assert.equal(down.same, true);
    await peer.end();
  });
}

pageTest('topics in every plane of Unicode', async ({ page }) => {
  const topic = `plane/${PLANES}/${'x'.repeat(1000)}`;
  const seen = await page.evaluate(
    async (url, topic) => {
      const client = wasmqtt.connect(url);
      const { ready, count } = collect(client, topic, { qos: 1 });
      await ready;
      await client.publish(topic, '', { qos: 1 });
      const [message] = await count(1);
      await client.close();
      return message.topic;
    },
    mosquitto.url,
    topic,
  );
  assert.equal(seen, topic);
});

pageTest('more topics, and longer ones, than are remembered', async ({ page }) => {
  const wrong = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url);
    const topics = [];
    for (let number = 0; number < 5000; number++) {
      topics.push(`many/${number}`);
      if (number % 100 === 0) {
        topics.push(`many/${number}/${'long'.repeat(15_000)}`);
      }
    }
    const { ready, count } = collect(client, 'many/#', { qos: 1 });
    await ready;
    // The queue takes no more at once.
    for (let begin = 0; begin < topics.length; begin += 500) {
      await Promise.all(topics.slice(begin, begin + 500).map((topic) => client.publish(topic, '', { qos: 1 })));
    }
    const messages = await count(topics.length);
    await client.close();
    return messages.filter((message, number) => message.topic !== topics[number]).length;
  }, aedes.url);
  assert.equal(wrong, 0);
});

pageTest('text that UTF-8 cannot say is refused and nothing is sent', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url);
    await client.ready;
    const before = client.stats().packetsSent;
    const errors = [
      await failure(client.publish('a', '\ud800')),
      await failure(client.publish('\udfff', 'a')),
      await failure(client.publish('a/+', 'a')),
      await failure(client.publish('', 'a')),
      await failure(client.publish('a\u0000', 'a')),
      await failure(client.publish('x'.repeat(65_536), 'a')),
      await failure(client.publish('a', 5)),
    ];
    await client.ping();
    const sent = client.stats().packetsSent - before;
    await client.close();
    return { codes: errors.map(({ code }) => code), sent };
  }, mosquitto.url);
  assert.deepEqual(seen, { codes: Array(7).fill('invalid-argument'), sent: 1 });
});

for (const mebibytes of [1, 16]) {
  const size = mebibytes << 20;
  const wanted = hash(pattern(size));

  pageTest(`${mebibytes} MiB both ways through aedes`, async ({ page }) => {
    const peer = await connectPeer(aedes, { protocolVersion: 4 });
    await peer.subscribe('big/up', { qos: 1 });
    await page.evaluate(
      async (url, size) => {
        globalThis.client = wasmqtt.connect(url);
        globalThis.inbox = collect(client, 'big/down', { qos: 1 });
        await inbox.ready;
        await client.publish('big/up', pattern(size), { qos: 1 });
      },
      aedes.url,
      size,
    );
    assert.equal(hash((await peer.next()).payload), wanted);
    await peer.publish('big/down', Buffer.from(pattern(size)), { qos: 1 });
    const seen = await page.evaluate(async () => {
      const [message] = await inbox.count(1);
      await client.close();
      return { size: message.payload.length, hash: await sha256(message.payload) };
    });
    assert.deepEqual(seen, { size, hash: wanted });
    await peer.end();
  });

  pageTest(`${mebibytes} MiB up to mosquitto`, async ({ page }) => {
    const peer = await connectPeer(mosquitto);
    await peer.subscribe('big/up');
    await page.evaluate(
      async (url, size) => {
        const client = wasmqtt.connect(url);
        await client.publish('big/up', pattern(size), { qos: 2 });
        await client.close();
      },
      mosquitto.url,
      size,
    );
    assert.equal(hash((await peer.next()).payload), wanted);
    await peer.end();
  });
}

pageTest('many packets in one WebSocket message, and one packet in many, come out in order', async ({ page }) => {
  const publish = (/** @type {number} */ digit) => [0x30, 5, 0, 1, 0x6f, 0, 0x30 + digit];
  const server = await startScripted((packet, send) => {
    if (packet[0] === 0x10) {
      send(CONNACK[5]);
    } else if (packet[0] === 0x82) {
      // A message before SUBACK, and packets that begin in one WebSocket message and end in the next.
      const [, , high = 0, low = 0] = packet;
      const bytes = [...publish(0), 0x90, 4, high, low, 0, 0, ...[1, 2, 3, 4, 5].flatMap(publish)];
      send(bytes.slice(0, 30));
      for (const byte of [...bytes.slice(30), ...[6, 7].flatMap(publish)]) {
        send([byte]);
      }
      send([8, 9].flatMap(publish));
    }
  });
  const texts = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { protocol: 5 });
    const inbox = collect(client, 'o');
    await inbox.ready;
    const messages = await inbox.count(10);
    await client.close();
    return messages.map((message) => message.text()).join('');
  }, server.url);
  assert.equal(texts, '0123456789');
});

pageTest('a burst of 10 000 QoS 0 publishes arrives complete and in order', async ({ page }) => {
  const count = 10_000;
  const peer = await connectPeer(mosquitto);
  await peer.subscribe('burst', { qos: 0 });
  const stats = await page.evaluate(
    async (url, count) => {
      const client = wasmqtt.connect(url);
      await client.ready;
      await Promise.all(Array.from({ length: count }, (_, n) => client.publish('burst', `${n}`)));
      await client.flush();
      const { messagesSent, queued } = client.stats();
      await client.close();
      return { messagesSent, queued };
    },
    mosquitto.url,
    count,
  );
  assert.deepEqual(stats, { messagesSent: count, queued: 0 });
  const texts = (await peer.take(count)).map(({ text }) => text);
  assert.deepEqual(
    texts,
    Array.from({ length: count }, (_, n) => `${n}`),
  );
  await peer.end();
});

pageTest('a burst of 10 000 messages to the page arrives complete and in order', async ({ page }) => {
  const count = 10_000;
  await page.evaluate(async (url) => {
    globalThis.client = wasmqtt.connect(url);
    globalThis.inbox = collect(client, 'flood', { qos: 0 });
    await inbox.ready;
  }, aedes.url);
  const peer = await connectPeer(aedes, { protocolVersion: 4 });
  for (let n = 0; n < count; n += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, at) => peer.publish('flood', `${n + at}`)));
  }
  const ordered = await page.evaluate(async (count) => {
    const messages = await inbox.count(count);
    await client.close();
    return messages.length === count && messages.every((message, n) => message.text() === `${n}`);
  }, count);
  assert.equal(ordered, true);
  await peer.end();
});
