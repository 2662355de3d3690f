/**
 * The rows of the tables beside this file that only a browser can show: its WebSocket, and values of JavaScript.
 * It does not know brokers: its servers say in bytes what they answer.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createLineServer } from 'node:net';
import { WebSocketServer } from 'ws';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { makeCertificates } from '../support/certificates.mjs';
import { atEnd } from '../support/cleanup.mjs';
import { close, freePorts, HOST, listen, portOf } from '../support/net.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const VERSIONS = /** @type {const} */ ([4, 5]);
const ABNORMAL = { code: 1006, reason: '', wasClean: false };

const tls = await makeCertificates();
const { pageTest, site } = await startBrowser({ args: [`--ignore-certificate-errors-spki-list=${tls.fingerprint}`] });
const allowed = [SOCKET_FAILED];

/** @typedef {(bytes: number[] | Buffer) => void} Send */

/**
 * Lets everybody in and answers pings; `more` answers the rest.
 *
 * @param {4 | 5} protocol
 * @param {(packet: Buffer, send: Send) => void} [more]
 */
const polite =
  (protocol, more = () => {}) =>
  (/** @type {Buffer} */ packet, /** @type {Send} */ send) => {
    if (packet[0] === 0x10) {
      send(CONNACK[protocol]);
    } else if (packet[0] === 0xc0) {
      send([0xd0, 0]);
    } else {
      more(packet, send);
    }
  };

/**
 * PUBLISH without properties.
 *
 * @param {4 | 5} protocol
 * @param {number[]} payload
 */
const publish = (protocol, payload) => {
  const rest = [0, 1, 0x74, ...(protocol === 5 ? [0] : []), ...payload];
  const length = rest.length < 128 ? [rest.length] : [(rest.length & 127) | 128, rest.length >> 7];
  return Buffer.from([0x30, ...length, ...rest]);
};

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
        client.on('message', ({ detail }) => events.push(`${detail.topic} ${detail.payload.length}`));
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
          client.on('message', ({ detail: { payload } }) => {
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

  // [case WSK-14] [case WSK-15]
  pageTest(
    `${name}: half a packet is forgotten with its connection, however that ends`,
    async ({ page }) => {
      let connections = 0;
      const server = await startScripted((packet, send, socket) => {
        if (packet[0] !== 0x10) {
          return;
        }
        connections++;
        send(CONNACK[protocol]);
        if (connections === 1) {
          send([0x30, 0x0a, 0]);
          socket.close(1001, 'going');
        } else if (connections === 2) {
          socket.send(Buffer.from([0x30, 0x0a, 0]), () => socket.terminate());
        } else {
          send(publish(protocol, [0x78]));
        }
      });
      const seen = await page.evaluate(
        async (url, protocol) => {
          const client = wasmqtt.connect(url, { protocol, reconnect: { min: 1, max: 5 } });
          const losses = [];
          client.on('disconnect', ({ detail: { error, willRetry } }) => {
            losses.push({ code: error.code, close: { ...error.close }, willRetry });
          });
          const messages = [];
          await new Promise((resolve) => {
            client.on('message', ({ detail }) => {
              messages.push(`${detail.topic} ${detail.text()}`);
              resolve(undefined);
            });
          });
          await client.close();
          return { losses, messages };
        },
        server.url,
        protocol,
      );
      const lost = (/** @type {object} */ close) => ({ code: 'connection-lost', close, willRetry: true });
      assert.deepEqual(seen.losses, [lost({ code: 1001, reason: 'going', wasClean: true }), lost(ABNORMAL)]);
      assert.deepEqual(seen.messages, ['t x']);
    },
    { allowed },
  );

  // [case WSK-16]
  pageTest(`${name}: the server's verdict on the data is told, and not asked for in a hurry`, async ({ page }) => {
    const verdicts = [1002, 1003, 1009];
    const server = await startScripted((packet, send, socket) => {
      if (packet[0] === 0x10) {
        send(CONNACK[protocol]);
        const verdict = verdicts.shift();
        if (verdict) {
          socket.close(verdict, `verdict ${verdict}`);
        }
      }
    });
    const losses = await page.evaluate(
      async (url, protocol) => {
        const client = wasmqtt.connect(url, { protocol, reconnect: { min: 20, max: 10_000, jitter: 'none' } });
        const losses = [];
        await new Promise((resolve) => {
          let connects = 0;
          client.on('disconnect', ({ detail: { error, retryIn } }) => {
            losses.push([error.code, error.close.code, error.close.reason, retryIn]);
          });
          client.on('connect', () => ++connects === 4 && resolve(undefined));
        });
        await client.close();
        return losses;
      },
      server.url,
      protocol,
    );
    assert.deepEqual(losses, [
      ['connection-lost', 1002, 'verdict 1002', 20],
      ['connection-lost', 1003, 'verdict 1003', 40],
      ['connection-lost', 1009, 'verdict 1009', 80],
    ]);
  });

  // [case WSK-17] [case WSK-18]
  pageTest(
    `${name}: error and close are one failure, also before open`,
    async ({ page }) => {
      const early = createLineServer((socket) => {
        socket.on('error', () => socket.destroy());
        // The request of the handshake.
        socket.once('data', () => socket.destroy());
      });
      atEnd(() => close(early));
      await listen(early);
      // A reserved kind of frame: the browser fails the connection.
      const late = await startScripted((packet, send, socket) => {
        if (packet[0] === 0x10) {
          send(CONNACK[protocol]);
          /** @type {any} */ (socket)._socket.write(Buffer.from([0x83, 0]));
        }
      });
      const urls = [`ws://${HOST}:${portOf(early)}/`, late.url];
      const seen = await page.evaluate(
        async (urls, protocol) => {
          const seen = [];
          for (const url of urls) {
            const events = [];
            let sent = 0;
            const factory = (/** @type {string} */ url, /** @type {string[]} */ protocols) => {
              const socket = new WebSocket(url, protocols);
              for (const type of ['open', 'error', 'close']) {
                socket.addEventListener(type, () => events.push(type));
              }
              const send = socket.send.bind(socket);
              socket.send = (bytes) => {
                sent++;
                send(bytes);
              };
              return socket;
            };
            const client = wasmqtt.connect(url, { protocol, reconnect: false, websocket: { factory } });
            const lines = diary(client);
            const ready = client.ready.then(
              () => 'ready',
              (error) => error.code,
            );
            const { code, phase, close } = await failure(client.closed);
            seen.push({
              events,
              sent,
              ready: await ready,
              code,
              phase,
              close: { ...close },
              lines: lines.filter(([type]) => type !== 'state'),
            });
          }
          return seen;
        },
        urls,
        protocol,
      );
      const lost = { code: 'connection-lost', close: ABNORMAL };
      const ends = [
        ['disconnect', 'connection-lost', false],
        ['close', 'connection-lost'],
      ];
      assert.deepEqual(seen, [
        { events: ['error', 'close'], sent: 0, ready: 'connection-lost', phase: 'opening', lines: ends, ...lost },
        {
          events: ['open', 'error', 'close'],
          sent: 1,
          ready: 'ready',
          phase: 'connected',
          lines: [['connect', false], ...ends],
          ...lost,
        },
      ]);
    },
    { allowed },
  );

  for (const qos of /** @type {const} */ ([0, 1])) {
    // [case WSK-19]
    pageTest(
      `${name}: what is published while the socket closes is not lost and called sent (QoS ${qos})`,
      async ({ page }) => {
        const server = await startScripted(
          polite(protocol, (packet, send) => {
            const at = packet.indexOf('late');
            if (qos > 0 && at >= 0) {
              send([0x40, 2, packet[at + 4] ?? 0, packet[at + 5] ?? 0]);
            }
          }),
        );
        const seen = await page.evaluate(
          async (url, protocol, qos) => {
            const sockets = [];
            const factory = (/** @type {string} */ url, /** @type {string[]} */ protocols) => {
              const socket = new WebSocket(url, protocols);
              sockets.push(socket);
              return socket;
            };
            const client = wasmqtt.connect(url, { protocol, websocket: { factory }, reconnect: { min: 1, max: 5 } });
            await client.ready;
            const back = next(client, 'connect');
            sockets[0].close(4000);
            const closing = sockets[0].readyState === WebSocket.CLOSING;
            const result = client.publish('late', '', { qos }).then(
              () => 'sent',
              (error) => error.code,
            );
            await back;
            const told = await result;
            await client.ping();
            await client.close();
            return { closing, told, sockets: sockets.length };
          },
          server.url,
          protocol,
          qos,
        );
        const arrived = server.received.filter((packet) => packet.includes('late')).length;
        assert.deepEqual([seen.closing, seen.sockets], [true, 2]);
        if (qos === 1) {
          assert.equal(seen.told, 'sent');
        }
        assert.equal(arrived, seen.told === 'sent' ? 1 : 0, `told: ${seen.told}`);
      },
      // What Chromium writes where bytes are dropped.
      { allowed: [/^WebSocket is already in CLOSING or CLOSED state/] },
    );
  }

  // [case WSK-20]
  pageTest(`${name}: a socket that sends nothing is given about 1 MiB`, async ({ page }) => {
    const seen = await page.evaluate(
      async (connack, protocol) => {
        let handed = 0;
        let looks = 0;
        let queued = false;
        let full;
        const looked = new Promise((resolve) => {
          full = resolve;
        });
        let slow = true;
        const socket = {
          binaryType: 'blob',
          readyState: 1,
          get bufferedAmount() {
            if (slow && queued && ++looks === 5) {
              full();
            }
            return slow ? handed : 0;
          },
          send(bytes) {
            if (bytes[0] === 0x10) {
              queueMicrotask(() => this.onmessage({ data: new Uint8Array(connack).buffer }));
            } else {
              handed += bytes.length;
            }
          },
          close(code, reason) {
            queueMicrotask(() => this.onclose?.(new CloseEvent('close', { code, reason, wasClean: true })));
          },
          onopen: null,
          onmessage: null,
          onclose: null,
        };
        const client = wasmqtt.connect('ws://slow.invalid/', {
          protocol,
          reconnect: false,
          websocket: { factory: () => socket },
        });
        await client.ready;
        const payload = new Uint8Array(10_000);
        let resolved = 0;
        const sent = [];
        for (let count = 0; count < 400; count++) {
          sent.push(client.publish('t', payload).then(() => resolved++));
          client.publish('t', payload, { qos: 1 }).catch(() => {});
        }
        // Looked at again and again from now on, and nothing more is handed over.
        queued = true;
        await looked;
        const held = { handed, resolved };
        slow = false;
        await Promise.all(sent);
        const all = handed;
        await client.close();
        return { held, all };
      },
      CONNACK[protocol],
      protocol,
    );
    const { handed, resolved } = seen.held;
    assert.ok(handed > 1_000_000 && handed <= (1 << 20) + (80 << 10), `${handed} bytes were handed over`);
    assert.ok(resolved * 10_000 <= handed, `${resolved} are told to be sent in ${handed} bytes`);
    assert.ok(seen.all >= 799 * 10_000, `${seen.all} bytes went on their way in the end`);
  });

  // [case WSK-21]
  pageTest(
    `${name}: who is turned away by HTTP is told no more than the browser knows`,
    async ({ page }) => {
      const statuses = [401, 403, 404];
      const server = createServer();
      server.on('upgrade', (_, socket) => {
        socket.end(`HTTP/1.1 ${statuses.shift()} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      });
      atEnd(() => close(server));
      await listen(server);
      const [nobody = 0] = await freePorts(1);
      const url = `ws://${HOST}:${portOf(server)}/`;
      const errors = await page.evaluate(
        async (urls, protocol) => {
          const errors = [];
          for (const url of urls) {
            const { code, message, phase, reasonCode, close } = await failure(
              wasmqtt.connect(url, { protocol, reconnect: false }).ready,
            );
            errors.push({ code, message, phase, reasonCode, close: { ...close } });
          }
          return errors;
        },
        [url, url, url, `ws://${HOST}:${nobody}/`],
        protocol,
      );
      assert.deepEqual(statuses, []);
      const [error] = errors;
      assert.ok(error);
      const { message, ...rest } = error;
      assert.deepEqual(rest, { code: 'connection-lost', phase: 'opening', close: ABNORMAL });
      assert.doesNotMatch(message, /40[134]|auth|forbidden|denied|password|refused|not found/i);
      assert.deepEqual(errors, Array(4).fill(error));
    },
    { allowed },
  );

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
          client.on('message', ({ detail }) => lengths.push(detail.payload.length) === 2 && resolve('two'));
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

  // [case ENC-04] [case ENC-06] [case ENC-18] [case ENC-25] [case ENC-26] [case ENC-34] [case ENC-37]
  pageTest(`${name}: values that only JavaScript has are refused before a byte is written`, async ({ page }) => {
    const server = await startScripted(polite(protocol));
    const connects = [
      ...['clientId', 'username', 'password'].map((option) => `{ ${option}: "\\ud800" }`),
      '{ will: { topic: "\\ud800" } }',
      '{ will: { topic: "w", payload: "\\ud800" } }',
      ...['3', '-1', '0.5', '"1"', 'NaN'].map((qos) => `{ will: { topic: "w", qos: ${qos} } }`),
      ...['65536', '-1', '0.5', 'NaN', 'Infinity', '"60"'].map((keepAlive) => `{ keepAlive: ${keepAlive} }`),
    ];
    const requests = [
      'publish("\\ud800", "x")',
      'publish("a", "\\ud800")',
      'subscribe("\\ud800").ready',
      ...['3', '-1', '0.5', '"1"', 'NaN'].flatMap((qos) => [
        `publish("a", "x", { qos: ${qos} })`,
        `subscribe("a", { qos: ${qos} }).ready`,
      ]),
    ];
    if (protocol === 5) {
      const bad = ['"\\ud800"', '"a\\udfff"', '"\\ude00\\ud83d"', '"\\0"', '1', 'null'];
      const outside = ['-1', '2 ** 32', '0.5', 'NaN', '"1"'];
      connects.push(
        ...bad.map((text) => `{ userProperties: [[${text}, "v"]] }`),
        ...bad.map((text) => `{ will: { topic: "w", userProperties: [[${text}, "v"]] } }`),
        ...outside.map((expiry) => `{ will: { topic: "w", expiry: ${expiry} } }`),
      );
      requests.push(
        ...bad.flatMap((text) => [
          `publish("a", "x", { userProperties: [[${text}, "v"]] })`,
          `subscribe("a", { userProperties: [[${text}, "v"]] }).ready`,
        ]),
        ...outside.map((expiry) => `publish("a", "x", { expiry: ${expiry} })`),
        ...['3', '-1', '0.5', '"1"'].map((handling) => `subscribe("a", { retainHandling: ${handling} }).ready`),
      );
    }
    await page.evaluate(
      `globalThis.wrong = { connects: [${connects}], requests: [${requests.map((text) => `(client) => client.${text}`)}] }`,
    );
    const codes = await page.evaluate(
      async (url, protocol) => {
        const code = async (/** @type {() => Promise<unknown>} */ attempt) => {
          try {
            await attempt();
            return 'accepted';
          } catch (error) {
            return error.code;
          }
        };
        const client = wasmqtt.connect(url, { protocol });
        await client.ready;
        const codes = [];
        for (const options of wrong.connects) {
          codes.push(await code(() => wasmqtt.connect(url, { protocol, connectTimeout: 1000, ...options }).ready));
        }
        for (const request of wrong.requests) {
          codes.push(await code(() => request(client)));
        }
        await client.ping();
        await client.close();
        return codes;
      },
      server.url,
      protocol,
    );
    const passed = [...connects, ...requests].filter((_, at) => codes[at] !== 'invalid-argument');
    assert.deepEqual(passed, []);
    assert.equal(codes.length, connects.length + requests.length);
    assert.deepEqual(
      server.received.map((packet) => packet[0]),
      [0x10, 0xc0, 0xe0],
    );
  });
}

// [case WSK-22]
pageTest(
  'a page of https that may not open ws has one failed connect',
  async ({ page }) => {
    const server = createSecureServer(
      { cert: await readFile(tls.cert), key: await readFile(tls.key) },
      async (request, response) => {
        const file = await fetch(site.url + request.url);
        response.writeHead(file.status, { 'content-type': file.headers.get('content-type') ?? '' });
        response.end(Buffer.from(await file.arrayBuffer()));
      },
    );
    atEnd(async () => {
      server.closeAllConnections();
      await close(server);
    });
    await listen(server);
    await page.goto(`https://${HOST}:${portOf(server)}/index.html`);
    await page.waitForFunction('globalThis.loaded === true');
    for (const protocol of VERSIONS) {
      const seen = await page.evaluate(async (protocol) => {
        // Not a name of this machine: that may be called without TLS.
        const client = wasmqtt.connect('ws://broker.invalid/', { protocol, reconnect: false });
        const lines = diary(client);
        const { code, phase, close, ours } = await failure(client.ready);
        const ended = await failure(client.closed);
        return { secure: location.protocol, code, phase, ours, close: { ...close }, ended: ended.code, lines };
      }, protocol);
      assert.deepEqual(seen, {
        secure: 'https:',
        code: 'connection-lost',
        phase: 'opening',
        ours: true,
        close: { ...ABNORMAL, reason: 'SecurityError' },
        ended: 'connection-lost',
        lines: [
          ['state', 'connecting'],
          ['disconnect', 'connection-lost', false],
          ['state', 'closed'],
          ['close', 'connection-lost'],
        ],
      });
    }
  },
  { allowed: [...allowed, /^Mixed Content: /] },
);

// [case WSK-23]
pageTest('pings of the WebSocket are the business of the browser, and no sign of life of MQTT', async ({ page }) => {
  const ends = VERSIONS.map(async (protocol) => {
    let pongs = 0;
    const server = await startScripted((packet, send, socket) => {
      if (packet[0] === 0x10) {
        send(CONNACK[protocol]);
        socket.on('pong', () => pongs++);
      }
      // Also in place of PINGRESP.
      socket.ping();
    });
    const code = await page.evaluate(
      async (url, protocol) => {
        const client = wasmqtt.connect(url, { protocol, keepAlive: 1, reconnect: false });
        await client.ready;
        return (await failure(client.closed)).code;
      },
      server.url,
      protocol,
    );
    assert.equal(code, 'keep-alive');
    assert.ok((await server.packets(12, 1)).length >= 1);
    assert.ok(pongs >= 2, `${pongs} pongs`);
  });
  await Promise.all(ends);
});
