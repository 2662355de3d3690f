/**
 * One client identifier and several clients of one origin: the second is told at once, and nothing is sent for it.
 * Clients of different origins or machines are `link.test.mjs`'s matter.
 */

import assert from 'node:assert/strict';
import { OUT_OF_CACHE, SOCKET_FAILED, startBrowser, startPackageSite } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const broker = await startMosquitto();
const LAN = 'lan.example';
const FRAME = '/frame.html';
const frame = `<!doctype html><script type="module">
  import * as wasmqtt from '/dist/index.js';
  addEventListener('message', async ({ data }) => {
    const client = wasmqtt.connect(data, { clientId: 'framed' });
    const said = await client.ready.then(() => 'connected', (error) => error.code);
    await client.close();
    parent.postMessage({ said, origin: self.origin }, '*');
  });
  parent.postMessage('loaded', '*');
</script>`;
const site = await startPackageSite({ [FRAME]: frame });
const { pageTest } = await startBrowser({ site, hosts: [LAN] });

/** Connects as that client; what came of it. */
const connect = (/** @type {string} */ url, /** @type {object} */ options) => {
  globalThis.client = wasmqtt.connect(url, options);
  return client.ready.then(
    () => client.clientId,
    ({ code, phase, retryable, message }) => ({ code, phase, retryable, message }),
  );
};

const taken = {
  code: 'taken-over',
  phase: 'idle',
  retryable: false,
  message: 'another client of this origin has this client identifier: leave "clientId" out, or give each its own',
};

for (const protocol of /** @type {const} */ ([4, 5])) {
  pageTest(
    `the second page with an identifier is told at once, and the first is not disturbed (protocol ${protocol})`,
    async ({ page, open }) => {
      const options = { clientId: `twin-${protocol}`, protocol };
      assert.equal(await page.evaluate(connect, broker.url, options), options.clientId);
      await page.evaluate(() => {
        globalThis.lines = diary(client);
      });
      const { page: other } = await open();
      const seen = await other.evaluate(
        async (url, options) => {
          const start = performance.now();
          const client = wasmqtt.connect(url, options);
          const queued = failure(client.publish('a', 'b', { qos: 1 }));
          const { code, phase, retryable, message } = await failure(client.ready);
          return {
            error: { code, phase, retryable, message },
            time: performance.now() - start,
            queued: (await queued).code,
            state: client.state,
          };
        },
        broker.url,
        options,
      );
      assert.deepEqual(seen.error, taken);
      assert.ok(seen.time < 2000, `${seen.time} ms`);
      assert.deepEqual([seen.queued, seen.state], ['taken-over', 'closed']);
      // The first one has the connection that it had.
      const first = await page.evaluate(async () => {
        await client.ping();
        const { connections } = client.stats();
        await client.close();
        return { connections, lines };
      });
      assert.deepEqual(first, {
        connections: 1,
        lines: [
          ['state', 'closed'],
          ['close', null],
        ],
      });
      assert.equal(broker.countLogged(new RegExp(`as twin-${protocol} `, 'g')), 1);
      // It let go.
      assert.equal(await other.evaluate(connect, broker.url, options), options.clientId);
      await other.evaluate(() => client.close());
    },
  );
}

pageTest('a page that is loaded again has its identifier again, however often', async ({ page }) => {
  for (let round = 0; round < 6; round++) {
    assert.equal(await page.evaluate(connect, broker.url, { clientId: 'loaded' }), 'loaded');
    await page.reload();
    await page.waitForFunction('globalThis.loaded === true');
  }
});

pageTest('in one page: who closes lets go at once, who does not holds on', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const options = { clientId: 'one' };
    const codes = [];
    for (let round = 0; round < 3; round++) {
      const first = wasmqtt.connect(url, options);
      first.close();
      const second = wasmqtt.connect(url, options);
      await second.ready;
      codes.push((await failure(wasmqtt.connect(url, options).ready)).code);
      // Closed while it waits.
      const third = wasmqtt.connect(url, options);
      third.close();
      await third.closed;
      second.close();
    }
    const aborted = new AbortController();
    wasmqtt.connect(url, { ...options, signal: aborted.signal });
    aborted.abort();
    const wrong = wasmqtt.connect(url, { ...options, keepAlive: -1 });
    codes.push((await failure(wrong.ready)).code);
    const refused = wasmqtt.connect([url, `${url}other`], options);
    const elsewhere = wasmqtt.connect(`${url}third`, options);
    await refused.ready;
    // Another address is another server.
    await elsewhere.ready;
    await Promise.all([refused.close(), elsewhere.close()]);
    const left = async () => Object.values(await navigator.locks.query()).flat().length;
    // The browser may take a turn to let go.
    while ((await left()) > 0);
    return codes;
  }, broker.url);
  assert.deepEqual(seen, ['taken-over', 'taken-over', 'taken-over', 'invalid-argument']);
});

pageTest('the lock names no secret', async ({ page }) => {
  const names = await page.evaluate(async (url) => {
    const secret = url.replace('//', '//user:word@').concat('mqtt?token=hidden');
    const client = wasmqtt.connect(secret, { clientId: 'quiet' });
    await client.ready;
    const { held } = await navigator.locks.query();
    await client.close();
    return held.map(({ name }) => name);
  }, broker.url);
  const [name = '', ...others] = names;
  assert.deepEqual(others, []);
  const place = `wasmqtt:quiet@${broker.url}mqtt?`.replace('@ws://', '@ws:');
  assert.equal(name.slice(0, place.length), place);
  assert.match(name.slice(place.length), /^[0-9a-f]{1,8}$/);
});

pageTest(
  'generated identifiers differ, in a duplicated tab as well',
  async ({ page }) => {
    const first = await page.evaluate(connect, broker.url, {});
    const opened = new Promise((resolve) => page.once('popup', resolve));
    // With a copy of the session storage, as a duplicated tab has it.
    await page.evaluate(() => {
      sessionStorage.setItem('something', 'kept');
      open(location.href);
    });
    const other = /** @type {import('puppeteer-core').Page} */ (await opened);
    await other.waitForFunction('globalThis.loaded === true');
    assert.equal(await other.evaluate(() => sessionStorage.getItem('something')), 'kept');
    const second = await other.evaluate(connect, broker.url, {});
    assert.match(String(first), /^wasmqtt/);
    assert.match(String(second), /^wasmqtt/);
    assert.notEqual(first, second);
    const held = await page.evaluate(async () => (await navigator.locks.query()).held?.length);
    assert.equal(held, 0);
    assert.ok((await page.evaluate(() => client.ping())) >= 0);
    await Promise.all([page, other].map((one) => one.evaluate(() => client.close())));
    await other.close();
  },
  { without: { webkit: 'its driver does not tell of a window that a page opens' } },
);

pageTest('a worker and its page are of one origin', async ({ page }) => {
  const said = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { clientId: 'shared' });
    await client.ready;
    const code = `import { connect } from '${location.origin}/dist/index.js';
      connect('${url}', { clientId: 'shared' }).ready.then(() => postMessage('ready'), ({ code }) => postMessage(code));`;
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' });
    const { data } = await new Promise((resolve) => {
      worker.onmessage = resolve;
    });
    worker.terminate();
    await client.close();
    return data;
  }, broker.url);
  assert.equal(said, 'taken-over');
});

pageTest('a frame of an opaque origin has no locks, and connects', async ({ page }) => {
  const said = await page.evaluate(
    async (path, url) => {
      const frame = document.createElement('iframe');
      frame.sandbox.add('allow-scripts');
      frame.src = path;
      const next = () => new Promise((resolve) => addEventListener('message', resolve, { once: true }));
      const loaded = next();
      document.body.append(frame);
      await loaded;
      const answer = next();
      frame.contentWindow.postMessage(url, '*');
      return (await answer).data;
    },
    FRAME,
    broker.url,
  );
  assert.deepEqual(said, { said: 'connected', origin: 'null' });
});

pageTest(
  'a page that is no secure context has no locks, and connects',
  async ({ page }) => {
    await page.goto(page.url().replace('127.0.0.1', LAN));
    await page.waitForFunction('globalThis.loaded === true');
    assert.deepEqual(await page.evaluate(() => [isSecureContext, 'locks' in navigator]), [false, false]);
    assert.equal(await page.evaluate(connect, broker.url, { clientId: 'lan' }), 'lan');
    await page.evaluate(() => client.close());
  },
  { without: { webkit: 'it cannot be told where a host is' } },
);

pageTest(
  'a page in the back/forward cache lets go, and ends where another one took its identifier',
  async ({ page, open }) => {
    const { page: other } = await open();
    for (const takes of [false, true]) {
      assert.equal(await page.evaluate(connect, broker.url, { clientId: 'cached' }), 'cached');
      await page.evaluate(() => {
        globalThis.restored = new Promise((resolve) => {
          addEventListener('pageshow', ({ persisted }) => resolve(persisted), { once: true });
        });
        globalThis.ended = client.closed.catch(({ code }) => code);
        globalThis.back = next(client, 'connect');
      });
      await page.goto(new URL('/slim.html', page.url()).href);
      if (takes) {
        assert.equal(await other.evaluate(connect, broker.url, { clientId: 'cached' }), 'cached');
      }
      await page.goBack();
      assert.equal(await page.evaluate(() => globalThis.restored), true, 'the page was kept');
      if (takes) {
        assert.equal(await page.evaluate(() => ended), 'taken-over');
        assert.equal(await other.evaluate(async () => (await client.ping()) >= 0 && client.stats().connections), 1);
        await other.evaluate(() => client.close());
      } else {
        await page.evaluate(() => back);
        await page.evaluate(() => client.close());
      }
    }
  },
  { allowed: [SOCKET_FAILED], without: OUT_OF_CACHE },
);

pageTest('two addresses that differ in the query only are two servers', async ({ page }) => {
  // It does not mind an identifier that is in use.
  const server = await startScripted((packet, send) => packet[0] === 0x10 && send(CONNACK[5]));
  const states = await page.evaluate(async (url) => {
    const clients = ['a', 'b'].map((tenant) => wasmqtt.connect(`${url}?tenant=${tenant}`, { clientId: 'tenant' }));
    await Promise.all(clients.map(({ ready }) => ready));
    const states = clients.map(({ state }) => state);
    await Promise.all(clients.map((client) => client.close()));
    return states;
  }, server.url);
  assert.deepEqual(states, ['connected', 'connected']);
});

/** Keeps the WebAssembly from coming in until `go()`. */
const gate = () => {
  const real = globalThis.fetch;
  const opened = new Promise((resolve) => {
    globalThis.go = resolve;
  });
  globalThis.fetch = async (...request) => {
    const response = await real(...request);
    await opened;
    return response;
  };
};

pageTest(
  'a client that drains before there is an engine lets go in time, however long that takes to come',
  async ({ page }) => {
    await page.evaluate(gate);
    const seen = await page.evaluate(async (url) => {
      const first = wasmqtt.connect(url, { clientId: 'slow' });
      first.close({ drain: 5000 });
      const second = wasmqtt.connect(url, { clientId: 'slow' });
      // Longer than anybody is waited for.
      const waited = new Promise((resolve) => setTimeout(resolve, 1500));
      const early = await Promise.race([waited, second.closed.catch(({ code }) => code)]);
      go();
      const said = await second.ready.then(
        () => 'connected',
        ({ code }) => code,
      );
      await second.close();
      return [early, said, first.state];
    }, broker.url);
    assert.deepEqual(seen, [null, 'connected', 'closed']);
  },
  { entry: 'slim' },
);

pageTest(
  'a page that goes into the back/forward cache before it has an engine opens nothing where another took its identifier',
  async ({ page, open }) => {
    const { page: other } = await open();
    await page.evaluate(gate);
    await page.evaluate((url) => {
      globalThis.opened = 0;
      const factory = (...given) => {
        opened++;
        return new WebSocket(...given);
      };
      const client = wasmqtt.connect(url, { clientId: 'early', websocket: { factory } });
      globalThis.ended = client.closed.catch(({ code }) => code);
      globalThis.restored = new Promise((resolve) => {
        addEventListener('pageshow', ({ persisted }) => resolve(persisted), { once: true });
      });
    }, broker.url);
    await page.goto(new URL('/index.html', page.url()).href);
    assert.equal(await other.evaluate(connect, broker.url, { clientId: 'early' }), 'early');
    await page.goBack();
    assert.equal(await page.evaluate(() => globalThis.restored), true, 'the page was kept');
    const seen = await page.evaluate(async () => {
      go();
      return [await ended, opened];
    });
    assert.deepEqual(seen, ['taken-over', 0]);
    assert.equal(await other.evaluate(async () => (await client.ping()) >= 0 && client.stats().connections), 1);
    await other.evaluate(() => client.close());
  },
  { entry: 'slim', without: OUT_OF_CACHE },
);
