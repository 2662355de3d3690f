/**
 * MQTT in a WebSocket, as the browser has it: sub-protocol, kind and boundaries of messages, a socket that fails.
 * It does not know brokers: the server says in bytes what it answers.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { atEnd } from '../support/cleanup.mjs';
import { close, HOST, portOf } from '../support/net.mjs';
import { CONNACK } from '../support/scripted.mjs';

const { pageTest } = await startBrowser();

const VERSIONS = /** @type {const} */ ([
  [3, '3.1', 'mqttv3.1', CONNACK[4]],
  [4, '3.1.1', 'mqtt', CONNACK[4]],
  [5, '5.0', 'mqtt', CONNACK[5]],
]);
const THREE_AND_FIVE = VERSIONS.slice(1);

/** @typedef {{ bytes: Buffer, binary: boolean }} Received */

/**
 * @param {(bytes: Buffer, socket: import('ws').WebSocket) => void} answer to each message
 * @param {(offered: string[]) => string | false} [select] the sub-protocol
 */
async function start(answer, select = ([first]) => first ?? false) {
  const server = new WebSocketServer({ host: HOST, port: 0, handleProtocols: (offered) => select([...offered]) });
  /** @type {Received[]} */
  const received = [];
  /** @type {(string | undefined)[]} */
  const offers = [];
  /** @type {Promise<number>[]} */
  const closed = [];
  server.on('headers', (_, request) => offers.push(request.headers['sec-websocket-protocol']));
  server.on('connection', (socket) => {
    closed.push(once(socket, 'close').then(([code]) => code));
    socket.on('message', (data, binary) => {
      const bytes = /** @type {Buffer} */ (data);
      received.push({ bytes, binary });
      answer(bytes, socket);
    });
  });
  await once(server, 'listening');
  atEnd(async () => {
    for (const socket of server.clients) {
      socket.terminate();
    }
    await close(server);
  });
  return { url: `ws://${HOST}:${portOf(server)}/`, received, offers, closed };
}

/** @param {number[]} connack */
const polite = (connack) => (/** @type {Buffer} */ bytes, /** @type {import('ws').WebSocket} */ socket) => {
  const type = bytes[0] ?? 0;
  const [high = 0, low = 0] = bytes.subarray(2);
  const code = connack.length > 4 ? [0, 0] : [0];
  if (type === 0x10) {
    socket.send(Buffer.from(connack));
  } else if (type === 0x82) {
    socket.send(Buffer.from([0x90, 2 + code.length, high, low, ...code]));
  } else if (type === 0xc0) {
    socket.send(Buffer.from([0xd0, 0]));
  }
};

for (const [protocol, name, subprotocol, connack] of VERSIONS) {
  // [MQTT-6.0.0-1] [MQTT-6.0.0-3] (3.1.1), [MQTT-6.0.0-1] [MQTT-6.0.0-3] (5.0)
  // [case WSK-01]
  pageTest(`MQTT ${name}: the sub-protocol is offered alone, and every message is binary`, async ({ page }) => {
    const server = await start(polite(connack));
    await page.evaluate(
      async (url, protocol) => {
        const client = wasmqtt.connect(url, { protocol });
        await client.subscribe('a').ready;
        await client.publish('a', 'text');
        await client.ping();
        await client.close();
      },
      server.url,
      protocol,
    );
    assert.equal(await server.closed[0], 1000);
    assert.deepEqual(server.offers, [subprotocol]);
    assert.deepEqual(
      server.received.map(({ bytes }) => bytes[0]),
      [0x10, 0x82, 0x30, 0xc0, 0xe0],
    );
    assert.ok(server.received.every(({ binary }) => binary));
  });
}

for (const [protocol, name, , connack] of THREE_AND_FIVE) {
  // [MQTT-6.0.0-1] (3.1.1), [MQTT-6.0.0-1] (5.0)
  // [case WSK-04] [case WSK-05]
  pageTest(`MQTT ${name}: a text message ends the connection, though its characters are a packet`, async ({ page }) => {
    const early = await start((_, socket) => socket.send(Buffer.from(connack).toString('latin1')));
    const late = await start((bytes, socket) => {
      polite(connack)(bytes, socket);
      socket.send('\x30\x03\x00\x01a');
      socket.send(Buffer.from([0x30, 3, 0, 1, 0x61]));
    });
    const seen = await page.evaluate(
      async (urls, protocol) => {
        const seen = [];
        for (const url of urls) {
          const client = wasmqtt.connect(url, { protocol, reconnect: false });
          let messages = 0;
          client.on('message', () => messages++);
          const { code, phase } = await failure(client.closed);
          seen.push({ code, phase, messages });
        }
        return seen;
      },
      [early.url, late.url],
      protocol,
    );
    assert.deepEqual(seen, [
      { code: 'protocol-error', phase: 'connack', messages: 0 },
      { code: 'protocol-error', phase: 'connected', messages: 0 },
    ]);
    await Promise.all([...early.closed, ...late.closed]);
    assert.equal(early.received.length, 1);
    const sent = late.received.slice(1).map(({ bytes }) => bytes.toString('hex'));
    assert.deepEqual(sent, protocol === 5 ? ['e00182'] : []);
  });

  // [MQTT-6.0.0-2] (3.1.1), [MQTT-6.0.0-2] (5.0)
  // [case WSK-06] [case WSK-07] [case WSK-08] [case WSK-09] [case WSK-10] [case WSK-11]
  pageTest(`MQTT ${name}: packets are read however the messages cut them`, async ({ page }) => {
    const none = protocol === 5 ? [0] : [];
    const publish = [0x32, 7 + none.length, 0, 3, 0xe2, 0x82, 0xac, 0, 9, ...none];
    const stream = [...publish, ...publish, ...publish];
    const server = await start((bytes, socket) => {
      if (bytes[0] !== 0x10) {
        return;
      }
      for (const byte of connack) {
        socket.send(Buffer.from([byte]));
      }
      socket.send(Buffer.alloc(0));
      socket.send(Buffer.from(stream));
      for (const cut of stream.keys()) {
        socket.send(Buffer.from(stream.slice(0, cut)));
        socket.send(Buffer.from(stream.slice(cut)));
      }
    });
    const wanted = 3 * (stream.length + 1);
    const topics = await page.evaluate(
      async (url, protocol, wanted) => {
        const client = wasmqtt.connect(url, { protocol });
        const topics = new Map();
        let count = 0;
        await new Promise((resolve) => {
          client.on('message', (message) => {
            topics.set(message.topic, (topics.get(message.topic) ?? 0) + 1);
            if (++count === wanted) {
              resolve(undefined);
            }
          });
        });
        await client.close();
        return [...topics];
      },
      server.url,
      protocol,
      wanted,
    );
    assert.deepEqual(topics, [['€', wanted]]);
    await server.closed[0];
    const answers = Buffer.concat(server.received.slice(1).map(({ bytes }) => bytes)).toString('hex');
    assert.equal(answers, `${'40020009'.repeat(wanted)}e000`);
  });

  // [MQTT-6.0.0-4] [duty breach 6.0.0-4] (3.1.1), [MQTT-6.0.0-4] [duty breach 6.0.0-4] (5.0)
  // [case WSK-02] [case WSK-03]
  pageTest(
    `MQTT ${name}: a server that selects no sub-protocol, or another, gets no CONNECT`,
    async ({ page }) => {
      for (const selected of /** @type {const} */ ([false, 'soap', 'MQTT'])) {
        const server = await start(polite(connack), () => selected);
        const seen = await page.evaluate(
          async (url, protocol) => {
            const client = wasmqtt.connect(url, { protocol, reconnect: false });
            const { code, phase } = await failure(client.ready);
            return { code, phase };
          },
          server.url,
          protocol,
        );
        assert.deepEqual(seen, { code: 'connection-lost', phase: 'opening' }, String(selected));
        await Promise.all(server.closed);
        assert.deepEqual(server.received, [], String(selected));
      }
    },
    { allowed: [SOCKET_FAILED] },
  );
}

for (const [name, factory] of /** @type {const} */ ([
  ['of its own', false],
  ["of the application's", true],
])) {
  pageTest(
    `a socket ${name} that tells an error and nothing else, as WebKit's do, is not waited for`,
    async ({ page }) => {
      const seen = await page.evaluate(async (factory) => {
        // Mixed content, a port that is not for the web, a policy: it is CONNECTING still, and no `close` follows.
        class Refused extends WebSocket {
          constructor() {
            super('ws://127.0.0.1:1/');
            Object.defineProperty(this, 'readyState', { value: 0 });
            this.addEventListener('close', (event) => event.stopImmediatePropagation());
          }
        }
        globalThis.WebSocket = Refused;
        const websocket = factory ? { factory: () => new Refused() } : undefined;
        const { code, phase, retryable } = await failure(
          wasmqtt.connect('ws://broker.invalid/', { websocket, reconnect: false }).ready,
        );
        return { code, phase, retryable };
      }, factory);
      const code = factory ? 'connection-lost' : 'unsupported';
      assert.deepEqual(seen, { code, phase: 'opening', retryable: false });
    },
    { allowed: [SOCKET_FAILED] },
  );
}

// [MQTT-4.8.0-2] (3.1.1)
pageTest('an answer that the socket of the application does not take ends that connection', async ({ page }) => {
  const server = await start((bytes, socket) => {
    if (bytes[0] === 0x10) {
      socket.send(Buffer.from(CONNACK[4]));
      socket.send(Buffer.from([0x32, 5, 0, 1, 0x61, 0, 9]));
    }
  });
  const seen = await page.evaluate(async (url) => {
    let made = 0;
    const factory = (/** @type {string} */ url, /** @type {string[]} */ protocols) => {
      const socket = new WebSocket(url, protocols);
      const send = socket.send.bind(socket);
      made += 1;
      if (made === 1) {
        socket.send = (bytes) => {
          if (bytes[0] === 0x40) {
            throw new RangeError('not now');
          }
          send(bytes);
        };
      }
      return socket;
    };
    const client = wasmqtt.connect(url, { protocol: 4, websocket: { factory }, reconnect: { min: 1, max: 5 } });
    const lost = next(client, 'disconnect');
    const again = lost.then(() => next(client, 'message'));
    const { error, willRetry } = await lost;
    await again;
    await client.close();
    return { code: error.code, willRetry, made };
  }, server.url);
  assert.deepEqual(seen, { code: 'connection-lost', willRetry: true, made: 2 });
  assert.deepEqual(await Promise.all(server.closed), [1000, 1000]);
  const frames = server.received.map(({ bytes }) => bytes);
  assert.deepEqual([frames[0]?.[0], frames[1]?.[0]], [0x10, 0x10]);
  // In one frame or two, as the turns of the page fall.
  assert.deepEqual([...Buffer.concat(frames.slice(2))], [0x40, 2, 0, 9, 0xe0, 0]);
});

pageTest('an acknowledgement leaves with what the handler of the message publishes', async ({ page }) => {
  const server = await start((bytes, socket) => {
    if (bytes[0] === 0x10) {
      socket.send(Buffer.from(CONNACK[4]));
    } else if (bytes[0] === 0x82) {
      socket.send(Buffer.from([0x90, 3, bytes[2], bytes[3], 1]));
      socket.send(Buffer.from([0x32, 5, 0, 1, 0x61, 0, 9]));
    } else if (bytes[0] === 0xc0) {
      socket.send(Buffer.from([0xd0, 0]));
    }
  });
  await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { protocol: 4 });
    await new Promise((resolve) => {
      client.subscribe('a', () => resolve(client.publish('b', '')), { qos: 1 });
    });
    await client.ping();
    client.close();
  }, server.url);
  await Promise.all(server.closed);
  const frames = server.received.map(({ bytes }) => [...bytes]);
  assert.deepEqual(frames.slice(2, 3), [[0x40, 2, 0, 9, 0x30, 3, 0, 1, 0x62]]);
});

/** Has the page count the turns that are asked for, in `turns`, from `beginToCount` on. */
const countTurns = (/** @type {import('puppeteer-core').Page} */ page) =>
  page.evaluate(() => {
    const { postMessage } = MessagePort.prototype;
    MessagePort.prototype.postMessage = function (...given) {
      globalThis.turns++;
      return postMessage.apply(this, given);
    };
    globalThis.beginToCount = async () => {
      const { port1, port2 } = new MessageChannel();
      // What was asked for so far has come.
      await new Promise((resolve) => {
        port1.onmessage = resolve;
        port2.postMessage(null);
      });
      globalThis.turns = 0;
    };
  });

pageTest('an acknowledgement that is alone costs no task of its own', async ({ page }) => {
  await countTurns(page);
  const asked = polite(CONNACK[4]);
  const server = await start((bytes, socket) => {
    asked(bytes, socket);
    if (bytes[0] === 0x30) {
      socket.send(Buffer.from([0x32, 5, 0, 1, 0x61, 0, 9]));
    }
  });
  const turns = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { protocol: 4 });
    let heard;
    await client.subscribe('a', () => heard(), { qos: 1 }).ready;
    await client.ping();
    await beginToCount();
    await new Promise((resolve) => {
      heard = resolve;
      client.publish('b', '');
    });
    // The script ends.
    await null;
    const alone = turns;
    await client.close();
    return alone;
  }, server.url);
  assert.equal(turns, 0);
  await Promise.all(server.closed);
  const frames = server.received.map(({ bytes }) => [...bytes]);
  assert.deepEqual(frames.slice(-3), [
    [0x30, 3, 0, 1, 0x62],
    [0x40, 2, 0, 9],
    [0xe0, 0],
  ]);
});

pageTest('a publish that is alone costs no task of its own, a burst one', async ({ page }) => {
  await countTurns(page);
  const server = await start(polite(CONNACK[5]));
  const turns = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url);
    await client.ready;
    await client.ping();
    await beginToCount();
    await client.publish('a', 'alone');
    const alone = turns;
    await Promise.all(['first', 'second', 'third'].map((text) => client.publish('a', text)));
    await client.close();
    return [alone, turns > alone];
  }, server.url);
  assert.deepEqual(turns, [0, true]);
  await Promise.all(server.closed);
  const frames = server.received.map(({ bytes }) => bytes.toString('latin1').match(/alone|first|second|third/g));
  assert.deepEqual(
    frames.filter((texts) => texts),
    [['alone'], ['first'], ['second', 'third']],
  );
});

// [MQTT-1.5.3-1] [MQTT-3.1.3-4] [MQTT-3.1.3-10] [MQTT-3.1.3-11] [MQTT-3.8.3-1] (3.1.1)
pageTest('a lone surrogate is in no string of a packet', async ({ page }) => {
  const server = await start(polite(CONNACK[4]));
  const codes = await page.evaluate(async (url) => {
    const codes = [];
    const client = wasmqtt.connect(url, { protocol: 4 });
    await client.ready;
    for (const text of ['\ud800', 'a\udfff', '\ude00\ud83d']) {
      const will = { topic: text, payload: '' };
      const attempts = [
        () => client.publish(text, ''),
        () => client.subscribe(text).ready,
        () => wasmqtt.connect(url, { protocol: 4, clientId: text }).ready,
        () => wasmqtt.connect(url, { protocol: 4, will }).ready,
        () => wasmqtt.connect(url, { protocol: 4, username: text }).ready,
      ];
      for (const attempt of attempts) {
        codes.push((await failure((async () => attempt())())).code);
      }
    }
    await client.ping();
    await client.close();
    return codes;
  }, server.url);
  assert.deepEqual([...new Set(codes)], ['invalid-argument'], codes.join());
  assert.equal(codes.length, 15);
  await Promise.all(server.closed);
  assert.deepEqual(
    server.received.map(({ bytes }) => bytes[0]),
    [0x10, 0xc0, 0xe0],
  );
});
