/**
 * Options that are wrong, named in the error: of the client and of each request.
 * It does not know what right ones do.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();

/** Wrong options of `connect`, as source text, and what the error has to name. */
const CONNECT = [
  ['{ colour: "red" }', 'colour'],
  ['{ protocol: 6 }', 'protocol'],
  ['{ protocol: "5" }', 'protocol'],
  ['{ clientId: 5 }', 'clientId'],
  ['{ clientId: "\\0" }', 'clientId'],
  ['{ keepAlive: -1 }', 'keepAlive'],
  ['{ keepAlive: 65536 }', 'keepAlive'],
  ['{ keepAlive: 1.5 }', 'keepAlive'],
  ['{ cleanStart: "yes" }', 'cleanStart'],
  ['{ sessionExpiry: 2 ** 32 }', 'sessionExpiry'],
  ['{ will: {} }', 'will.topic'],
  ['{ will: { topic: "a/#" } }', 'will'],
  ['{ will: { topic: "a", qos: 3 } }', 'will.qos'],
  ['{ will: { topic: "a", retian: true } }', 'will.retian'],
  ['{ receiveMaximum: 0 }', 'receiveMaximum'],
  ['{ maximumPacketSize: 0 }', 'maximumPacketSize'],
  ['{ topicAliasMaximum: 70000 }', 'topicAliasMaximum'],
  ['{ userProperties: { a: 1 } }', 'userProperties'],
  ['{ connectTimeout: 0 }', 'connectTimeout'],
  ['{ reconnect: true }', 'reconnect'],
  ['{ reconnect: { minimum: 1 } }', 'reconnect.minimum'],
  ['{ reconnect: { jitter: "some" } }', 'reconnect.jitter'],
  ['{ queue: { qos0: "drop" } }', 'queue.qos0'],
  ['{ queue: { maxMessages: -1 } }', 'queue.maxMessages'],
  ['{ websocket: { protocols: "mqtt" } }', 'websocket.protocols'],
  ['{ websocket: { factory: 1 } }', 'websocket.factory'],
  ['{ signal: {} }', 'signal'],
  ['{ auth: "token" }', 'auth'],
  ['{ auth: () => ({}), username: "u" }', 'auth'],
];

/** Wrong arguments of a request. */
const REQUESTS = [
  ['client.publish("a", "b", { qos: 3 })', 'qos'],
  ['client.publish("a", "b", { retain: 1 })', 'retain'],
  ['client.publish("a", "b", { expires: 1 })', 'expires'],
  ['client.publish("a", "b", { expiry: -1 })', 'expiry'],
  ['client.publish("a", "b", { expiry: 2 ** 32 })', 'expiry'],
  ['client.publish("a", "b", { responseTopic: "a/+" })', 'responseTopic'],
  ['client.publish("a", "b", { userProperties: [["a"]] })', 'userProperties'],
  ['client.publish("a", "b", { timeout: "1" })', 'timeout'],
  ['client.publish("a", "b", 1)', 'options'],
  ['client.publish("a/#", "b")', 'topic'],
  ['client.publish("a", null)', 'payload'],
  ['client.subscribe("a", { qos: -1 }).ready', 'qos'],
  ['client.subscribe("a", { retainHandling: 3 }).ready', 'retainHandling'],
  ['client.subscribe("a", { nolocal: true }).ready', 'nolocal'],
  ['client.subscribe("a", { buffer: { max: 0 } }).ready', 'max'],
  ['client.subscribe("a/b#").ready', 'filter'],
  ['client.subscribe("").ready', 'filter'],
  ['client.subscribe(5).ready', 'filter'],
  ['client.ping({ wait: 1 })', 'wait'],
  ['client.flush({ timeout: -1 })', 'timeout'],
  ['client.close({ drain: "all" })', 'drain'],
];

// [case ENC-34] [case ENC-37]
pageTest('a wrong option of connect is named, and its value is not told', async ({ page }) => {
  await page.evaluate(`globalThis.wrong = [${CONNECT.map(([source]) => source)}]`);
  const errors = await page.evaluate(
    (url) =>
      Promise.all(
        wrong.map(async (options) => {
          const client = wasmqtt.connect(url, options);
          const { code, message, ours } = await failure(client.ready);
          return { code, message, ours, state: client.state };
        }),
      ),
    broker.url,
  );
  for (const [at, { message, ...error }] of errors.entries()) {
    const [source = '', name = ''] = CONNECT[at] ?? [];
    assert.deepEqual(error, { code: 'invalid-argument', ours: true, state: 'closed' }, source);
    assert.ok(message.toLowerCase().includes(name.toLowerCase()), `${source}: "${message}" does not name ${name}`);
  }
  assert.equal(errors.length, CONNECT.length);
});

pageTest('a wrong secret is not told', async ({ page }) => {
  const messages = await page.evaluate(async (url) => {
    const wrong = [
      { username: 'alice', password: 'hunter2\ud800' },
      { username: 'alice\ud800', password: 'hunter2' },
    ];
    return Promise.all(
      wrong.map(async (options) => {
        const { message, code } = await failure(wasmqtt.connect(url, options).ready);
        return [code, message];
      }),
    );
  }, broker.url);
  for (const [code, message] of messages) {
    assert.equal(code, 'invalid-argument');
    assert.doesNotMatch(message, /hunter2|alice/);
  }
});

pageTest('a wrong address is an error, not an exception', async ({ page }) => {
  const codes = await page.evaluate(async () => {
    const addresses = ['', 'ws://', 'ftp://127.0.0.1/', [], [null]];
    return Promise.all(
      addresses.map(async (url) => (await failure(wasmqtt.connect(url, { reconnect: false }).ready)).code),
    );
  });
  assert.deepEqual(codes, Array(5).fill('invalid-argument'));
});

// [case ENC-06] [case ENC-18] [case ENC-25]
pageTest('a wrong argument of a request is named, nothing is sent and nothing is disturbed', async ({ page }) => {
  await page.evaluate(`globalThis.wrong = [${REQUESTS.map(([source]) => `(client) => ${source}`)}]`);
  const { errors, sent, state } = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url);
    await client.ready;
    const before = client.stats().packetsSent;
    const errors = await Promise.all(
      wrong.map(async (request) => {
        const { code, message } = await failure(request(client));
        return { code, message };
      }),
    );
    await client.ping();
    const sent = client.stats().packetsSent - before;
    const { state } = client;
    await client.close();
    return { errors, sent, state };
  }, broker.url);
  for (const [at, { code, message }] of errors.entries()) {
    const [source = '', name = ''] = REQUESTS[at] ?? [];
    assert.equal(code, 'invalid-argument', source);
    assert.ok(message.toLowerCase().includes(name.toLowerCase()), `${source}: "${message}" does not name ${name}`);
  }
  assert.equal(state, 'connected');
  assert.equal(sent, 1, 'the ping');
});

pageTest('what is given can be changed afterwards', async ({ page }) => {
  const texts = await page.evaluate(async (url) => {
    const options = { will: { topic: 'a', payload: 'b' }, userProperties: [['a', 'b']] };
    const client = wasmqtt.connect(url, options);
    options.will.topic = '#';
    options.userProperties.push('nonsense');
    const inbox = collect(client, 'copied', { qos: 1 });
    const bytes = new TextEncoder().encode('as it was');
    const early = client.publish('copied', bytes, { qos: 1 });
    bytes.fill(0);
    await early;
    await client.ready;
    const more = new TextEncoder().encode('and here');
    const late = client.publish('copied', more, { qos: 1 });
    more.fill(0);
    await late;
    const messages = await inbox.count(2);
    await client.close();
    return messages.map((message) => message.text());
  }, broker.url);
  assert.deepEqual(texts, ['as it was', 'and here']);
});
