/**
 * What passes through the browser's own WebSocket, as its server sees it: frames, the sub-protocol, text messages, and
 * strings that no bytes can say. It does not know brokers.
 */

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { WebSocketServer } from 'ws';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { atEnd } from '../support/cleanup.mjs';
import { close, HOST, portOf } from '../support/net.mjs';
import { CONNACK } from '../support/scripted.mjs';

const { pageTest } = await startBrowser();
const allowed = [SOCKET_FAILED];
const VERSIONS = /** @type {const} */ ([4, 5]);

/**
 * The types of the packets in a message; they are short ones.
 *
 * @param {Buffer} bytes
 */
function types(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; at += 2 + (bytes[at + 1] ?? 0)) {
    found.push((bytes[at] ?? 0) >> 4);
  }
  return found;
}

/**
 * A server that accepts every client and answers PINGREQ.
 *
 * @param {(offered: Set<string>) => string | false} [choose] the sub-protocol
 * @param {(socket: import('ws').WebSocket) => void} [greet] in place of CONNACK
 */
async function start(choose = (offered) => [...offered][0] ?? false, greet) {
  /** @type {string[][]} */
  const offers = [];
  /** @type {{ bytes: Buffer, binary: boolean }[]} */
  const received = [];
  const events = new EventEmitter();
  const server = new WebSocketServer({
    host: HOST,
    port: 0,
    handleProtocols: (offered) => {
      offers.push([...offered]);
      return choose(offered);
    },
  });
  server.on('connection', (socket) => {
    events.emit('open', socket);
    socket.on('message', (data, binary) => {
      const bytes = /** @type {Buffer} */ (data);
      received.push({ bytes, binary });
      if (bytes[0] === 0x10) {
        const version = bytes[8] === 5 ? 5 : 4;
        greet ? greet(socket) : socket.send(Buffer.from(CONNACK[version]));
      } else if (types(bytes).includes(12)) {
        socket.send(Buffer.from([0xd0, 0]));
      }
    });
    socket.once('close', (code) => events.emit('close', code));
  });
  await once(server, 'listening');
  atEnd(async () => {
    for (const socket of server.clients) {
      socket.terminate();
    }
    await close(server);
  });
  return { url: `ws://${HOST}:${portOf(server)}/`, offers, received, events };
}

/** [MQTT-6.0.0-1] (5.0), [MQTT-6.0.0-1] (3.1.1) */
pageTest('every message of the client is binary', async ({ page }) => {
  for (const protocol of VERSIONS) {
    const { url, received } = await start();
    await page.evaluate(
      async (url, protocol) => {
        const client = wasmqtt.connect(url, { protocol });
        client.subscribe('a', () => {});
        await client.publish('a', 'text');
        client.publish('a', 'text', { qos: 2 }).catch(() => {});
        await client.ping();
        await client.close();
      },
      url,
      protocol,
    );
    const bytes = Buffer.concat(received.map((message) => message.bytes));
    assert.ok(received.length > 1 && bytes.includes('text'));
    assert.deepEqual([...new Set(received.map(({ binary }) => binary))], [true]);
  }
});

/** [MQTT-6.0.0-1] (5.0), [MQTT-6.0.0-1] (3.1.1) */
pageTest('a text message ends the connection, before CONNACK and after', async ({ page }) => {
  for (const protocol of VERSIONS) {
    // It would be a CONNACK if it were binary.
    const text = String.fromCharCode(...CONNACK[protocol]);
    const early = await start(undefined, (socket) => socket.send(text));
    const late = await start(undefined, (socket) => {
      socket.send(Buffer.from(CONNACK[protocol]));
      socket.send('hi');
    });
    for (const { url, events } of [early, late]) {
      const closed = once(events, 'close');
      const codes = await page.evaluate(
        async (url, protocol) => {
          const client = wasmqtt.connect(url, { protocol, reconnect: false });
          client.ready.catch(() => {});
          const { error } = await next(client, 'close');
          return [error.code, client.stats().messagesReceived];
        },
        url,
        protocol,
      );
      assert.deepEqual(codes, ['protocol-error', 0]);
      await closed;
    }
  }
});

/** [MQTT-6.0.0-2] (5.0), [MQTT-6.0.0-2] (3.1.1) */
pageTest('packets come out the same however they are cut into messages', async ({ page }) => {
  for (const protocol of VERSIONS) {
    const properties = protocol === 5 ? [0] : [];
    const body = (/** @type {string} */ payload) => [0, 3, 0xe2, 0x82, 0xac, ...properties, ...Buffer.from(payload)];
    const publish = (/** @type {string} */ payload) => [0x30, body(payload).length, ...body(payload)];
    const long = 'x'.repeat(120);
    const stream = [...CONNACK[protocol], ...publish('one'), ...publish('two'), ...publish(long), ...publish('')];
    const cuts = [1, 2, 3, 7, 50, stream.length].map((size) => {
      const parts = [];
      for (let at = 0; at < stream.length; at += size) {
        parts.push(stream.slice(at, at + size), []);
      }
      return parts;
    });
    // One packet and a half, and the other half.
    const middle = CONNACK[protocol].length + publish('one').length + 4;
    cuts.push([stream.slice(0, middle), stream.slice(middle)]);
    for (const parts of cuts) {
      const { url } = await start(undefined, (socket) => {
        for (const part of parts) {
          socket.send(Buffer.from(part));
        }
      });
      const messages = await page.evaluate(
        async (url, protocol) => {
          const client = wasmqtt.connect(url, { protocol });
          const inbox = collect(client, '#');
          inbox.ready.catch(() => {});
          const messages = await inbox.count(4);
          await client.close();
          return messages.map((message) => [message.topic, message.text()]);
        },
        url,
        protocol,
      );
      const expected = ['one', 'two', long, ''].map((payload) => ['€', payload]);
      assert.deepEqual(messages, expected, `in ${parts.length} messages`);
    }
  }
});

/** [MQTT-6.0.0-3] (5.0), [MQTT-6.0.0-3] (3.1.1) */
pageTest('the client offers the sub-protocol mqtt', async ({ page }) => {
  const { url, offers } = await start();
  await page.evaluate(
    async (url, versions) => {
      for (const protocol of versions) {
        const client = wasmqtt.connect(url, { protocol });
        await client.ready;
        await client.close();
      }
    },
    url,
    VERSIONS,
  );
  assert.deepEqual(offers, [['mqtt'], ['mqtt']]);
});

/** [duty breach 6.0.0-4] (5.0) */
pageTest(
  'a server that chooses no sub-protocol, or another one, gets no CONNECT',
  async ({ page }) => {
    for (const choice of [/** @type {const} */ (false), 'other']) {
      const { url, received, offers } = await start(() => choice);
      const error = await page.evaluate(async (url) => {
        const { ready } = wasmqtt.connect(url, { protocol: 5, reconnect: false });
        const { code, phase } = await failure(ready);
        return { code, phase };
      }, url);
      assert.deepEqual(error, { code: 'connection-lost', phase: 'opening' });
      assert.deepEqual([offers.length, received.length], [1, 0]);
    }
  },
  { allowed },
);

/** [MQTT-1.5.4-1] [MQTT-1.5.7-1] [MQTT-3.1.3-4] [MQTT-3.1.3-11] [MQTT-3.1.3-12] [MQTT-3.8.3-1] (5.0) */
/** [MQTT-3.3.2-1] [MQTT-3.3.2-13] [MQTT-3.3.2-19] [MQTT-3.10.3-1] (5.0) */
pageTest('a lone surrogate is refused wherever a string goes to the server', async ({ page }) => {
  const { url, received } = await start();
  const codes = await page.evaluate(async (url) => {
    const lone = 'a\ud800';
    const connects = [
      { clientId: lone },
      { username: lone },
      { will: { topic: lone } },
      { will: { topic: 'w', contentType: lone } },
      { userProperties: [['k', lone]] },
      { userProperties: [[lone, 'v']] },
    ];
    const refused = connects.map((options) => failure(wasmqtt.connect(url, options).ready));
    const client = wasmqtt.connect(url);
    await client.ready;
    refused.push(
      failure(client.publish(lone, 'x')),
      failure(client.publish('a', 'x', { contentType: lone })),
      failure(client.publish('a', 'x', { responseTopic: lone })),
      failure(client.publish('a', 'x', { userProperties: [['k', lone]] })),
      failure(client.subscribe(lone).ready),
    );
    const codes = (await Promise.all(refused)).map(({ code }) => code);
    await client.ping();
    await client.close();
    return codes;
  }, url);
  assert.deepEqual(codes, Array(11).fill('invalid-argument'));
  const sent = received.flatMap(({ bytes }) => types(bytes));
  assert.deepEqual(sent, [1, 12, 14], 'CONNECT of the last client, its ping and its end');
});
