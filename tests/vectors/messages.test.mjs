/**
 * Rows that only a browser's WebSocket can show: what its messages are and how they cut packets.
 * It does not know brokers: its servers say in bytes what they answer.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { startBrowser } from '../support/browser.mjs';
import { atEnd } from '../support/cleanup.mjs';
import { close, HOST, portOf } from '../support/net.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';
import { polite, publish, VERSIONS } from './support.mjs';

const { pageTest } = await startBrowser();

for (const protocol of VERSIONS) {
  const name = protocol === 5 ? 'MQTT 5.0' : 'MQTT 3.1.1';

  // [case WSK-04]
  pageTest(`${name}: text after CONNACK ends the connection, and what follows is not read`, async ({ page }) => {
    /** @type {Promise<unknown> | undefined} */
    let closed;
    const server = await startScripted((packet, send, socket) => {
      if (packet[0] === 0x10) {
        closed = once(socket, 'close');
        send(CONNACK[protocol]);
        socket.send('hi');
        socket.send(publish(protocol, [1]));
      }
    });
    const seen = await page.evaluate(
      async (url, protocol) => {
        const client = wasmqtt.connect(url, { protocol, reconnect: false });
        let messages = 0;
        client.on('message', () => messages++);
        const { code, phase } = await failure(client.closed);
        return { code, phase, messages };
      },
      server.url,
      protocol,
    );
    assert.deepEqual(seen, { code: 'protocol-error', phase: 'connected', messages: 0 });
    await closed;
    const rest = server.received.slice(1).map((bytes) => bytes.toString('hex'));
    assert.deepEqual(rest, protocol === 5 ? ['e00182'] : []);
  });

  // [case WSK-06] [case WSK-07] [case WSK-08]
  pageTest(`${name}: empty messages, a packet in bytes and three in one message`, async ({ page }) => {
    let bytes = Buffer.alloc(0);
    // Two PUBLISH of QoS 1 and a PINGREQ, in as many messages as the client likes.
    const wanted = protocol === 5 ? 20 : 18;
    const server = await startScripted((packet, send) => {
      if (packet[0] === 0x10) {
        for (const byte of CONNACK[protocol]) {
          send([]);
          send([byte]);
        }
        send([]);
        return;
      }
      bytes = Buffer.concat([bytes, packet]);
      if (bytes.length === wanted) {
        send([0xd0, 0, 0x40, 2, 0, 1, 0x40, 2, 0, 2]);
      }
    });
    const order = await page.evaluate(
      async (url, protocol) => {
        const client = wasmqtt.connect(url, { protocol, reconnect: false });
        let connects = 0;
        client.on('connect', () => connects++);
        await client.ready;
        const order = [];
        await Promise.all([
          client.publish('t', '1', { qos: 1 }).then(() => order.push('first')),
          client.publish('t', '2', { qos: 1 }).then(() => order.push('second')),
          client.ping().then(() => order.push('pong')),
        ]);
        await client.close();
        return [connects, ...order];
      },
      server.url,
      protocol,
    );
    assert.deepEqual(order, [1, 'pong', 'first', 'second']);
  });

  // [case WSK-09] [case WSK-10] [case WSK-11]
  pageTest(`${name}: what is half received waits for the rest`, async ({ page }) => {
    const euro = [0x30, 6, 0, 3, 0xe2, 0x82, 0xac, 0];
    const long = publish(protocol, Array(133 - (protocol === 5 ? 4 : 3)).fill(0x2e));
    assert.equal(long.subarray(0, 3).toString('hex'), '308501');
    /** Each is sent once the page has taken in the one before. */
    const pieces = [
      [0x40, 2, 0, 1, 0x40, 2],
      [0, 2],
      euro.slice(0, 5),
      euro.slice(5),
      euro.slice(0, 6),
      euro.slice(6),
      long.subarray(0, 2),
      long.subarray(2),
      [],
    ];
    const server = await startScripted((packet, send) => {
      if (packet[0] === 0x10) {
        send(CONNACK[protocol]);
      } else if (packet.includes('more')) {
        send(/** @type {number[]} */ (pieces.shift() ?? []));
      }
    });
    const events = await page.evaluate(
      async (url, protocol, count) => {
        const events = [];
        let end;
        const all = new Promise((resolve) => {
          end = resolve;
        });
        const factory = (/** @type {string} */ url, /** @type {string[]} */ protocols) => {
          const socket = new WebSocket(url, protocols);
          // Behind the listener of the client.
          queueMicrotask(() => {
            socket.addEventListener('message', () => {
              events.push('|');
              if (events.filter((event) => event === '|').length === count + 1) {
                end();
              } else {
                client.publish('more', '');
              }
            });
          });
          return socket;
        };
        const client = wasmqtt.connect(url, { protocol, reconnect: false, websocket: { factory } });
        client.on('message', (message) => events.push(`${message.topic} ${message.payload.length}`));
        client.publish('t', '1', { qos: 1 }).then(() => events.push('first'));
        client.publish('t', '2', { qos: 1 }).then(() => events.push('second'));
        await all;
        await client.close();
        return events.join(' ');
      },
      server.url,
      protocol,
      pieces.length,
    );
    const size = protocol === 5 ? 0 : 1;
    assert.equal(events, `| first | second | | € ${size} | | € ${size} | | t ${protocol === 5 ? 129 : 130} | |`);
  });

  // [case WSK-12]
  pageTest(`${name}: messages are buffers from the first on`, async ({ page }) => {
    const server = await startScripted(polite(protocol));
    const seen = await page.evaluate(
      async (url, protocol) => {
        const seen = [];
        const factory = (/** @type {string} */ url, /** @type {string[]} */ protocols) => {
          const socket = new WebSocket(url, protocols);
          const note = (/** @type {string} */ when) => seen.push([when, socket.binaryType]);
          note('made');
          socket.addEventListener('open', () => note('open'));
          socket.addEventListener('message', ({ data }) => seen.push(['message', data.constructor.name]));
          return socket;
        };
        const client = wasmqtt.connect(url, { protocol, websocket: { factory } });
        await client.ready;
        await client.ping();
        await client.close();
        return seen;
      },
      server.url,
      protocol,
    );
    assert.deepEqual(seen, [
      ['made', 'blob'],
      ['open', 'arraybuffer'],
      ['message', 'ArrayBuffer'],
      ['message', 'ArrayBuffer'],
    ]);
  });

  // [case WSK-13]
  pageTest(`${name}: a payload is a view on what arrived, and stays what it is`, async ({ page }) => {
    const server = await startScripted(
      polite(protocol, (packet, send) => {
        if (packet.includes('more')) {
          send(Buffer.concat([1, 2, 3].map((value) => publish(protocol, Array(130).fill(value)))));
          send(publish(protocol, Array(130).fill(4)));
        }
      }),
    );
    const seen = await page.evaluate(
      async (url, protocol) => {
        const buffers = [];
        const factory = (/** @type {string} */ url, /** @type {string[]} */ protocols) => {
          const socket = new WebSocket(url, protocols);
          socket.addEventListener('message', ({ data }) => buffers.push(data));
          return socket;
        };
        const client = wasmqtt.connect(url, { protocol, websocket: { factory } });
        await client.ready;
        const payloads = [];
        await new Promise((resolve) => {
          client.on('message', ({ payload }) => {
            payloads.push(payload);
            if (payloads.length === 1) {
              // While the two behind it in the same buffer are still to come.
              payload.fill(9);
            }
            if (payloads.length === 4) {
              resolve(undefined);
            }
          });
          client.publish('more', '');
        });
        // What the client does next is in none of them.
        await client.publish('t', new Uint8Array(1000).fill(7));
        await client.ping();
        await client.close();
        return {
          values: payloads.map((payload) => [...new Set(payload)].join()),
          lengths: payloads.map((payload) => payload.length),
          buffers: payloads.map((payload) => buffers.indexOf(payload.buffer)),
        };
      },
      server.url,
      protocol,
    );
    assert.deepEqual(seen, { values: ['9', '2', '3', '4'], lengths: [130, 130, 130, 130], buffers: [1, 1, 1, 2] });
  });

  // [case WSK-24]
  pageTest(`${name}: compression on the way is not seen, and limits count what is compressed`, async ({ page }) => {
    const server = new WebSocketServer({ host: HOST, port: 0, perMessageDeflate: { threshold: 0 } });
    let written = 0;
    /** @type {Buffer[]} */
    const received = [];
    /** @type {Promise<unknown> | undefined} */
    let closed;
    server.on('connection', (socket) => {
      closed = once(socket, 'close');
      const line = /** @type {any} */ (socket)._socket;
      socket.on('message', (data) => {
        const bytes = /** @type {Buffer} */ (data);
        received.push(bytes);
        if (bytes[0] === 0x10) {
          // Maximum Packet Size 5000.
          socket.send(Buffer.from(protocol === 5 ? [0x20, 8, 0, 0, 5, 0x27, 0, 0, 0x13, 0x88] : CONNACK[4]));
        } else {
          socket.send(publish(protocol, Array(4000).fill(0)));
          socket.send(publish(protocol, Array(6000).fill(0)), () => {
            written = line.bytesWritten;
          });
        }
      });
    });
    await once(server, 'listening');
    atEnd(async () => {
      for (const socket of server.clients) {
        socket.terminate();
      }
      await close(server);
    });
    const seen = await page.evaluate(
      async (url, protocol) => {
        let extensions = '';
        const factory = (/** @type {string} */ url, /** @type {string[]} */ protocols) => {
          const socket = new WebSocket(url, protocols);
          socket.addEventListener('open', () => {
            extensions = socket.extensions;
          });
          return socket;
        };
        const limits = protocol === 5 ? { maximumPacketSize: 5000 } : {};
        const client = wasmqtt.connect(url, { protocol, reconnect: false, websocket: { factory }, ...limits });
        const lengths = [];
        const ended = failure(client.closed);
        const two = new Promise((resolve) => {
          client.on('message', (message) => lengths.push(message.payload.length) === 2 && resolve('two'));
        });
        await client.ready;
        const result = (/** @type {Promise<unknown>} */ promise) =>
          promise.then(
            () => 'sent',
            (error) => error.code,
          );
        const large = protocol === 5 ? await result(client.publish('t', new Uint8Array(6000))) : 'too-large';
        const small = await result(client.publish('t', new Uint8Array(4000)));
        const end = protocol === 5 ? (await ended).code : await two;
        if (protocol !== 5) {
          await Promise.all([client.close(), ended.catch(() => {})]);
        }
        return { extensions, large, small, end, lengths };
      },
      `ws://${HOST}:${portOf(server)}/`,
      protocol,
    );
    assert.match(seen.extensions, /permessage-deflate/);
    assert.deepEqual([seen.large, seen.small], ['too-large', 'sent']);
    assert.deepEqual([seen.end, ...seen.lengths], protocol === 5 ? ['protocol-error', 4000] : ['two', 4000, 6000]);
    assert.ok(written < 2000, `${written} bytes on the line`);
    await closed;
    const [, sent, end] = received;
    assert.equal(sent?.length, protocol === 5 ? 4007 : 4006);
    assert.equal(end?.toString('hex'), protocol === 5 ? 'e00195' : 'e000');
  });
}
