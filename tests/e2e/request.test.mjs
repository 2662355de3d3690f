/**
 * Requests and replies in a page, with MQTT.js and another page as the other side, on a real mosquitto.
 * It does not know how they are matched.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();

/** @param {import('puppeteer-core').Page} page */
const connect = (page, options = {}, url = broker.url) =>
  page.evaluate(
    async (url, options) => {
      globalThis.client = wasmqtt.connect(url, options);
      await client.ready;
    },
    url,
    options,
  );

/** MQTT.js answers the next request with these payloads. */
const answerNext = async (peer, payloads) => {
  const { packet, text } = await peer.next();
  const { responseTopic, correlationData, ...others } = packet.properties ?? {};
  for (const payload of payloads) {
    await peer.publish(responseTopic, payload, { qos: 1, properties: { correlationData } });
  }
  return { text, others, responseTopic };
};

pageTest('a request of 5.0 gets its reply from MQTT.js', async ({ page }) => {
  const peer = await connectPeer(broker);
  await connect(page, { protocol: 5 });
  await peer.subscribe('request/one');
  const answered = answerNext(peer, ['pong']);
  const reply = await page.evaluate(async () => {
    const options = { contentType: 'text/plain', userProperties: [['a', 'b']], timeout: 20_000 };
    const message = await client.request('request/one', 'ping', options);
    await client.close();
    return { text: message.text(), topic: message.topic, qos: message.qos };
  });
  const { text, others, responseTopic } = await answered;
  assert.equal(text, 'ping');
  assert.equal(others.contentType, 'text/plain');
  assert.equal(others.messageExpiryInterval, 20);
  assert.match(responseTopic, /^wasmqtt\/reply\/[\w-]{22}$/);
  assert.deepEqual(reply, { text: 'pong', topic: responseTopic, qos: 1 });
});

pageTest('requests at the same time get their own replies, in any order, over one subscription', async ({ page }) => {
  const peer = await connectPeer(broker);
  await connect(page, { protocol: 5 });
  await peer.subscribe('request/many/#');
  const replies = page.evaluate(async () => {
    const ask = async (number) => (await client.request(`request/many/${number}`, String(number))).text();
    const texts = await Promise.all([1, 2, 3, 4, 5].map(ask));
    const { packetsSent } = client.stats();
    await client.close();
    return { texts, packetsSent };
  });
  const requests = await peer.take(5);
  assert.equal(new Set(requests.map(({ packet }) => packet.properties?.responseTopic)).size, 1);
  for (const { text, packet } of requests.reverse()) {
    const { responseTopic, correlationData } = packet.properties ?? {};
    await peer.publish(responseTopic ?? '', 'nobody asked', { properties: { correlationData: Buffer.from('x') } });
    await peer.publish(responseTopic ?? '', 'without correlation');
    await peer.publish(responseTopic ?? '', `reply ${text}`, { properties: { correlationData } });
    await peer.publish(responseTopic ?? '', 'late', { properties: { correlationData } });
  }
  const seen = await replies;
  assert.deepEqual(
    seen.texts,
    [1, 2, 3, 4, 5].map((number) => `reply ${number}`),
  );
  // CONNECT, SUBSCRIBE, five requests.
  assert.equal(seen.packetsSent, 7);
});

pageTest('several replies, until there are enough or the time is over', async ({ page }) => {
  const peer = await connectPeer(broker);
  await connect(page, { protocol: 5 });
  await peer.subscribe('request/several');
  const answered = answerNext(peer, ['1', '2', '3', '4']);
  const enough = await page.evaluate(async () => {
    const texts = [];
    for await (const message of client.requestMany('request/several', '', { max: 3 })) {
      texts.push(message.text());
    }
    return texts;
  });
  await answered;
  const other = answerNext(peer, ['5', '6']);
  const timed = await page.evaluate(async () => {
    const texts = [];
    for await (const message of client.requestMany('request/several', '', { timeout: 1000 })) {
      texts.push(message.text());
    }
    await client.close();
    return texts;
  });
  await other;
  assert.deepEqual(
    [enough, timed],
    [
      ['1', '2', '3'],
      ['5', '6'],
    ],
  );
});

pageTest('MQTT.js gets the reply of a page, and what is no request is left alone', async ({ page }) => {
  const peer = await connectPeer(broker);
  await connect(page, { protocol: 5 });
  await page.evaluate(async () => {
    globalThis.calls = 0;
    const double = async (request) => {
      calls++;
      const number = request.json();
      return number < 0 ? undefined : { payload: String(number * 2), contentType: 'text/plain' };
    };
    globalThis.responder = client.respond('respond/double', double, { qos: 2 });
    await responder.ready;
  });
  await peer.subscribe('respond/answers');
  const ask = (text, properties) => peer.publish('respond/double', text, { qos: 2, properties });
  await ask('1', {});
  await ask('-1', { responseTopic: 'respond/answers', correlationData: Buffer.from('none') });
  await ask('21', { responseTopic: 'respond/answers', correlationData: Buffer.from([0, 255]) });
  const { text, packet } = await peer.next();
  assert.deepEqual([text, packet.qos, packet.properties?.contentType], ['42', 2, 'text/plain']);
  assert.deepEqual(packet.properties?.correlationData, Buffer.from([0, 255]));
  const answered = await page.evaluate(async () => {
    await responder.stop();
    return calls;
  });
  assert.equal(answered, 2);
  await ask('1', { responseTopic: 'respond/answers' });
  await page.evaluate(async () => {
    await client.ping();
    console.assert(calls === 2);
    await client.close();
  });
});

for (const [asks, answers] of /** @type {const} */ ([
  [5, 5],
  [4, 4],
  [4, 5],
])) {
  pageTest(`a page of version ${asks} asks a page of version ${answers}`, async ({ page, open }) => {
    const { page: other } = await open();
    await connect(other, { protocol: answers });
    const topic = `pages/${asks}/${answers}`;
    await other.evaluate(async (topic) => {
      const responder = client.respond(`${topic}/+`, (request) => `${request.topic}: ${request.text()}`);
      await responder.ready;
    }, topic);
    await connect(page, { protocol: asks });
    const replies = await page.evaluate(async (topic) => {
      const ask = async (name) => (await client.request(`${topic}/${name}`, name)).text();
      return Promise.all([ask('a'), ask('b')]);
    }, topic);
    assert.deepEqual(replies, [`${topic}/a: a`, `${topic}/b: b`]);
    await Promise.all([page, other].map((one) => one.evaluate(() => client.close())));
  });
}

pageTest('a device of 3.1.1 takes part by topics alone', async ({ page }) => {
  const device = await connectPeer(broker, { protocolVersion: 4 });
  await connect(page, { protocol: 4 });
  await device.subscribe('device/led/request/+/+');
  const reply = page.evaluate(async () => (await client.request('device/led', 'on')).text());
  const { topic, text } = await device.next();
  const [, , , name, id] = topic.split('/');
  await device.publish(`wasmqtt/reply/${name}/${id}`, `${text}, done`);
  assert.equal(await reply, 'on, done');
  await page.evaluate(() => client.close());
});

pageTest('every request settles: nobody there, time-out, abort, failure, close', async ({ page }) => {
  const peer = await connectPeer(broker);
  await connect(page, { protocol: 5 });
  await peer.subscribe('request/silent');
  const errors = await page.evaluate(async () => {
    const codes = [];
    const note = async (promise) => {
      const { code, reasonCode } = await failure(promise);
      codes.push([code, reasonCode]);
    };
    await note(client.request('request/nobody', ''));
    await note(client.request('request/silent', '', { timeout: 50 }));
    const controller = new AbortController();
    const aborted = client.request('request/silent', '', { signal: controller.signal });
    controller.abort();
    await note(aborted);
    client.on('error', (error) => codes.push(['error event', error.cause.message]));
    const responder = client.respond('request/broken', () => {
      throw new Error('secret');
    });
    await responder.ready;
    await note(client.request('request/broken', ''));
    await note(client.request('request/+', ''));
    await note(client.request('request/silent', '', { retain: true }));
    await note(client.request('request/silent', '', { timeout: 'x' }));
    const left = client.request('request/silent', '');
    const loop = client.requestMany('request/silent', '')[Symbol.asyncIterator]().next();
    const ends = [note(left), note(loop)];
    await client.close();
    await Promise.all(ends);
    await note(client.request('request/silent', ''));
    return codes;
  });
  assert.deepEqual(errors, [
    ['refused', 0x10],
    ['timeout', null],
    ['aborted', null],
    ['error event', 'secret'],
    ['refused', null],
    ['invalid-argument', null],
    ['invalid-argument', null],
    ['invalid-argument', null],
    ['closed', null],
    ['closed', null],
    ['closed', null],
  ]);
});

pageTest(
  'a reply arrives over a lost connection',
  async ({ page }) => {
    const peer = await connectPeer(broker);
    const line = await startProxy(broker.wsPort);
    await connect(page, { protocol: 5, sessionExpiry: 60, reconnect: { min: 1, max: 1 } }, line.url);
    await peer.subscribe('request/lost');
    const reply = page.evaluate(async () => (await client.request('request/lost', '')).text());
    const request = [await peer.next()];
    const back = page.evaluate(() => next(client, 'connect'));
    line.cut();
    const { responseTopic, correlationData } = request[0]?.packet.properties ?? {};
    await peer.publish(responseTopic ?? '', 'after all', { qos: 1, properties: { correlationData } });
    await back;
    assert.equal(await reply, 'after all');
    await page.evaluate(() => client.close());
  },
  { allowed: [SOCKET_FAILED] },
);
