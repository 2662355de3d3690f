/**
 * What no broker at hand does, done by a scripted one: aliases to the client, references to other servers, and every
 * reason code there is. Each reaches the application as it should.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../../support/browser.mjs';
import { connack, startPacketServer } from '../../support/packet-server.mjs';
import { note } from '../suite.mjs';

const BROKER = 'scripted';
const { pageTest } = await startBrowser();
await note({ broker: BROKER, version: '' });

const feature = (name, run, options) =>
  pageTest(
    name,
    async (context) => {
      const cell = { broker: BROKER, protocol: '5.0', feature: name };
      try {
        await run(context);
      } catch (error) {
        await note({ ...cell, result: 'failed', why: String(error) });
        throw error;
      }
      await note({ ...cell, result: 'ok' });
    },
    options,
  );

/** Accepts, and grants what is asked for; `more` answers the rest. */
const serve = (more = {}, properties = {}) =>
  startPacketServer((packet, line) => {
    if (more[packet.cmd]?.(packet, line)) {
      return;
    }
    if (packet.cmd === 'connect') {
      line.send(connack({ properties }));
    } else if (packet.cmd === 'subscribe') {
      line.send({ cmd: 'suback', messageId: packet.messageId, granted: packet.subscriptions.map(() => 0) });
    } else if (packet.cmd === 'pingreq') {
      line.send({ cmd: 'pingresp' });
    }
  });

const publish = (topic, payload, topicAlias) => ({
  cmd: 'publish',
  topic,
  payload,
  qos: 0,
  properties: { topicAlias },
});

feature('topic aliases to the client', async ({ page }) => {
  const server = await serve({
    subscribe({ messageId }, { send }) {
      send(
        { cmd: 'suback', messageId, granted: [0] },
        publish('a/one', '1', 1),
        publish('', '2', 1),
        publish('a/two', '3', 2),
        publish('', '4', 1),
        publish('a/three', '5', 1),
        publish('', '6', 1),
        publish('', '7', 2),
      );
      return true;
    },
  });
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { protocol: 5, topicAliasMaximum: 2 });
    const inbox = collect(client, 'a/#');
    const messages = await inbox.count(7);
    await client.close();
    return messages.map((message) => `${message.text()} ${message.topic}`);
  }, server.url);
  assert.deepEqual(seen, ['1 a/one', '2 a/one', '3 a/two', '4 a/one', '5 a/three', '6 a/three', '7 a/two']);
  const [connect] = await server.received('connect');
  assert.equal(connect?.properties?.topicAliasMaximum, 2);
});

feature('server reference', async ({ page }) => {
  const last = await serve();
  const second = await serve({
    publish(_packet, { send, close }) {
      send({ cmd: 'disconnect', reasonCode: 0x9d, properties: { serverReference: last.authority } });
      close();
      return true;
    },
  });
  const first = await serve({
    connect(_packet, { send, close }) {
      send(connack({ reasonCode: 0x9c, properties: { serverReference: `nowhere/ ${second.authority}` } }));
      close();
      return true;
    },
  });
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { protocol: 5, followServerReference: true });
    const urls = [(await client.ready).url];
    const again = next(client, 'connect');
    await client.publish('go', 'on');
    urls.push((await again).url);
    await client.close();
    const ignores = wasmqtt.connect(url, { protocol: 5, reconnect: false });
    const { reasonCode } = await failure(ignores.ready);
    return { urls, reasonCode };
  }, first.url);
  assert.deepEqual(seen, { urls: [second.url, last.url], reasonCode: 0x9c });
  assert.deepEqual([first.connections, second.connections, last.connections], [2, 1, 1]);
});

feature('reason codes of CONNACK', async ({ page }) => {
  const codes = [
    0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c,
    0x9d, 0x9f,
  ];
  let at = 0;
  const server = await serve({
    connect(_packet, { send, close }) {
      const properties = { reasonString: `because of ${at}`, userProperties: { k: 'v' } };
      send(connack({ reasonCode: codes[at++], properties }));
      close();
      return true;
    },
  });
  const seen = await page.evaluate(
    async (url, count) => {
      const seen = [];
      for (let at = 0; at < count; at++) {
        const client = wasmqtt.connect(url, { protocol: 5, reconnect: false });
        await client.ready.catch(({ code, reasonCode, reasonString, userProperties }) =>
          seen.push([code, reasonCode, reasonString, userProperties]),
        );
      }
      return seen;
    },
    server.url,
    codes.length,
  );
  const auth = [0x86, 0x87];
  assert.deepEqual(
    seen,
    codes.map((code, at) => [
      auth.includes(code) ? 'auth' : 'connection-refused',
      code,
      `because of ${at}`,
      [['k', 'v']],
    ]),
  );
});

feature('reason codes of DISCONNECT', async ({ page }) => {
  const codes = [
    0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
    0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
  ];
  let at = 0;
  const server = await serve({
    publish(_packet, { send, close }) {
      const properties = { reasonString: `because of ${at}` };
      send({ cmd: 'disconnect', reasonCode: codes[at++], properties });
      close();
      return true;
    },
  });
  const seen = await page.evaluate(
    async (url, count) => {
      const seen = [];
      for (let at = 0; at < count; at++) {
        const client = wasmqtt.connect(url, { protocol: 5, reconnect: false });
        const ended = client.closed.catch(({ code, reasonCode, reasonString }) =>
          seen.push([code, reasonCode, reasonString]),
        );
        await client.publish('x', '');
        await ended;
      }
      return seen;
    },
    server.url,
    codes.length,
  );
  const special = { [0x87]: 'auth', [0x8e]: 'taken-over' };
  assert.deepEqual(
    seen,
    codes.map((code, at) => [special[code] ?? 'disconnected', code, `because of ${at}`]),
  );
});

for (const [qos, cmd] of /** @type {const} */ ([
  [1, 'puback'],
  [2, 'pubrec'],
])) {
  feature(`reason codes of ${cmd.toUpperCase()}`, async ({ page }) => {
    const codes = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
    let at = 0;
    const server = await serve({
      publish({ messageId }, { send }) {
        const properties = { reasonString: `because of ${at}`, userProperties: { k: 'v' } };
        send({ cmd, messageId, reasonCode: codes[at++], properties });
        return true;
      },
      pubrel: ({ messageId }, { send }) => send({ cmd: 'pubcomp', messageId, reasonCode: 0 }) ?? true,
    });
    const seen = await page.evaluate(
      async (url, qos, count) => {
        const client = wasmqtt.connect(url, { protocol: 5 });
        const seen = [];
        for (let at = 0; at < count; at++) {
          const told = await client.publish('x', '', { qos }).then(
            ({ reasonCode, reasonString }) => ['ok', reasonCode, reasonString],
            ({ code, reasonCode, reasonString, userProperties }) => [code, reasonCode, reasonString, userProperties],
          );
          seen.push(told);
        }
        const { connections } = client.stats();
        await client.close();
        return { seen, connections };
      },
      server.url,
      qos,
      codes.length,
    );
    assert.equal(seen.connections, 1);
    assert.deepEqual(
      seen.seen,
      codes.map((code, at) =>
        code >= 0x80
          ? ['refused', code, `because of ${at}`, [['k', 'v']]]
          : ['ok', code, ...(qos === 2 ? [undefined] : [`because of ${at}`])].map((it) => it ?? null),
      ),
    );
  });
}

feature('reason codes of SUBACK and UNSUBACK', async ({ page }) => {
  const codes = [0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2];
  const ends = [0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91];
  let [at, end] = [0, 0];
  const server = await serve({
    subscribe({ messageId }, { send }) {
      const granted = [at < codes.length ? codes[at] : 1];
      send({ cmd: 'suback', messageId, granted, properties: { reasonString: `because of ${at++}` } });
      return true;
    },
    unsubscribe({ messageId }, { send }) {
      const properties = { reasonString: `because of ${end}` };
      send({ cmd: 'unsuback', messageId, granted: [ends[end++]], properties });
      return true;
    },
  });
  const seen = await page.evaluate(
    async (url, count, ends) => {
      const client = wasmqtt.connect(url, { protocol: 5 });
      const say = (promise) =>
        promise.then(
          ({ reasonCode, reasonString }) => ['ok', reasonCode ?? 'granted', reasonString],
          ({ code, reasonCode, reasonString }) => [code, reasonCode, reasonString],
        );
      const refused = [];
      for (let at = 0; at < count; at++) {
        refused.push(await say(client.subscribe(`x/${at}`).ready));
      }
      const ended = [];
      for (let at = 0; at < ends; at++) {
        const subscription = client.subscribe(`y/${at}`, { qos: 1 });
        await subscription.ready;
        ended.push(await say(subscription.unsubscribe()));
      }
      const { connections } = client.stats();
      await client.close();
      return { refused, ended, connections };
    },
    server.url,
    codes.length,
    ends.length,
  );
  assert.deepEqual(
    seen.refused,
    codes.map((code, at) => ['refused', code, `because of ${at}`]),
  );
  assert.deepEqual(
    seen.ended,
    ends.map((code, at) => [code >= 0x80 ? 'refused' : 'ok', code, `because of ${at}`]),
  );
  assert.equal(seen.connections, 1);
});

feature('server keep alive and assigned client identifier', async ({ page }) => {
  let accepted = 0;
  const server = await serve({
    connect({ clientId }, { send }) {
      const properties = { serverKeepAlive: 1, ...(accepted++ === 0 && { assignedClientIdentifier: 'given' }) };
      send(connack({ properties, sessionPresent: clientId === 'given' }));
      return true;
    },
    publish(_packet, { close }) {
      close();
      return true;
    },
  });
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, {
      protocol: 5,
      clientId: '',
      keepAlive: 600,
      sessionExpiry: 60,
      reconnect: { min: 1, max: 1 },
    });
    const { keepAlive, clientId } = await client.ready;
    const again = next(client, 'connect');
    await client.publish('cut', '');
    const { sessionPresent } = await again;
    globalThis.client = client;
    return { keepAlive, clientId, sessionPresent, now: client.clientId };
  }, server.url);
  assert.deepEqual(seen, { keepAlive: 1, clientId: 'given', sessionPresent: true, now: 'given' });
  await server.received('pingreq');
  const connects = await server.received('connect', 2);
  assert.deepEqual(
    connects.map(({ clientId }) => clientId),
    ['', 'given'],
  );
  await page.evaluate(() => client.close());
});
