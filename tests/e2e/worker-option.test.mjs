/**
 * The engine in a dedicated worker: the same API, a page that is slow, a page that may have no worker. A worker that dies is
 * `worker-option-death`. It does not know how fast that is: `bench` does.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { startBrowser, startPackageSite } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { close, HOST, listen, portOf } from '../support/net.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';
import { packagePage } from '../support/site.mjs';

const broker = await startMosquitto();
const pages = Object.fromEntries(
  [
    ['forbidden', "worker-src 'none'"],
    [
      'strict',
      "default-src 'self'; img-src data:; script-src 'self' 'nonce-a' 'wasm-unsafe-eval'; worker-src blob:; connect-src *",
    ],
  ].map(([name, policy]) => [
    `/${name}.html`,
    packagePage('index')
      .replace('<title', `<meta http-equiv="Content-Security-Policy" content="${policy}">\n<title`)
      .replace('<script', '<script nonce="a"'),
  ]),
);
const { pageTest } = await startBrowser({ site: await startPackageSite(pages) });

const UNTOLD = { webkit: 'its driver tells of no worker' };

/** The worker of the page is gone. */
async function gone(page) {
  while (page.workers().length > 0) {
    await new Promise((resolve) => page.once('workerdestroyed', resolve));
  }
}

for (const entry of /** @type {const} */ (['index', 'slim'])) {
  for (const session of [undefined, { persist: 'indexeddb', name: `worker ${entry}` }]) {
    pageTest(
      `all that a client does, it does in a worker (${entry}${session ? ', stored session' : ''})`,
      async ({ page }) => {
        const seen = await page.evaluate(
          async (url, session) => {
            const client = wasmqtt.connect(url, { worker: true, session, clientId: 'in-worker' });
            const states = [];
            client.on('state', ({ state }) => states.push(state));
            const info = await client.ready;
            const heard = [];
            const large = new Uint8Array(100_000).fill(7);
            const subscription = client.subscribe('w/+', (message) => heard.push(message.payload.length), { qos: 2 });
            const granted = await subscription.ready;
            const results = await Promise.all([
              client.publish('w/1', 'one', { qos: 0 }),
              client.publish('w/2', large, { qos: 1 }),
              client.publish('w/3', 'three', { qos: 2, userProperties: [['a', 'b']] }),
            ]);
            client.respond('ask', (request) => `${request.text()}!`);
            const reply = await client.request('ask', 'you');
            const round = await client.ping();
            const wrong = await failure(client.publish('w/#', ''));
            while (heard.length < 3) {
              await idle();
            }
            const { unsubscribed } = { unsubscribed: (await subscription.unsubscribe()).reasonCode };
            const stats = client.stats();
            await client.close();
            return {
              clientId: info.clientId,
              granted: granted.qos,
              results: results.map(({ qos, reasonCode }) => [qos, reasonCode]),
              heard: heard.sort((a, b) => a - b),
              reply: reply.text(),
              round: round >= 0,
              wrong: wrong.code,
              unsubscribed,
              published: stats.messagesSent >= 3 && stats.packetsReceived > 5,
              states,
              kept: large.length,
            };
          },
          broker.url,
          session,
        );
        assert.deepEqual(seen, {
          clientId: 'in-worker',
          granted: 2,
          results: [
            [0, 0],
            [1, 0],
            [2, 0],
          ],
          heard: [3, 5, 100_000],
          reply: 'you!',
          round: true,
          wrong: 'invalid-argument',
          unsubscribed: 0,
          published: true,
          states: ['connecting', 'connected', 'closed'],
          kept: 100_000,
        });
        await gone(page);
      },
      { entry, without: UNTOLD },
    );
  }
}

pageTest('functions of the application stay in the page, and are asked', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const asked = [];
    const auth = ({ attempt, reason }) => {
      asked.push([attempt, reason]);
      return { username: 'me' };
    };
    const client = wasmqtt.connect(url, { worker: true, auth });
    const late = [];
    client.subscribe('f', async (message) => late.push(message.text()), { qos: 1, ack: 'after-handler' });
    await client.publish('f', 'x', { qos: 1 });
    await client.reauthenticate();
    await client.close();
    const refused = [];
    for (const options of [{ websocket: { factory: () => {} } }, { session: { persist: { open: () => {} } } }]) {
      const { message } = await failure(wasmqtt.connect(url, { worker: true, ...options }).ready);
      refused.push(message);
    }
    return { asked, late, refused };
  }, broker.url);
  assert.deepEqual(seen, {
    asked: [
      [1, 'first'],
      [2, 'reconnect'],
    ],
    late: ['x'],
    refused: [
      'option "websocket.factory" does not go together with "worker"',
      'option "worker" goes together with "session.persist" only where that is "indexeddb"',
    ],
  });
});

pageTest('what is wrong is told as it is without a worker', async ({ page }) => {
  const codes = await page.evaluate(async (url) => {
    const wrong = await failure(wasmqtt.connect(url, { worker: true, keepAlive: -1 }).ready);
    const refused = await failure(wasmqtt.connect(url, { worker: true, websocket: { protocols: ['a', 'a'] } }).ready);
    const closed = wasmqtt.connect(url, { worker: true });
    const ready = failure(closed.ready);
    await closed.close();
    return [wrong.code, refused.code, (await ready).code];
  }, broker.url);
  assert.deepEqual(codes, ['invalid-argument', 'invalid-argument', 'closed']);
});

pageTest(
  "payloads are not the page's any more once they are published, and large ones are handed over",
  async ({ page }) => {
    const seen = await page.evaluate(async (url) => {
      const client = wasmqtt.connect(url, { worker: true });
      const { messages, count } = collect(client, 'p/#', { qos: 1 });
      await client.ready;
      const small = new Uint8Array([1, 2, 3]);
      const large = pattern(1_000_000);
      const all = [client.publish('p/small', small, { qos: 1 }), client.publish('p/large', large, { qos: 1 })];
      small.fill(9);
      large.fill(9);
      await Promise.all(all);
      await count(2);
      const [first, second] = messages;
      const seen = [[...first.payload], await sha256(second.payload), large.length];
      await client.close();
      return [...seen, await sha256(pattern(1_000_000))];
    }, broker.url);
    const [small, large, length, expected] = seen;
    assert.deepEqual(small, [1, 2, 3]);
    assert.equal(large, expected);
    assert.equal(length, 1_000_000);
  },
);

pageTest(
  'a page that does not take its messages brakes the server, and takes no memory without end',
  async ({ page }) => {
    const [zeros, ones, window] = [1000, 300, 50];
    const padding = 'x'.repeat(20_000);
    /** @type {import('../support/packet-server.mjs').Line | undefined} */
    let line;
    let sent = 0;
    const more = () => {
      const payload = `${sent}`.padStart(6, '0') + padding;
      line?.send({ cmd: 'publish', topic: 'slow/1', payload, qos: 1, messageId: ++sent });
    };
    const server = await startPacketServer((packet, of) => {
      line = of;
      if (packet.cmd === 'connect') {
        of.send(connack());
      } else if (packet.cmd === 'subscribe') {
        of.send({ cmd: 'suback', messageId: packet.messageId, granted: [1] });
      } else if (packet.cmd === 'pingreq') {
        of.send({ cmd: 'pingresp' });
      } else if (packet.cmd === 'puback' && sent < ones) {
        more();
      }
    });
    await page.evaluate(
      async (url, window) => {
        globalThis.client = wasmqtt.connect(url, { worker: true, receiveMaximum: window });
        globalThis.heard = { one: [], zero: 0 };
        await client.subscribe('slow/1', (message) => heard.one.push(Number(message.text().slice(0, 6))), { qos: 1 })
          .ready;
        await client.subscribe('slow/0', () => heard.zero++).ready;
      },
      server.url,
      window,
    );
    // The page waits for an answer, and does nothing else meanwhile.
    const site = await listen(createServer());
    const asked = once(site, 'request');
    const busy = page.evaluate(
      (url) => {
        const request = new XMLHttpRequest();
        request.open('GET', url, false);
        request.send();
      },
      `http://${HOST}:${portOf(site)}/`,
    );
    const [, answer] = await asked;
    for (let n = 0; n < window; n++) {
      more();
    }
    await server.received('puback');
    for (let n = 0; n < zeros; n++) {
      line?.send({ cmd: 'publish', topic: 'slow/0', payload: padding, qos: 0 });
    }
    // The worker goes on meanwhile: it answers what comes behind all of that.
    line?.send({ cmd: 'pubrel', messageId: 999 });
    await server.received('pubcomp');
    const braked = server.packets.filter(({ cmd }) => cmd === 'puback').length;
    answer.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'text/plain' }).end();
    await busy;
    await close(site);
    await page.waitForFunction((count) => heard.one.length === count, {}, ones);
    const { one, zero, dropped } = await page.evaluate(async () => {
      await client.ping();
      return { ...heard, dropped: client.stats().messagesDropped };
    });
    assert.equal(new Set(one).size, ones);
    assert.equal(zero + dropped, zeros);
    assert.ok(dropped > 0, 'some of QoS 0 were too many');
    assert.ok(braked < ones / 2, `${braked} were acknowledged`);
    await page.evaluate(() => client.close());
  },
  { without: { webkit: 'its synchronous requests end after ten seconds' } },
);

pageTest(
  'where a policy forbids workers the client goes on in the page, and says so',
  async ({ page }) => {
    const seen = await page.evaluate(async (url) => {
      const client = wasmqtt.connect(url, { worker: true });
      const errors = [];
      client.on('error', (error) => errors.push([error.code, error.message]));
      const { reasonCode } = await client.publish('forbidden', '', { qos: 1 });
      await client.close();
      return { errors, reasonCode };
    }, broker.url);
    assert.deepEqual(seen, {
      errors: [['unsupported', 'this page may have no worker: the client goes on without']],
      reasonCode: 16,
    });
    assert.equal(page.workers().length, 0);
  },
  { path: '/forbidden.html', without: UNTOLD, allowed: [/Content.Security.Policy/] },
);

pageTest(
  'a strict policy needs no more than workers from blob:',
  async ({ page }) => {
    await page.evaluate(async (url) => {
      globalThis.client = wasmqtt.connect(url, { worker: true });
      await client.publish('strict', '', { qos: 1 });
    }, broker.url);
    assert.equal(page.workers().length, 1);
    await page.evaluate(() => client.close());
  },
  { path: '/strict.html', without: UNTOLD },
);
