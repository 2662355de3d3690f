/**
 * The socket of the first attempt, open before the engine is there: `held` keeps the WebAssembly back. It does not know brokers:
 * the server says in bytes what it answers.
 */

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { WebSocketServer } from 'ws';
import { startBrowser } from '../support/browser.mjs';
import { atEnd } from '../support/cleanup.mjs';
import { close, HOST, portOf } from '../support/net.mjs';
import { CONNACK } from '../support/scripted.mjs';

const { pageTest } = await startBrowser();

const CLIENTS = /** @type {const} */ ([
  ['index', {}],
  ['slim', {}],
  ['index', { protocol: 4, username: 'u', password: 'p' }],
  ['index', { session: { persist: 'indexeddb', name: 'early' } }],
]);

/** @typedef {import('ws').WebSocket} Socket */

/** @param {(socket: Socket) => void} meet each that connects */
async function start(meet) {
  const server = new WebSocketServer({ host: HOST, port: 0 });
  const events = new EventEmitter();
  /** @type {Socket[]} */
  const sockets = [];
  server.on('connection', (socket) => {
    sockets.push(socket);
    meet(socket);
    events.emit('met');
  });
  await once(server, 'listening');
  atEnd(async () => {
    for (const socket of server.clients) {
      socket.terminate();
    }
    await close(server);
  });
  return {
    url: `ws://${HOST}:${portOf(server)}/`,
    sockets,
    /** @param {number} count of those that have connected */
    async met(count) {
      while (sockets.length < count) {
        await once(events, 'met');
      }
      return /** @type {Socket} */ (sockets[count - 1]);
    },
  };
}

/** Answers CONNECT. @param {Socket} socket */
const polite = (socket) =>
  void socket.on('message', (/** @type {Buffer} */ bytes) => socket.send(Buffer.from(CONNACK[bytes[8] === 4 ? 4 : 5])));

/** A client as `client`, whose engine comes with `release()`. */
async function held(url, options = {}) {
  const { compile, compileStreaming } = WebAssembly;
  const gate = new Promise((resolve) => {
    globalThis.release = resolve;
  });
  WebAssembly.compile = (...from) => gate.then(() => compile(...from));
  WebAssembly.compileStreaming = (...from) => gate.then(() => compileStreaming(...from));
  globalThis.client = wasmqtt.connect(url, options);
  client.closed.catch(() => {});
}

for (const [entry, options] of CLIENTS) {
  pageTest(
    `it is open before the engine is there, and is the one that is used (${entry}, ${JSON.stringify(options)})`,
    async ({ page }) => {
      const server = await start(polite);
      await page.evaluate(held, server.url, options);
      const socket = await server.met(1);
      assert.equal(socket.protocol, 'mqtt');
      const state = await page.evaluate(async () => {
        release();
        await client.ready;
        return client.state;
      });
      assert.deepEqual([state, server.sockets.length], ['connected', 1]);
    },
    { entry },
  );
}

pageTest('it offers the subprotocols of the application', async ({ page }) => {
  const server = await start(() => {});
  await page.evaluate(held, server.url, { websocket: { protocols: ['plant', 'mqtt'] } });
  assert.equal((await server.met(1)).protocol, 'plant');
});

pageTest('what came before the engine is heard after it', async ({ page }) => {
  // No server does that; but what it says is not lost.
  const server = await start((socket) => socket.send(Buffer.from(CONNACK[5])));
  const arrived = await page.evaluate(async (url) => {
    const { WebSocket } = globalThis;
    const message = new Promise((resolve) => {
      globalThis.WebSocket = class extends WebSocket {
        constructor(...from) {
          super(...from);
          this.addEventListener('message', resolve);
        }
      };
    });
    const { compile } = WebAssembly;
    WebAssembly.compile = (...from) => message.then(() => compile(...from));
    globalThis.client = wasmqtt.connect(url);
    await client.ready;
    return client.state;
  }, server.url);
  assert.deepEqual([arrived, server.sockets.length], ['connected', 1]);
});

pageTest('one that the server closed before the engine was there is an attempt, with its code', async ({ page }) => {
  /** @type {Promise<unknown>[]} */
  const closed = [];
  const server = await start((socket) => {
    closed.push(once(socket, 'close'));
    socket.close(1008, 'not you');
  });
  await page.evaluate(held, server.url, { protocol: 5, reconnect: false });
  await server.met(1);
  await closed[0];
  const seen = await page.evaluate(async () => {
    release();
    const { code, close } = await failure(client.closed);
    return [code, close];
  });
  assert.deepEqual(seen, ['connection-lost', { code: 1008, reason: 'not you', wasClean: true }]);
  assert.equal(server.sockets.length, 1);
});

pageTest('a client that is closed before it has an engine leaves none open', async ({ page }) => {
  const server = await start(() => {});
  await page.evaluate(held, server.url);
  const socket = await server.met(1);
  const gone = once(socket, 'close');
  await page.evaluate(() => client.close());
  await gone;
  await page.evaluate(async () => {
    release();
    await wasmqtt.preload();
  });
  assert.equal(server.sockets.length, 1);
});

pageTest('one for which nobody came is closed, and another one is opened', async ({ page }) => {
  const server = await start(polite);
  await page.evaluate(() => {
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (act, delay, ...rest) => {
      if (delay === 5000) {
        globalThis.late = act;
      }
      return setTimeout(act, delay, ...rest);
    };
  });
  await page.evaluate(held, server.url);
  const gone = once(await server.met(1), 'close');
  await page.evaluate(() => late());
  await gone;
  const state = await page.evaluate(async () => {
    release();
    await client.ready;
    return client.state;
  });
  assert.deepEqual([state, server.sockets.length], ['connected', 2]);
});

pageTest('there is none where the application has a say first, nor where there is an engine', async ({ page }) => {
  const server = await start(polite);
  await page.evaluate(() => {
    const { WebSocket } = globalThis;
    globalThis.made = 0;
    globalThis.WebSocket = class extends WebSocket {
      constructor(...from) {
        super(...from);
        made++;
      }
    };
  });
  await page.evaluate(held, server.url);
  const counts = await page.evaluate(async (url) => {
    const counts = [made];
    const ask = async (options) => {
      made = 0;
      const other = wasmqtt.connect(url, options);
      other.ready.catch(() => {});
      counts.push(made);
      await other.close();
    };
    // These the engine refuses.
    await ask({ protocol: 4, receiveMaximum: 7 });
    await ask({ protocol: 4, password: 'p' });
    await ask({ reconnect: { min: 2, max: 1 } });
    await ask({ will: { topic: 'w', payload: new Uint8Array([255]), payloadFormat: 'utf-8' } });
    await ask({ auth: () => ({ username: 'u', password: 'p' }) });
    release();
    await wasmqtt.preload();
    await ask();
    return counts;
  }, server.url);
  assert.deepEqual(counts, [1, 0, 0, 0, 0, 0, 0]);
});
