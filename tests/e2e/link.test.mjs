/**
 * Links that die in silence, sessions that are taken over, servers in turn.
 * It does not know what is lost with them: that is `reconnect.test.mjs`.
 */

import assert from 'node:assert/strict';
import { startAedes } from '../support/aedes.mjs';
import { chromiumOnly, SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { freePorts } from '../support/net.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();
const allowed = [SOCKET_FAILED];

pageTest(
  'a link that goes silent is found out by keep-alive, and the client comes back by itself',
  async ({ page }) => {
    const proxy = await startProxy(broker.wsPort);
    await page.evaluate(async (url) => {
      globalThis.client = wasmqtt.connect(url, { keepAlive: 1, reconnect: { min: 10, max: 50 } });
      globalThis.inbox = collect(client, 'silent', { qos: 1 });
      await inbox.ready;
      globalThis.lost = next(client, 'disconnect');
      globalThis.back = next(client, 'connect');
    }, proxy.url);
    proxy.blackhole();
    const error = await page.evaluate(async () => {
      // On its way into the silence: it has to arrive all the same.
      globalThis.sent = client.publish('silent', 'all the same', { qos: 1 });
      globalThis.ping = failure(client.ping());
      const { error, willRetry } = await lost;
      return { code: error.code, phase: error.phase, willRetry, ping: (await ping).code };
    });
    assert.deepEqual(error, { code: 'keep-alive', phase: 'connected', willRetry: true, ping: 'keep-alive' });
    proxy.restore();
    const text = await page.evaluate(async () => {
      await back;
      await sent;
      const [message] = await inbox.count(1);
      await client.close();
      return message.text();
    });
    assert.equal(text, 'all the same');
  },
  { allowed },
);

pageTest(
  'a network that goes away under an open socket is noticed, and the return as well',
  async ({ page }) => {
    const session = await page.createCDPSession();
    const network = (/** @type {boolean} */ offline) =>
      session.send('Network.emulateNetworkConditions', {
        offline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      });
    await page.evaluate(async (url) => {
      // Regular pings would come much later.
      globalThis.client = wasmqtt.connect(url, { keepAlive: 600 });
      await client.ready;
      globalThis.lost = next(client, 'disconnect');
    }, broker.url);
    await network(true);
    const code = await page.evaluate(async () => (await lost).error.code);
    assert.equal(code, 'keep-alive');
    const back = page.evaluate(async () => {
      await next(client, 'connect');
      return { url: client.server.url, state: client.state };
    });
    await network(false);
    assert.deepEqual(await back, { url: broker.url, state: 'connected' });
    await page.evaluate(() => client.close());
  },
  { allowed, without: chromiumOnly('its DevTools protocol takes the network from an open socket') },
);

pageTest(
  'a page that comes back from a network that swallows everything is usable within 2 seconds',
  async ({ page }) => {
    const proxy = await startProxy(broker.wsPort);
    await page.evaluate(async (url) => {
      globalThis.client = wasmqtt.connect(url, { keepAlive: 600 });
      await client.ready;
      await client.ping();
      globalThis.back = next(client, 'connect');
    }, proxy.url);
    // The open connection goes nowhere, and nobody says so; a new one works.
    proxy.strand();
    const dead = await page.evaluate(async () => {
      const start = performance.now();
      dispatchEvent(new Event('online'));
      await back;
      return performance.now() - start;
    });
    assert.ok(dead < 2000, `${dead} ms until a dead link was replaced`);

    // An attempt that hangs when the network comes back is made anew.
    await page.evaluate(() => {
      globalThis.lost = next(client, 'state', ({ state }) => state === 'connecting');
    });
    proxy.blackhole();
    proxy.cut();
    await page.evaluate(() => lost);
    await page.evaluate(async () => {
      globalThis.back = next(client, 'connect');
      // Older than two seconds: younger attempts go on.
      const begun = performance.now();
      while (performance.now() - begun < 2100) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    });
    proxy.strand();
    const hopeless = await page.evaluate(async () => {
      const start = performance.now();
      dispatchEvent(new Event('online'));
      await back;
      const time = performance.now() - start;
      await client.close();
      return time;
    });
    assert.ok(hopeless < 2000, `${hopeless} ms until a hopeless attempt was made anew`);
  },
  { allowed },
);

pageTest('a quiet connection is kept alive by pings', async ({ page }) => {
  const trip = await page.evaluate(async (url) => {
    globalThis.client = wasmqtt.connect(url, { clientId: 'quiet', keepAlive: 1 });
    await client.ready;
    globalThis.lines = diary(client);
    return client.ping();
  }, broker.url);
  assert.ok(trip >= 0 && trip < 5000, `${trip} ms`);
  // mosquitto ends a client that is silent for 1.5 times its keep-alive.
  await broker.logged(/(Received PINGREQ from quiet[\s\S]*){4}/);
  const seen = await page.evaluate(async () => {
    const { connections, roundTrip } = client.stats();
    await client.close();
    return { connections, measured: roundTrip >= 0, lines };
  });
  assert.deepEqual(seen, {
    connections: 1,
    measured: true,
    lines: [
      ['state', 'closed'],
      ['close', null],
    ],
  });
});

pageTest(
  'a second client with the same identifier takes over; who does not come back, leaves it in peace',
  async ({ page, open }) => {
    await page.evaluate(async (url) => {
      globalThis.client = wasmqtt.connect(url, { clientId: 'twin', reconnect: false });
      await client.ready;
    }, broker.url);
    const other = await open();
    // Another origin: pages of one find out before.
    await other.page.goto(other.page.url().replace('127.0.0.1', 'localhost'));
    await other.page.waitForFunction('globalThis.loaded === true');
    await other.page.evaluate(async (url) => {
      globalThis.client = wasmqtt.connect(url, { clientId: 'twin' });
      await client.ready;
    }, broker.url);
    const error = await page.evaluate(() => failure(client.closed));
    // This broker does not say why.
    assert.equal(error.code, 'connection-lost');
    assert.equal(await other.page.evaluate(async () => (await client.ping()) >= 0 && client.state), 'connected');
    await other.page.evaluate(() => client.close());
  },
  { allowed },
);

pageTest(
  'of two clients that take over from each other without a word one ends, after pauses that grow',
  async ({ page, open }) => {
    const other = await open();
    // Another origin: pages of one find out before.
    await other.page.goto(other.page.url().replace('127.0.0.1', 'localhost'));
    await other.page.waitForFunction('globalThis.loaded === true');
    const duel = (/** @type {string} */ url) => {
      const options = { clientId: 'rivals', reconnect: { min: 20, max: 10_000, jitter: 'none' } };
      globalThis.client = wasmqtt.connect(url, options);
      globalThis.pauses = [];
      client.on('disconnect', ({ retryIn }) => pauses.push(retryIn));
      globalThis.ended = client.closed.then(
        () => undefined,
        ({ code, message, reasonCode, retryable }) => ({ code, message, reasonCode, retryable, pauses }),
      );
    };
    await page.evaluate(duel, broker.url);
    await page.evaluate(() => client.ready);
    await other.page.evaluate(duel, broker.url);
    const pages = [page, other.page];
    const first = await Promise.race(
      pages.map(async (one) => {
        const error = await one.evaluate(() => ended);
        return { one, error };
      }),
    );
    const { message, pauses, ...error } = /** @type {any} */ (first.error);
    assert.deepEqual(error, { code: 'taken-over', retryable: false });
    assert.match(message, /another client seems to have this client identifier/);
    assert.deepEqual(pauses.slice(0, 4), [20, 40, 80, 160]);
    assert.equal(pauses.length, 8);
    const rest = pages.find((one) => one !== first.one);
    assert.equal(await rest?.evaluate(async () => (await client.ping()) >= 0 && client.state), 'connected');
    await rest?.evaluate(() => client.close());
  },
  { allowed },
);

pageTest('a server that says "taken over" ends the client, which does not come back', async ({ page }) => {
  const server = await startScripted((packet, send, socket) => {
    if (packet[0] === 0x10) {
      send(CONNACK[5]);
      send([0xe0, 2, 0x8e, 0]);
      socket.close(1000);
    }
  });
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { clientId: 'me', reconnect: { min: 1 } });
    const lines = diary(client);
    const error = await failure(client.closed);
    return { code: error.code, reasonCode: error.reasonCode, retryable: error.retryable, state: client.state, lines };
  }, server.url);
  assert.deepEqual(
    { ...seen, lines: seen.lines.filter(([type]) => type !== 'state') },
    {
      code: 'taken-over',
      reasonCode: 0x8e,
      retryable: false,
      state: 'closed',
      lines: [
        ['connect', false],
        ['disconnect', 'taken-over', false],
        ['close', 'taken-over'],
      ],
    },
  );
  assert.equal((await server.packets(1, 1)).length, 1);
});

pageTest('bytes that are no MQTT are told as a protocol error, with DISCONNECT 0x81', async ({ page }) => {
  const server = await startScripted((packet, send) => {
    if (packet[0] === 0x10) {
      send(CONNACK[5]);
      send([0x00, 0]);
    }
  });
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { protocol: 5, reconnect: false });
    const { code, reasonCode } = await failure(client.closed);
    return { code, reasonCode };
  }, server.url);
  assert.equal(seen.code, 'protocol-error');
  const [disconnect] = await server.packets(14, 1);
  assert.match(disconnect ?? '', /^e0..81/);
  assert.equal(seen.reasonCode, 0x81);
});

pageTest('a server that never answers is given up after connectTimeout', async ({ page }) => {
  const server = await startScripted(() => {});
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { protocol: 5, connectTimeout: 300, reconnect: false });
    const { code, phase } = await failure(client.ready);
    return { code, phase };
  }, server.url);
  assert.deepEqual(seen, { code: 'connect-timeout', phase: 'connack' });
});

pageTest(
  'several servers are tried in turn',
  async ({ page }) => {
    const [nobody = 0] = await freePorts(1);
    const used = await page.evaluate(
      async (urls) => {
        const client = wasmqtt.connect(urls);
        const lines = diary(client);
        const { url } = await client.ready;
        await client.close();
        return { url, lines: lines.filter(([type]) => type !== 'state') };
      },
      [`ws://127.0.0.1:${nobody}/`, broker.url],
    );
    assert.deepEqual(used, {
      url: broker.url,
      lines: [
        ['disconnect', 'connection-lost', true],
        ['connect', false],
        ['close', null],
      ],
    });
  },
  { allowed },
);

pageTest(
  'the next server is taken when the one in use goes away',
  async ({ page }) => {
    const first = await startMosquitto();
    await page.evaluate(
      async (urls) => {
        globalThis.client = wasmqtt.connect(urls, { reconnect: { min: 10, max: 20 } });
        globalThis.inbox = collect(client, 'moved');
        await inbox.ready;
      },
      [first.url, broker.url],
    );
    const back = page.evaluate(async () => (await next(client, 'connect')).url);
    await first.kill();
    assert.equal(await back, broker.url);
    const peer = await connectPeer(broker);
    await page.evaluate(() => client.ping());
    await peer.publish('moved', 'found');
    const text = await page.evaluate(async () => {
      const [message] = await inbox.count(1);
      await client.close();
      return message.text();
    });
    assert.equal(text, 'found');
    await peer.end();
  },
  { allowed },
);

pageTest('5.0 falls back to 3.1.1 where a broker does not speak it, and stays there', async ({ page }) => {
  const old = await startAedes();
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { reconnect: { min: 1, max: 5 } });
    const { messages, ready, count } = collect(client, 'old', { qos: 1 });
    const lines = diary(client);
    const { protocol } = await client.ready;
    await ready;
    await client.publish('old', 'as ever', { qos: 1 });
    await count(1);
    const properties = await failure(client.publish('old', '', { contentType: 'text/plain' }));
    const local = await failure(client.subscribe('old', { noLocal: true }).ready);
    const exact = await failure(wasmqtt.connect(url, { protocol: 5 }).ready);
    await client.close();
    return {
      protocol,
      text: messages[0].text(),
      lines,
      codes: [properties.code, local.code],
      exact: [exact.code, exact.reasonCode],
    };
  }, old.url);
  assert.deepEqual(seen, {
    protocol: 4,
    text: 'as ever',
    codes: ['unsupported', 'unsupported'],
    lines: [
      ['state', 'connecting'],
      ['state', 'connected'],
      ['connect', false],
      ['state', 'closed'],
      ['close', null],
    ],
    exact: ['connection-refused', 0x84],
  });
});
