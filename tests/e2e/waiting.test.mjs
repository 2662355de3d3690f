/**
 * Everything that can be waited for: it takes a signal and a time-out, settles, and leaves nothing behind.
 * It does not know what is sent.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { freePorts } from '../support/net.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const broker = await startMosquitto();
/** Accepts the connection and answers nothing more. */
const silent = await startScripted((packet, send) => packet[0] === 0x10 && send(CONNACK[5]));
const { pageTest } = await startBrowser();
const allowed = [SOCKET_FAILED];

/** A client on the silent server, and everything that can be waited for; `wait` are its options. */
async function connectSilently(page) {
  await page.evaluate(async (url) => {
    globalThis.client = wasmqtt.connect(url, { protocol: 5 });
    globalThis.awaitables = {
      publish1: (wait) => client.publish('a', 'b', { qos: 1, ...wait }),
      publish2: (wait) => client.publish('a', 'b', { qos: 2, ...wait }),
      blob: (wait) => client.publish('a', new Blob(['b']), { qos: 1, ...wait }),
      subscribe: (wait) => client.subscribe('a/#', () => {}, wait).ready,
      loop: (wait) => client.subscribe('b/#', wait).ready,
      unsubscribe: (wait) => unsubscribable.pop().unsubscribe(wait),
      ping: (wait) => client.ping(wait),
      flush: (wait) => client.flush(wait),
      close: (wait) => client.close({ drain: 60_000, ...wait }),
    };
    globalThis.unsubscribable = Array.from({ length: 4 }, (_, n) => client.subscribe(`c/${n}`, () => {}));
    for (const { ready } of unsubscribable) {
      ready.catch(() => {});
    }
    await client.ready;
  }, silent.url);
}

pageTest('timeout: each awaitable rejects with code timeout', async ({ page }) => {
  await connectSilently(page);
  const codes = await page.evaluate(async () => {
    const entries = Object.entries(awaitables).map(async ([name, begin]) => [
      name,
      (await failure(begin({ timeout: 50 }))).code,
    ]);
    return Object.fromEntries(await Promise.all(entries));
  });
  for (const [name, code] of Object.entries(codes)) {
    assert.equal(code, 'timeout', name);
  }
  assert.equal(Object.keys(codes).length, 9);
});

pageTest('signal: each awaitable rejects with code aborted, before, at once and later', async ({ page }) => {
  await connectSilently(page);
  const seen = await page.evaluate(async () => {
    const results = [];
    for (const [name, begin] of Object.entries(awaitables)) {
      if (name === 'close') {
        continue;
      }
      const already = await failure(begin({ signal: AbortSignal.abort('early') }));
      const controller = new AbortController();
      const later = failure(begin({ signal: controller.signal }));
      controller.abort(new Error('enough'));
      results.push([name, already.code, (await later).code]);
    }
    const controller = new AbortController();
    const closing = failure(awaitables.close({ signal: controller.signal }));
    controller.abort();
    results.push(['close', 'aborted', (await closing).code]);
    return results;
  });
  for (const result of seen) {
    assert.deepEqual(result.slice(1), ['aborted', 'aborted'], result[0]);
  }
  assert.equal(seen.length, 9);
});

pageTest('the reason of the signal is the cause', async ({ page }) => {
  await connectSilently(page);
  const cause = await page.evaluate(async () => {
    const controller = new AbortController();
    const ping = client.ping({ signal: controller.signal });
    controller.abort(new Error('no longer wanted'));
    return ping.catch((error) => error.cause.message);
  });
  assert.equal(cause, 'no longer wanted');
});

pageTest('close settles everything that is pending, and everything after it', async ({ page }) => {
  await connectSilently(page);
  const seen = await page.evaluate(async () => {
    const { close, ...others } = awaitables;
    const outcome = (promise) =>
      promise.then(
        () => 'done',
        (error) => error.code,
      );
    const pending = Object.entries(others).map(async ([name, begin]) => [name, await outcome(begin())]);
    const loop = (async () => {
      for await (const _ of client.subscribe('d')) {
        return 'a message';
      }
      return 'ended';
    })();
    await Promise.all([client.close(), client.close(), client.closed]);
    const late = Object.entries(others).map(async ([name, begin]) => [name, await outcome(begin())]);
    return {
      pending: Object.fromEntries(await Promise.all(pending)),
      late: Object.fromEntries(await Promise.all(late)),
      loop: await loop,
      again: await outcome(client.close()),
      ready: await outcome(client.ready),
      stats: client.stats(),
    };
  });
  const { unsubscribe, ...pending } = seen.pending;
  assert.ok(['done', 'closed'].includes(unsubscribe), unsubscribe);
  assert.deepEqual(new Set(Object.values(pending)), new Set(['closed']));
  const { unsubscribe: gone, ...late } = seen.late;
  assert.ok(['done', 'closed'].includes(gone), gone);
  assert.deepEqual(new Set(Object.values(late)), new Set(['closed']));
  assert.deepEqual([seen.loop, seen.again, seen.ready], ['ended', 'done', 'done']);
  assert.equal(seen.stats.connections, 1);
});

pageTest(
  'close in any state: before the engine is loaded, while connecting, while waiting',
  async ({ page }) => {
    const [nobody = 0] = await freePorts(1);
    const seen = await page.evaluate(
      async (mute, nobody) => {
        const results = [];
        const outcome = (promise) =>
          promise.then(
            () => 'done',
            (error) => error.code,
          );
        const end = async (client) => {
          const publish = outcome(client.publish('a', 'b', { qos: 2 }));
          const before = client.state;
          await client.close();
          await client.closed;
          results.push([before, client.state, await outcome(client.ready), await publish]);
        };
        await end(wasmqtt.connect(mute));
        const connecting = wasmqtt.connect(mute);
        await next(connecting, 'state', ({ state }) => state === 'connecting');
        await end(connecting);
        const waiting = wasmqtt.connect(nobody, { reconnect: { min: 60_000, max: 60_000, jitter: 'none' } });
        await next(waiting, 'state', ({ state }) => state === 'waiting');
        await end(waiting);
        return results;
      },
      (await startScripted(() => {})).url,
      `ws://127.0.0.1:${nobody}/`,
    );
    assert.deepEqual(seen, [
      ['idle', 'closed', 'closed', 'closed'],
      ['connecting', 'closed', 'closed', 'closed'],
      ['waiting', 'closed', 'closed', 'closed'],
    ]);
  },
  { allowed },
);

pageTest('close with drain waits for what is queued and unacknowledged', async ({ page }) => {
  const peer = await connectPeer(broker);
  await peer.subscribe('drain');
  const states = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url);
    const states = [];
    client.on('state', ({ state }) => states.push(state));
    const all = Promise.all(Array.from({ length: 100 }, (_, n) => client.publish('drain', `${n}`, { qos: 2 })));
    await client.close({ drain: 20_000 });
    await all;
    return states;
  }, broker.url);
  assert.equal(states.at(-2), 'closing');
  assert.equal(states.at(-1), 'closed');
  const texts = (await peer.take(100)).map(({ text }) => text);
  assert.deepEqual(
    texts,
    Array.from({ length: 100 }, (_, n) => `${n}`),
  );
  await peer.end();
});

pageTest('drain has an end, after which the rest rejects', async ({ page }) => {
  await connectSilently(page);
  const code = await page.evaluate(async () => {
    const publish = failure(client.publish('a', 'b', { qos: 1 }));
    await client.close({ drain: 100 });
    return (await publish).code;
  });
  assert.equal(code, 'closed');
});

pageTest(
  'the signal of connect closes the client; await using does, too',
  async ({ page }) => {
    const seen = await page.evaluate(async (url) => {
      const controller = new AbortController();
      const client = wasmqtt.connect(url, { signal: controller.signal });
      await client.ready;
      controller.abort();
      await client.closed;
      const early = wasmqtt.connect(url, { signal: AbortSignal.abort() });
      const error = await failure(early.ready);
      const disposed = wasmqtt.connect(url);
      await disposed.ready;
      await disposed[Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]();
      return [client.state, error.code, early.state, disposed.state];
    }, broker.url);
    assert.deepEqual(seen, ['closed', 'aborted', 'closed', 'closed']);
  },
  { allowed },
);

pageTest(
  'a time-out takes a queued publish out of the queue; it is never sent',
  async ({ page }) => {
    const proxy = await startProxy(broker.wsPort);
    const peer = await connectPeer(broker);
    await peer.subscribe('withdrawn');
    await page.evaluate(async (url) => {
      globalThis.client = wasmqtt.connect(url, { reconnect: { min: 10, max: 20 } });
      await client.ready;
    }, proxy.url);
    proxy.refuse();
    proxy.cut();
    const seen = await page.evaluate(async () => {
      if (client.state === 'connected') {
        await next(client, 'disconnect');
      }
      const { code } = await failure(client.publish('withdrawn', 'stale', { qos: 1, timeout: 20 }));
      globalThis.kept = client.publish('withdrawn', 'kept', { qos: 1 });
      return { code, queued: client.stats().queued };
    });
    assert.deepEqual(seen, { code: 'timeout', queued: 1 });
    proxy.restore();
    await page.evaluate(async () => {
      await kept;
      await client.close();
    });
    assert.equal((await peer.next()).text, 'kept');
    await peer.end();
  },
  { allowed },
);

pageTest(
  'a queue that is full refuses with a clear error and goes on when there is room',
  async ({ page }) => {
    const [nobody = 0] = await freePorts(1);
    const seen = await page.evaluate(async (url) => {
      const queue = { maxMessages: 3, maxBytes: 100, qos0: 'reject' };
      const client = wasmqtt.connect(url, { queue });
      await next(client, 'disconnect');
      const first = Array.from({ length: 3 }, () => failure(client.publish('q', 'x', { qos: 1, timeout: 300 })));
      const errors = [
        await failure(client.publish('q', 'x', { qos: 1 })),
        await failure(client.publish('q', 'x', { qos: 0 })),
      ];
      await Promise.all(first);
      errors.push(await failure(client.publish('q', 'x'.repeat(200), { qos: 1 })));
      errors.push(await failure(client.publish('q', 'room again', { qos: 1, timeout: 10 })));
      await client.close();
      return errors.map(({ code }) => code);
    }, `ws://127.0.0.1:${nobody}/`);
    assert.deepEqual(seen, ['queue-full', 'not-connected', 'queue-full', 'timeout']);
  },
  { allowed },
);
