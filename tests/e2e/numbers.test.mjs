/**
 * Numbers of options: what cannot be is refused by name, and the greatest that can be works, also where a timer of the
 * browser cannot count so far. It does not know what right options do.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { startPacketServer } from '../support/packet-server.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();

const NO_NUMBER = ['NaN', '-Infinity', '-1', '"1"', 'null', '[1]', '{}', '1n', 'true'];
const NO_INTEGER = [...NO_NUMBER, '0.5', '2 ** 53', 'Number.MAX_VALUE'];

/** Wrong values of each option of `connect`, as source text. */
const CONNECT = [
  ...[
    'keepAlive',
    'sessionExpiry',
    'receiveMaximum',
    'maximumPacketSize',
    'topicAliasMaximum',
    'connectTimeout',
    'reconnect.min',
    'reconnect.max',
    'queue.maxMessages',
    'queue.maxBytes',
    'will.delay',
    'will.expiry',
  ].map((name) => [name, [...NO_INTEGER, 'Infinity']]),
  ['reconnect.maxAttempts', NO_INTEGER],
  ['reconnect.factor', [...NO_NUMBER, 'Infinity', '0', '0.99']],
  ['reconnect.min', ['2 ** 32']],
  ['keepAlive', ['2 ** 16']],
  ['sessionExpiry', ['2 ** 32']],
  ['connectTimeout', ['0', '2 ** 32']],
];

/** Calls that take a number, as source text with its place; then its name and the wrong values. */
const CALLS = [
  ...[
    'client.publish("a", "", { timeout: $ })',
    'client.subscribe("a", { timeout: $ }).ready',
    'client.subscribe("a").unsubscribe({ timeout: $ })',
    'client.ping({ timeout: $ })',
    'client.flush({ timeout: $ })',
    'client.reauthenticate({ timeout: $ })',
    'client.close({ timeout: $ })',
    'client.request("a", "", { timeout: $ })',
    'client.requestMany("a", "", { timeout: $ }).next()',
    'client.respond("a", () => "", { timeout: $ }).ready',
  ].map((call) => [call, 'timeout', NO_NUMBER]),
  ['client.close({ drain: $ })', 'drain', NO_NUMBER],
  ['client.close({ sessionExpiry: $ })', 'sessionExpiry', [...NO_INTEGER, 'Infinity']],
  ['client.publish("a", "", { expiry: $ })', 'expiry', [...NO_INTEGER, 'Infinity']],
  ['client.request("a", "", { expiry: $ })', 'expiry', [...NO_INTEGER, 'Infinity']],
  ['client.subscribe("a", { buffer: { max: $ } }).ready', 'max', [...NO_NUMBER, '0', '0.5']],
  ['client.requestMany("a", "", { max: $ }).next()', 'max', [...NO_NUMBER, '0', '0.5']],
];

/** `{ a: { b: value } }` for `a.b`. */
const nested = (/** @type {string} */ name, /** @type {string} */ value) =>
  name.split('.').reduceRight((inner, part) => `{ ${part}: ${inner} }`, value);

pageTest('what no option of connect can be is refused by its name', async ({ page }) => {
  const rows = CONNECT.flatMap(([name, values]) =>
    /** @type {string[]} */ (values).map((value) => [/** @type {string} */ (name), value]),
  );
  const sources = rows.map(([name = '', value = '']) => nested(name, value));
  await page.evaluate(`globalThis.wrong = [${sources}]`);
  const errors = await page.evaluate(
    (url) => Promise.all(wrong.map(async (options) => failure(wasmqtt.connect(url, options).ready))),
    broker.url,
  );
  for (const [at, { code, message }] of errors.entries()) {
    const [name = '', value = ''] = rows[at] ?? [];
    assert.equal(code, 'invalid-argument', `${name}: ${value}`);
    assert.ok(message.startsWith(`option "${name}" must be `), `${name}: ${value}: ${message}`);
  }
  assert.equal(errors.length, rows.length);
});

pageTest(
  'a pause that is longer than the longest is refused; one that is given alone moves the other',
  async ({ page }) => {
    const seen = await page.evaluate(async (url) => {
      const wrong = [
        { min: 2, max: 1 },
        { min: 30_000, max: 500 },
        { min: 1, max: 0, jitter: 'none' },
      ];
      const errors = [];
      for (const reconnect of wrong) {
        const { code, message } = await failure(wasmqtt.connect(url, { reconnect }).ready);
        errors.push([code, message]);
      }
      const states = [];
      for (const reconnect of [{ max: 100 }, { min: 60_000 }, { min: 5, max: 5 }, {}]) {
        const client = wasmqtt.connect(url, { reconnect });
        await client.ready;
        states.push(client.state);
        await client.close();
      }
      return { errors, states };
    }, broker.url);
    const error = ['invalid-argument', 'reconnect.min must not be greater than reconnect.max'];
    assert.deepEqual(seen, { errors: Array(3).fill(error), states: Array(4).fill('connected') });
  },
);

pageTest('what no number of a call can be is refused by its name, and nothing is sent', async ({ page }) => {
  const rows = CALLS.flatMap(([call, name, values]) =>
    /** @type {string[]} */ (values).map((value) => [String(call).replace('$', value), String(name)]),
  );
  await page.evaluate(`globalThis.wrong = [${rows.map(([source]) => `(client) => ${source}`)}]`);
  const { errors, sent, state } = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url);
    client.on('error', () => {});
    await client.subscribe('a').ready;
    await client.subscribe('wasmqtt/reply').ready;
    const errors = [];
    for (const call of wrong) {
      const { code, message } = await failure(call(client));
      errors.push([code, message]);
    }
    await client.ping();
    const sent = client.stats().messagesSent;
    const { state } = client;
    await client.close();
    return { errors, sent, state };
  }, broker.url);
  for (const [at, [code, message]] of errors.entries()) {
    const [source = '', name = ''] = rows[at] ?? [];
    assert.equal(code, 'invalid-argument', source);
    assert.ok(message.includes(`option "${name}" must be `), `${source}: ${message}`);
  }
  assert.deepEqual([errors.length, sent, state], [rows.length, 0, 'connected']);
});

pageTest('the greatest numbers work', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const most = 2 ** 32 - 1;
    const client = wasmqtt.connect(url, {
      protocol: 5,
      keepAlive: 65_535,
      sessionExpiry: most,
      receiveMaximum: 65_535,
      maximumPacketSize: most,
      topicAliasMaximum: 65_535,
      connectTimeout: most,
      reconnect: { min: most, max: most, factor: Number.MAX_VALUE, maxAttempts: Number.POSITIVE_INFINITY },
      queue: { maxMessages: most, maxBytes: most },
      will: { topic: 'will', delay: most, expiry: most },
    });
    await client.ready;
    client.respond('great/request', (message) => `${message.properties.expiry}`);
    const replies = [];
    const codes = [];
    for (const long of [2 ** 31 - 1, 2 ** 31, most, most * 1000, most * 1000 + 1, 2 ** 53, 1e300, Infinity]) {
      const wait = { timeout: long };
      const max = Number.isInteger(long) && long <= Number.MAX_SAFE_INTEGER ? long : Infinity;
      const subscription = client.subscribe('great/#', { ...wait, buffer: { max } });
      await subscription.ready;
      codes.push((await client.publish('great', '', { ...wait, qos: 1, expiry: most })).reasonCode);
      await client.ping(wait);
      await client.flush(wait);
      replies.push((await client.request('great/request', '', wait)).text());
      for await (const reply of client.requestMany('great/request', '', { ...wait, max })) {
        replies.push(reply.text());
        break;
      }
      await subscription.unsubscribe(wait);
    }
    await client.close({ drain: Infinity, timeout: Infinity, sessionExpiry: 0 });
    return { replies, codes: [...new Set(codes)], state: client.state };
  }, broker.url);
  assert.deepEqual(seen, {
    // Seconds; beyond what MQTT can say a request does not expire.
    replies: ['2147484', '2147484', '4294968', '4294967295', ...Array(4).fill('undefined')].flatMap((text) => [
      text,
      text,
    ]),
    codes: [0],
    state: 'closed',
  });
});

/** In the page: timers that a test need not wait for. Longer ones than an hour fire at once, `count` times. */
async function hasten(/** @type {import('puppeteer-core').Page} */ page, /** @type {number} */ count) {
  await page.evaluate((count) => {
    const { setTimeout } = globalThis;
    globalThis.delays = [];
    globalThis.setTimeout = (act, delay, ...more) => {
      const long = delay > 3_600_000 && delays.length < count;
      if (delay > 3_600_000) {
        delays.push(delay);
      }
      return setTimeout(act, long ? 0 : delay, ...more);
    };
  }, count);
}

pageTest('a time-out of 30 days is over after 30 days and not before', async ({ page }) => {
  const server = await startScripted((packet, send) => packet[0] === 0x10 && send(CONNACK[5]));
  await hasten(page, Number.POSITIVE_INFINITY);
  const seen = await page.evaluate(async (url) => {
    const days = 24 * 3_600_000;
    const client = wasmqtt.connect(url, { keepAlive: 0 });
    await client.ready;
    const calls = {
      publish: () => client.publish('a', '', { qos: 1, timeout: 30 * days }),
      subscribe: () => client.subscribe('a', { timeout: 30 * days }).ready,
      ping: () => client.ping({ timeout: 30 * days }),
      request: () => client.request('a', '', { timeout: 30 * days }),
      requestMany: () => client.requestMany('a', '', { timeout: 60 * days }).next(),
    };
    const seen = {};
    for (const [name, call] of Object.entries(calls)) {
      delays.length = 0;
      const outcome = await call().then(
        ({ done }) => (done ? 'over' : 'answered'),
        (error) => error.code,
      );
      seen[name] = [outcome, delays.reduce((sum, delay) => sum + delay, 0) / days, Math.max(...delays)];
    }
    await client.close();
    return seen;
  }, server.url);
  const longest = 2 ** 31 - 1;
  assert.deepEqual(seen, {
    publish: ['timeout', 30, longest],
    subscribe: ['timeout', 30, longest],
    ping: ['timeout', 30, longest],
    request: ['timeout', 30, longest],
    requestMany: ['over', 60, longest],
  });
});

pageTest('the timer of the engine is set again where it cannot count so far', async ({ page }) => {
  const mute = await startScripted(() => {});
  await hasten(page, 3);
  await page.evaluate(async (url) => {
    globalThis.client = wasmqtt.connect(url, { connectTimeout: 2 ** 32 - 1 });
    globalThis.ready = client.ready.catch(({ code }) => code);
  }, mute.url);
  await page.waitForFunction(() => delays.length > 3);
  const seen = await page.evaluate(async () => {
    const { state } = client;
    await client.close();
    return { state, ready: await ready, delays };
  });
  assert.deepEqual(seen, { state: 'connecting', ready: 'closed', delays: Array(4).fill(2 ** 31 - 1) });
});

for (const [what, type] of /** @type {const} */ ([
  ['publish', 3],
  ['subscribe', 8],
  ['unsubscribe', 10],
])) {
  pageTest(`drain waits for ${what} as long as it says`, async ({ page }) => {
    for (const drain of ['60_000', '2 ** 31 - 1', '2 ** 31', '2 ** 32', '2 ** 53', 'Number.MAX_VALUE', 'Infinity']) {
      /** @type {(() => void) | undefined} */
      let answer;
      const server = await startScripted((packet, send) => {
        const kind = (packet[0] ?? 0) >> 4;
        const [high = 0, low = 0] = packet.subarray(kind === 3 ? 5 : 2);
        /** @type {Record<number, number[]>} */
        const answers = {
          1: CONNACK[5],
          3: [0x40, 2, high, low],
          8: [0x90, 4, high, low, 0, 0],
          10: [0xb0, 4, high, low, 0, 0],
        };
        const bytes = answers[kind];
        if (kind === type) {
          answer = () => send(bytes ?? []);
        } else if (bytes) {
          send(bytes);
        }
      });
      await page.evaluate(`globalThis.drain = ${drain}`);
      await page.evaluate(
        async (url, what) => {
          globalThis.client = wasmqtt.connect(url, { keepAlive: 0 });
          await client.ready;
          const subscription = what === 'unsubscribe' ? client.subscribe('a') : undefined;
          await subscription?.ready;
          const asked = {
            publish: () => client.publish('a', 'b', { qos: 1 }),
            subscribe: () => client.subscribe('a').ready,
            unsubscribe: () => subscription?.unsubscribe(),
          }[what]();
          globalThis.outcome = asked.then(
            () => 'answered',
            (error) => error.code,
          );
          globalThis.ended = client.close({ drain });
        },
        server.url,
        what,
      );
      await server.packets(type, 1);
      assert.equal(await page.evaluate(() => client.state), 'closing', `drain: ${drain}`);
      answer?.();
      const seen = await page.evaluate(async () => {
        await ended;
        return [await outcome, client.state];
      });
      assert.deepEqual(seen, ['answered', 'closed'], `drain: ${drain}`);
    }
  });
}

const WRONG_TIMES = ['NaN', 'new Date(NaN)', 'null', '"2030-01-01"', '"1"', '{}', '1n'];

pageTest('an expiry that is no time is refused by its name, and nothing is sent', async ({ page }) => {
  const server = await startPacketServer(() => {});
  // Not as a value: a driver may have no words for a date that is none.
  await page.evaluate(`void (globalThis.wrong = [${WRONG_TIMES}])`);
  const seen = await page.evaluate(async (url) => {
    const seen = [];
    for (const expiresAt of wrong) {
      for (const options of [
        { auth: () => ({ username: 'u', expiresAt }) },
        { authentication: { method: 'm', start: () => ({ data: 'd', expiresAt }), challenge: () => undefined } },
      ]) {
        const client = wasmqtt.connect(url, { reconnect: false, ...options });
        const told = next(client, 'error');
        const { code } = await failure(client.ready);
        const error = await told;
        seen.push([code, error.code, error.message]);
      }
    }
    return seen;
  }, server.url);
  const error = ['auth', 'invalid-argument', '"expiresAt" must be a date, or milliseconds since 1970'];
  assert.deepEqual(seen, Array(WRONG_TIMES.length * 2).fill(error));
  assert.deepEqual([server.connections, server.packets], [0, []]);
});

const TIMES = ['Infinity', 'Number.MAX_VALUE', 'new Date(8.64e15)', '2 ** 53', '0', '-Infinity', 'new Date(-8.64e15)'];

pageTest('an expiry in any future or past works', async ({ page }) => {
  await page.evaluate(`globalThis.times = [${TIMES}]`);
  const states = await page.evaluate(async (url) => {
    const states = [];
    for (const expiresAt of times) {
      let asked = 0;
      const client = wasmqtt.connect(url, { auth: () => ({ username: `u${++asked}`, expiresAt }) });
      await client.ready;
      await client.ping();
      states.push([client.state, asked]);
      await client.close();
    }
    return states;
  }, broker.url);
  assert.deepEqual(states, Array(TIMES.length).fill(['connected', 1]));
});
