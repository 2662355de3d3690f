/**
 * What an error says besides its code and its text: where the connection stood, and all of it as JSON. It does not know
 * which errors there are.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { freePorts } from '../support/net.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();
/** Accepts the connection and answers nothing more. */
const silent = await startScripted((packet, send) => packet[0] === 0x10 && send(CONNACK[5]));
/** Never accepts one. */
const mute = await startScripted(() => {});

/** Whatever takes arguments, with wrong ones. */
function define() {
  globalThis.wrong = {
    topic: (client) => client.publish('a/+', 'b'),
    surrogate: (client) => client.publish('\ud800', 'b'),
    payload: (client) => client.publish('a', {}),
    option: (client) => client.publish('a', 'b', { qos: 3 }),
    filter: (client) => client.subscribe('a/#/b').ready,
    subscribeOption: (client) => client.subscribe('a', { qos: 'x' }).ready,
    request: (client) => client.request('a', {}),
    wait: (client) => client.ping({ timeout: -1 }),
    close: (client) => client.close({ drain: 'x' }),
    listener: async (client) => client.on('message'),
  };
  globalThis.phases = async (client) => {
    const all = {};
    for (const [name, call] of Object.entries(wrong)) {
      const { code, phase } = await failure(call(client));
      all[name] = code === 'invalid-argument' ? phase : code;
    }
    return all;
  };
}

const NAMES = [
  'topic',
  'surrogate',
  'payload',
  'option',
  'filter',
  'subscribeOption',
  'request',
  'wait',
  'close',
  'listener',
];
const all = (/** @type {string} */ phase) => Object.fromEntries(NAMES.map((name) => [name, phase]));

for (const worker of [false, true]) {
  pageTest(
    `an argument that is refused tells where the connection stands${worker ? ' (worker)' : ''}`,
    async ({ page }) => {
      await page.evaluate(define);
      await page.evaluate(
        async (url, worker) => {
          globalThis.client = wasmqtt.connect(url, { worker });
          await client.ready;
        },
        broker.url,
        worker,
      );
      assert.deepEqual(await page.evaluate(() => phases(client)), all('connected'));
      const closed = await page.evaluate(async () => {
        await client.close();
        return phases(client);
      });
      // Or their code says so.
      assert.deepEqual(closed, all('closed'));
    },
  );
}

pageTest('a time-out, an abort and a listener that throws tell where the connection stood', async ({ page }) => {
  const seen = await page.evaluate(
    async (silent, mute) => {
      const wait = () => [{ timeout: 1 }, { signal: AbortSignal.abort() }];
      const phases = async (client) => {
        const errors = [];
        for (const options of wait()) {
          errors.push(await failure(client.publish('a', 'b', { qos: 1, ...options })));
          errors.push(await failure(client.request('a', 'b', options)));
          errors.push(await failure(client.subscribe('a', options).ready));
        }
        return errors.map(({ code, phase }) => `${code} ${phase}`);
      };
      const before = wasmqtt.connect(mute, { reconnect: false });
      await next(before, 'state', ({ state }) => state === 'connecting');
      const lines = { connecting: await phases(before) };
      const ready = failure(before.ready);
      await before.close();
      lines.ended = (await ready).phase;

      const client = wasmqtt.connect(silent, { protocol: 5 });
      await client.ready;
      lines.connected = await phases(client);
      const thrown = next(client, 'error');
      const fail = () => {
        throw new Error('listener');
      };
      client.on('state', fail, { once: true });
      const draining = client.close({ drain: 60_000 });
      lines.listener = (await thrown).phase;
      lines.closing = (await failure(client.publish('a', {}))).phase;
      const late = await failure(client.close({ timeout: 1, drain: 1 }));
      lines.late = `${late.code} ${late.phase}`;
      await client.close();
      await draining;
      return lines;
    },
    silent.url,
    mute.url,
  );
  const [code, more] = ['timeout', 'aborted'];
  const lines = (/** @type {string} */ phase) => [
    ...Array.from({ length: 3 }, () => `${code} ${phase}`),
    ...Array.from({ length: 3 }, () => `${more} ${phase}`),
  ];
  const { connecting, ...rest } = seen;
  for (const line of connecting) {
    assert.match(line, /^(timeout|aborted) (opening|connack)$/);
  }
  assert.deepEqual(rest, {
    ended: 'closed',
    connected: lines('connected'),
    listener: 'closing',
    closing: 'closing',
    late: 'timeout closing',
  });
});

pageTest('what a server refuses tells that the connection was up', async ({ page }) => {
  // The packet identifier follows a topic of one letter.
  const refusing = await startScripted((packet, send) => {
    if (packet[0] === 0x10) {
      send(CONNACK[5]);
    } else if (packet[0] === 0x32) {
      send([0x40, 3, ...packet.subarray(5, 7), 0x87]);
    }
  });
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { protocol: 5 });
    const { code, reasonCode, phase } = await failure(client.publish('a', 'b', { qos: 1 }));
    await client.close();
    return { code, reasonCode, phase };
  }, refusing.url);
  assert.deepEqual(seen, { code: 'refused', reasonCode: 0x87, phase: 'connected' });
});

pageTest('an error as JSON says all that it says, and no secret', async ({ page }) => {
  const { json, own, cause, text } = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { reconnect: false, username: 'someone', password: 'pa55word' });
    await client.ready;
    const refused = await client.publish('topic', { payload: 'pa55word' }).catch((error) => error);
    const failing = wasmqtt.connect(url, {
      auth: () => {
        throw Object.assign(new Error('token pa55word'), { token: 'pa55word' });
      },
    });
    const failed = await next(failing, 'error');
    await failing.close();
    await client.close();
    const closed = await client.publish('topic', 'pa55word').catch((error) => error);
    const ended = wasmqtt.connect('ftp://someone:pa55word@x');
    await ended.ready.catch(() => {});
    const because = await ended.publish('topic', 'pa55word').catch((error) => error);
    return {
      json: JSON.parse(JSON.stringify(refused)),
      own: JSON.parse(JSON.stringify([failed, closed])).map(({ code, message }) => [code, message]),
      cause: JSON.parse(JSON.stringify(because)).cause,
      text: JSON.stringify([refused, failed, closed, because]),
    };
  }, broker.url);
  assert.deepEqual(json, {
    name: 'MqttError',
    message: 'the payload must be text or bytes',
    code: 'invalid-argument',
    url: 'https://wasmqtt.github.io/wasmqtt/errors#invalid-argument',
    userProperties: [],
    phase: 'connected',
    retryable: false,
  });
  assert.deepEqual(own, [
    ['auth', 'the auth function failed'],
    ['closed', 'the client is closed'],
  ]);
  assert.equal(cause.code, 'invalid-argument');
  assert.match(cause.message, /ws:\/\//);
  assert.doesNotMatch(text, /pa55word|someone/);
});

pageTest('an error of the server as JSON has its reason', async ({ page }) => {
  const refusing = await startScripted((packet, send) => packet[0] === 0x10 && send([0x20, 3, 0, 0x87, 0]));
  const json = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { protocol: 5, reconnect: false });
    return JSON.parse(JSON.stringify(await client.ready.catch((error) => error)));
  }, refusing.url);
  assert.deepEqual([json.code, json.reasonCode, json.phase], ['auth', 0x87, 'connack']);
  assert.notEqual(json.message, '');
});

pageTest(
  'an attempt that fails says what is known of it for nothing, and who finds out more',
  async ({ page }) => {
    const closing = await startScripted((_packet, _send, socket) => socket.close());
    const [free] = await freePorts(1);
    const texts = await page.evaluate(
      async (closed, closing, mute) => {
        const text = async (url, options) => {
          const { message, stack, phase } = await failure(wasmqtt.connect(url, { reconnect: false, ...options }).ready);
          return [phase, message, stack.includes(message) || !stack.includes('MqttError:')];
        };
        const seen = [await text(closed), await text('ws://127.0.0.1:1883/')];
        seen.push(await text(closing, { protocol: 4 }), await text(mute, { connectTimeout: 2_000 }));
        Object.defineProperty(navigator, 'onLine', { get: () => false });
        return [...seen, await text(closed)];
      },
      `ws://127.0.0.1:${free}/`,
      closing.url,
      mute.url,
    );
    const doctor = 'wasmqtt/doctor tells why';
    assert.deepEqual(texts, [
      ['opening', `the WebSocket could not be opened: ${doctor}`, true],
      ['opening', `the WebSocket could not be opened (1883 and 8883 are the ports of MQTT over TCP): ${doctor}`, true],
      ['connack', `the connection was closed before CONNACK: ${doctor}`, true],
      ['connack', `the server did not accept the connection in time: ${doctor}`, true],
      ['opening', `the WebSocket could not be opened (the browser is offline): ${doctor}`, true],
    ]);
  },
  { allowed: [SOCKET_FAILED] },
);
