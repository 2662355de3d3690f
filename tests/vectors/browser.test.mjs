/**
 * Edge cases that only a browser's WebSocket has: how it ends, what it holds back, what it says and does not say.
 * It does not know the rows that tests elsewhere prove.
 */

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { atEnd } from '../support/cleanup.mjs';
import { close, HOST, listen, portOf } from '../support/net.mjs';
import { CONNACK } from '../support/scripted.mjs';

const { pageTest } = await startBrowser();
const allowed = [SOCKET_FAILED, /^WebSocket is already in CLOSING or CLOSED state/];

/**
 * A server that accepts and answers pings; `answer` sees each message.
 *
 * @param {4 | 5} protocol
 * @param {(bytes: Buffer, socket: import('ws').WebSocket) => void} [answer]
 * @param {import('ws').ServerOptions} [options]
 */
async function start(protocol, answer = () => {}, options = {}) {
  const server = new WebSocketServer({ host: HOST, port: 0, handleProtocols: () => 'mqtt', ...options });
  /** @type {import('ws').WebSocket[]} */
  const sockets = [];
  /** @type {Buffer[]} */
  const received = [];
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('message', (data) => {
      const bytes = /** @type {Buffer} */ (data);
      received.push(bytes);
      if (bytes[0] === 0x10) {
        socket.send(Buffer.from(CONNACK[protocol]));
      } else if (bytes[0] === 0xc0) {
        socket.send(Buffer.from([0xd0, 0]));
      } else if ((bytes[0] ?? 0) >> 4 === 3 && (bytes[0] ?? 0) & 2) {
        const at = 4 + bytes.readUInt16BE(2);
        socket.send(Buffer.from([0x40, 2, ...bytes.subarray(at, at + 2)]));
      }
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
  return { url: `ws://${HOST}:${portOf(server)}/`, sockets, received };
}

/** A PUBLISH of QoS 0 to `a`. */
const publish = (/** @type {number} */ protocol, /** @type {string} */ text) => {
  const body = [0, 1, 0x61, ...(protocol === 5 ? [0] : []), ...Buffer.from(text)];
  return Buffer.from([0x30, body.length, ...body]);
};

for (const protocol of /** @type {const} */ ([4, 5])) {
  // [case WSK-12] [case WSK-13]
  pageTest(`messages come as buffers, and a payload is its owner's (protocol ${protocol})`, async ({ page }) => {
    const both = Buffer.concat([publish(protocol, 'one'), publish(protocol, 'two')]);
    const server = await start(protocol, (bytes, socket) => bytes[0] === 0x10 && socket.send(both));
    const seen = await page.evaluate(
      async (url, protocol) => {
        const kinds = [];
        const factory = (url, protocols) => {
          const socket = new WebSocket(url, protocols);
          socket.addEventListener('message', ({ data }) => kinds.push(data.constructor.name));
          return socket;
        };
        const client = wasmqtt.connect(url, { protocol, websocket: { factory } });
        const payloads = [];
        await new Promise((resolve) => {
          client.on('message', ({ detail }) => {
            payloads.push(detail.payload);
            // What one owner does to its payload is not seen by another message.
            if (payloads.length === 1) {
              detail.payload.fill(0);
            } else {
              resolve(undefined);
            }
          });
        });
        await client.close();
        return { kinds, texts: payloads.map((payload) => new TextDecoder().decode(payload)) };
      },
      server.url,
      protocol,
    );
    assert.deepEqual([...new Set(seen.kinds)], ['ArrayBuffer']);
    assert.deepEqual(seen.texts, ['\0\0\0', 'two']);
  });

  // [case WSK-14] [case WSK-15] [case WSK-16] [case WSK-17]
  pageTest(
    `however a socket ends, it is told once, with its code, and half a packet is none (protocol ${protocol})`,
    async ({ page }) => {
      for (const code of [1002, 1003, 1009, 1006]) {
        const server = await start(protocol, (bytes, socket) => {
          if (bytes[0] === 0x10) {
            socket.send(Buffer.from([0x30, 10, 0]), () =>
              code === 1006 ? socket.terminate() : socket.close(code, 'so'),
            );
          }
        });
        const seen = await page.evaluate(
          async (url, protocol) => {
            const client = wasmqtt.connect(url, { protocol, reconnect: { min: 60_000 } });
            const lines = diary(client);
            let messages = 0;
            client.on('message', () => messages++);
            const { error, willRetry } = await next(client, 'disconnect');
            const state = client.state;
            await client.close();
            const ends = lines.filter(([type]) => type === 'disconnect').length;
            return { code: error.code, close: error.close, willRetry, ends, messages, state };
          },
          server.url,
          protocol,
        );
        const clean = code !== 1006;
        assert.deepEqual(seen.close, { code, reason: clean ? 'so' : '', wasClean: clean });
        assert.deepEqual([seen.code, seen.willRetry, seen.ends, seen.messages], ['connection-lost', true, 1, 0]);
      }
    },
    { allowed },
  );

  // [case WSK-18] [case WSK-21] [case WSK-22]
  pageTest(
    `a socket that never opens is one refusal, and no CONNECT is written (protocol ${protocol})`,
    async ({ page }) => {
      const http = createServer();
      http.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n'));
      await listen(http);
      atEnd(() => close(http));
      const gone = createServer();
      await listen(gone);
      const nobody = portOf(gone);
      await close(gone);
      const urls = [`ws://${HOST}:${portOf(http)}/`, `ws://${HOST}:${nobody}/`];
      const seen = await page.evaluate(
        async (urls, protocol) => {
          const ended = async (url, websocket) => {
            const client = wasmqtt.connect(url, { protocol, reconnect: false, ...(websocket && { websocket }) });
            const lines = diary(client);
            const { code, phase, close } = await failure(client.closed);
            const { packetsSent } = client.stats();
            return [code, phase, close?.code, packetsSent, lines.filter(([type]) => type === 'disconnect').length];
          };
          const insecure = () => {
            throw new DOMException('an insecure connection from a secure page', 'SecurityError');
          };
          return [await ended(urls[0]), await ended(urls[1]), await ended(urls[0], { factory: insecure })];
        },
        urls,
        protocol,
      );
      assert.deepEqual(seen, Array(3).fill(['connection-lost', 'opening', 1006, 0, 1]));
    },
    { allowed },
  );

  // [case WSK-19]
  pageTest(
    `what is sent to a socket that is closing is sent again (protocol ${protocol})`,
    async ({ page }) => {
      const server = await start(protocol);
      const result = await page.evaluate(
        async (url, protocol) => {
          const sockets = [];
          const factory = (url, protocols) => {
            sockets.push(new WebSocket(url, protocols));
            return sockets.at(-1);
          };
          const client = wasmqtt.connect(url, { protocol, websocket: { factory }, reconnect: { min: 1, max: 5 } });
          await client.ready;
          sockets[0].close();
          const { qos } = await client.publish('late', 'x', { qos: 1 });
          await client.close();
          return { qos, sockets: sockets.length };
        },
        server.url,
        protocol,
      );
      assert.deepEqual(result, { qos: 1, sockets: 2 });
      const publishes = server.received.filter((bytes) => (bytes[0] ?? 0) >> 4 === 3);
      assert.equal(publishes.length, 1, 'the server has seen it once');
    },
    { allowed },
  );

  // [case WSK-20]
  pageTest(`a socket that is full gets no more (protocol ${protocol})`, async ({ page }) => {
    const server = await start(protocol);
    const seen = await page.evaluate(
      async (url, protocol) => {
        let held = true;
        let sent = 0;
        const factory = (url, protocols) => {
          const socket = new WebSocket(url, protocols);
          const send = socket.send.bind(socket);
          socket.send = (bytes) => {
            sent += bytes.byteLength;
            send(bytes);
          };
          Object.defineProperty(socket, 'bufferedAmount', { get: () => (held ? sent : 0) });
          return socket;
        };
        const client = wasmqtt.connect(url, { protocol, websocket: { factory } });
        await client.ready;
        const payload = new Uint8Array(60_000);
        const all = Array.from({ length: 100 }, () => client.publish('a', payload));
        await all[10];
        await client.stats();
        const while_full = { sent, waits: client.stats().queued };
        held = false;
        await Promise.all(all);
        await client.close();
        return { ...while_full, total: sent };
      },
      server.url,
      protocol,
    );
    assert.ok(seen.sent < 1_200_000, `${seen.sent} bytes were handed over`);
    assert.ok(seen.waits > 70 && seen.total > 6_000_000);
  });

  // [case WSK-23]
  pageTest(`pings of the WebSocket are the browser's own (protocol ${protocol})`, async ({ page }) => {
    const events = new EventEmitter();
    const [pong, pingreq] = [once(events, 'pong'), once(events, 'pingreq')];
    const server = await start(protocol, (bytes, socket) => {
      if (bytes[0] === 0x10) {
        socket.once('pong', () => events.emit('pong'));
        socket.ping();
      } else if (bytes[0] === 0xc0) {
        events.emit('pingreq');
      }
    });
    await page.evaluate(
      async (url, protocol) => {
        globalThis.client = wasmqtt.connect(url, { protocol, keepAlive: 1 });
        await client.ready;
      },
      server.url,
      protocol,
    );
    await Promise.all([pong, pingreq]);
    await page.evaluate(() => client.close());
  });

  // [case WSK-24]
  pageTest(`compression is the browser's own, and sizes are those of MQTT (protocol ${protocol})`, async ({ page }) => {
    const text = 'x'.repeat(100);
    const large = Buffer.concat([Buffer.from([0x30, 0x80, 0x20, 0, 1, 0x61, ...(protocol === 5 ? [0] : [])])]);
    const padded = Buffer.concat([large, Buffer.alloc(4096 - (large.length - 3), 0x78)]);
    const server = await start(
      protocol,
      (bytes, socket) => {
        if (bytes[0] === 0x10) {
          socket.send(publish(protocol, text));
          socket.send(padded);
        }
      },
      { perMessageDeflate: { threshold: 0 } },
    );
    const seen = await page.evaluate(
      async (url, protocol) => {
        const client = wasmqtt.connect(url, { protocol, maximumPacketSize: 1000, reconnect: false });
        const texts = [];
        client.on('message', ({ detail }) => texts.push(detail.text()));
        const { code, reasonCode } = await failure(client.closed);
        return { texts, code, reasonCode };
      },
      server.url,
      protocol,
    );
    assert.match(server.sockets[0]?.extensions ?? '', /permessage-deflate/);
    assert.deepEqual(seen, { texts: [text], code: 'protocol-error', reasonCode: 0x95 });
  });
}
