/**
 * Rows that only a browser's WebSocket can show: how it ends, never opens, or takes nothing.
 * It does not know brokers: its servers say in bytes what they answer.
 */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createLineServer } from 'node:net';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { atEnd } from '../support/cleanup.mjs';
import { close, freePorts, HOST, listen, portOf } from '../support/net.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';
import { polite, publish, VERSIONS } from './support.mjs';

const ABNORMAL = { code: 1006, reason: '', wasClean: false };

const { pageTest } = await startBrowser();
const allowed = [SOCKET_FAILED];

for (const protocol of VERSIONS) {
  const name = protocol === 5 ? 'MQTT 5.0' : 'MQTT 3.1.1';

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
          client.on('disconnect', ({ error, willRetry }) => {
            losses.push({ code: error.code, close: { ...error.close }, willRetry });
          });
          const messages = [];
          await new Promise((resolve) => {
            client.on('message', (message) => {
              messages.push(`${message.topic} ${message.text()}`);
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
          client.on('disconnect', ({ error, retryIn }) => {
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
}
