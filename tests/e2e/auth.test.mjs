/**
 * User name and password, the auth function, and wss, on a real mosquitto.
 * It does not know what is published.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { makeCertificates } from '../support/certificates.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { startProxy } from '../support/proxy.mjs';

const SECRET = 'correct horse battery staple';
const WRONG = 'Tr0ub4dor-and-3';

const tls = await makeCertificates();
const broker = await startMosquitto({ users: { alice: SECRET, bob: 'bobs own' }, tls });
const { pageTest } = await startBrowser({ trusted: tls.fingerprint });

/** Everything the page said, errors and all. */
function listenIn(page) {
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  return said;
}

for (const protocol of /** @type {const} */ ([3, 4, 5])) {
  pageTest(`the right password is let in (protocol ${protocol})`, async ({ page }) => {
    const states = await page.evaluate(
      async (url, protocol, password) => {
        const states = [];
        for (const value of [password, new TextEncoder().encode(password)]) {
          const client = wasmqtt.connect(url, { protocol, username: 'alice', password: value });
          await client.ready;
          await client.publish('auth/ok', '', { qos: 1 });
          states.push(client.state);
          await client.close();
        }
        return states;
      },
      broker.url,
      protocol,
      SECRET,
    );
    assert.deepEqual(states, ['connected', 'connected']);
  });

  pageTest(
    `a wrong password closes the client with code auth and without the password (protocol ${protocol})`,
    async ({ page }) => {
      const said = listenIn(page);
      const seen = await page.evaluate(
        async (url, protocol, password) => {
          const client = wasmqtt.connect(url, { protocol, username: 'alice', password });
          const lines = diary(client);
          const pending = failure(client.publish('a', 'b', { qos: 1 }));
          const loop = failure(
            (async () => {
              for await (const _ of client.subscribe('a')) {
                break;
              }
            })(),
          );
          const errors = [await failure(client.ready), await failure(client.closed), await pending, await loop];
          return {
            errors,
            lines,
            state: client.state,
            server: client.server,
            late: await failure(client.publish('a', 'b')),
          };
        },
        broker.url,
        protocol,
        WRONG,
      );
      for (const error of seen.errors) {
        assert.equal(error.code, 'auth');
        assert.equal(error.ours, true);
        assert.equal(error.phase, 'connack');
        assert.equal(error.retryable, false);
        assert.equal(error.reasonCode, 0x87);
      }
      assert.equal(seen.late.code, 'closed');
      assert.equal(seen.state, 'closed');
      assert.equal(seen.server, undefined);
      assert.deepEqual(seen.lines, [
        ['state', 'connecting'],
        ['disconnect', 'auth', false],
        ['state', 'closed'],
        ['close', 'auth'],
      ]);
      assert.ok(!JSON.stringify([seen, said]).includes(WRONG), 'the password is told');
    },
  );
}

pageTest('no user name at all is refused, too', async ({ page }) => {
  const error = await page.evaluate((url) => failure(wasmqtt.connect(url).ready), broker.url);
  assert.equal(error.code, 'auth');
});

pageTest('the auth function is called before each CONNECT and learns why', async ({ page }) => {
  const proxy = await startProxy(broker.wsPort);
  const call = (/** @type {number} */ count) =>
    page.waitForFunction((count) => globalThis.calls.length >= count, {}, count);
  await page.evaluate(
    async (url, right) => {
      globalThis.calls = [];
      globalThis.client = wasmqtt.connect(url, {
        reconnect: { min: 10, max: 10 },
        auth: async ({ attempt, reason, signal }) => {
          calls.push([attempt, reason, signal instanceof AbortSignal, signal.aborted]);
          // A token that was stale once: the second CONNECT is refused.
          return { username: 'alice', password: attempt === 2 ? 'stale' : right };
        },
      });
      await client.ready;
      globalThis.again = next(client, 'connect');
    },
    proxy.url,
    SECRET,
  );
  proxy.cut();
  await call(3);
  await page.evaluate(async () => {
    await again;
    await client.close();
  });
  assert.deepEqual(await page.evaluate(() => calls), [
    [1, 'first', true, false],
    [2, 'reconnect', true, false],
    [3, 'rejected', true, false],
  ]);
});

pageTest('an auth function that is refused twice closes the client', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    let calls = 0;
    const client = wasmqtt.connect(url, {
      auth: () => {
        calls++;
        return { username: 'alice', password: `wrong ${calls}` };
      },
    });
    const error = await failure(client.ready);
    return { calls, code: error.code, state: client.state };
  }, broker.url);
  assert.deepEqual(seen, { calls: 2, code: 'auth', state: 'closed' });
});

pageTest('an auth function that throws is an error event, and is asked again', async ({ page }) => {
  const seen = await page.evaluate(
    async (url, password) => {
      const client = wasmqtt.connect(url, {
        reconnect: { min: 10, max: 10 },
        auth: async ({ attempt }) => {
          if (attempt === 1) {
            throw new Error('the token server is down');
          }
          return { username: 'alice', password };
        },
      });
      const error = next(client, 'error');
      await client.ready;
      const { code, cause } = await error;
      await client.close();
      return { code, cause: cause.message };
    },
    broker.url,
    SECRET,
  );
  assert.deepEqual(seen, { code: 'auth', cause: 'the token server is down' });
});

pageTest('closing aborts the signal of an auth function under way', async ({ page }) => {
  const aborted = await page.evaluate(async (url) => {
    let began;
    const asked = new Promise((resolve) => {
      began = resolve;
    });
    const client = wasmqtt.connect(url, {
      auth: ({ signal }) => {
        began(signal);
        return new Promise(() => {});
      },
    });
    const signal = await asked;
    await client.close();
    await client.closed;
    return signal.aborted;
  }, broker.url);
  assert.equal(aborted, true);
});

/** [MQTT-4.2.0-1] (5.0) */
pageTest('wss: with a test CA', async ({ page }) => {
  const seen = await page.evaluate(
    async (url, password) => {
      const client = wasmqtt.connect(url, { username: 'alice', password });
      const { messages, ready, count } = collect(client, 'secure', { qos: 2 });
      await ready;
      await client.publish('secure', 'over TLS', { qos: 2 });
      await count(1);
      const { url: used } = client.server;
      await client.close();
      return { used, text: messages[0].text() };
    },
    broker.secureUrl,
    SECRET,
  );
  assert.deepEqual(seen, { used: broker.secureUrl, text: 'over TLS' });
});

const stranger = await startBrowser();

stranger.pageTest(
  'wss: a CA that is not trusted is a lost connection, in the opening',
  async ({ page }) => {
    const error = await page.evaluate(
      (url) => failure(wasmqtt.connect(url, { reconnect: false }).ready),
      broker.secureUrl,
    );
    assert.equal(error.code, 'connection-lost');
    assert.equal(error.phase, 'opening');
    // The second one in Firefox, which says more than a page should be told.
    assert.ok([1006, 1015].includes(error.close.code), error.close.code);
  },
  { allowed: [SOCKET_FAILED] },
);
