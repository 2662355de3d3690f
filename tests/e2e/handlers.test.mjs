/**
 * How messages reach the application: loops, handlers, buffers, and what becomes of exceptions.
 * It does not know the options of a subscription.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();
const peer = await connectPeer(broker);

/** @param {import('puppeteer-core').Page} page */
const connect = (page, options = {}) =>
  page.evaluate(
    async (url, options) => {
      globalThis.client = wasmqtt.connect(url, options);
      await client.ready;
      return client.clientId;
    },
    broker.url,
    options,
  );

pageTest('leaving a for await loop unsubscribes', async ({ page }) => {
  const id = await connect(page);
  await page.evaluate(() => {
    globalThis.first = (async () => {
      const texts = [];
      globalThis.subscription = client.subscribe('loop/#', { qos: 1 });
      for await (const message of subscription) {
        texts.push(message.text());
        if (texts.length === 3) {
          break;
        }
      }
      return texts;
    })();
    return subscription.ready;
  });
  for (const text of ['1', '2', '3']) {
    await peer.publish('loop/x', text, { qos: 1 });
  }
  assert.deepEqual(await page.evaluate(() => first), ['1', '2', '3']);
  await broker.logged(new RegExp(`Received UNSUBSCRIBE from ${id}`));
  await page.evaluate(() => {
    globalThis.stray = [];
    client.on('message', (message) => stray.push(message.topic));
    return subscription.unsubscribe();
  });
  await peer.publish('loop/x', 'nobody hears', { qos: 1 });
  const stray = await page.evaluate(async () => {
    await client.ping();
    return stray;
  });
  assert.deepEqual(stray, []);
});

pageTest('a loop ends with unsubscribe, with close, and with the signal', async ({ page }) => {
  await connect(page);
  const ends = await page.evaluate(async () => {
    const controller = new AbortController();
    const run = async (subscription) => {
      for await (const _ of subscription) {
        return 'a message';
      }
      return 'ended';
    };
    const subscriptions = [
      client.subscribe('end/1'),
      client.subscribe('end/2', { signal: controller.signal }),
      client.subscribe('end/3'),
    ];
    const loops = subscriptions.map(run);
    await Promise.all(subscriptions.map(({ ready }) => ready));
    await subscriptions[0].unsubscribe();
    controller.abort();
    const ends = [await loops[0], await loops[1]];
    await client.close();
    return [...ends, await loops[2]];
  });
  assert.deepEqual(ends, ['ended', 'ended', 'ended']);
});

pageTest('the last of several subscriptions to a filter unsubscribes', async ({ page }) => {
  const id = await connect(page);
  const pattern = new RegExp(`Received UNSUBSCRIBE from ${id}`, 'g');
  await page.evaluate(async () => {
    globalThis.one = client.subscribe('counted', () => {});
    globalThis.other = collect(client, 'counted');
    await Promise.all([one.ready, other.ready]);
    await one.unsubscribe();
    await client.ping();
  });
  assert.equal(broker.countLogged(pattern), 0);
  await peer.publish('counted', 'still here');
  await page.evaluate(async () => {
    await other.count(1);
    await other.subscription.unsubscribe();
  });
  await broker.logged(pattern);
});

pageTest('a slow loop drops the oldest or the newest, and counts', async ({ page }) => {
  await connect(page);
  await page.evaluate(async () => {
    globalThis.marker = collect(client, 'slow');
    globalThis.oldest = client.subscribe('slow', { buffer: { max: 2 } });
    globalThis.newest = client.subscribe('slow', { buffer: { max: 2, overflow: 'drop-newest' } });
    await Promise.all([marker.ready, oldest.ready, newest.ready]);
  });
  for (const text of ['1', '2', '3', '4', '5']) {
    await peer.publish('slow', text);
  }
  const seen = await page.evaluate(async () => {
    await marker.count(5);
    const take = async (subscription) => {
      const texts = [];
      for await (const message of subscription) {
        texts.push(message.text());
        if (texts.length === 2) {
          return { texts, dropped: subscription.dropped };
        }
      }
    };
    return [await take(oldest), await take(newest)];
  });
  assert.deepEqual(seen, [
    { texts: ['4', '5'], dropped: 3 },
    { texts: ['1', '2'], dropped: 3 },
  ]);
});

pageTest('a slow loop keeps all that wait for its acknowledgement, and drops what owes none', async ({ page }) => {
  const endless = await startMosquitto({ config: ['max_inflight_messages 0', 'max_queued_messages 0'] });
  const seen = await page.evaluate(async (url) => {
    const [TEXTS, BURST] = [1500, 500];
    const client = wasmqtt.connect(url);
    const owing = client.subscribe('owing', { qos: 1, ack: 'after-handler' });
    const free = client.subscribe('owing', { qos: 1 });
    const few = client.subscribe('owing', { qos: 1, ack: 'manual', buffer: { max: 2 } });
    const all = collect(client, 'owing', { qos: 1 });
    await Promise.all([owing, free, few, all].map(({ ready }) => ready));
    for (let at = 0; at < TEXTS; at += BURST) {
      const texts = Array.from({ length: BURST }, (_, index) => `${at + index}`);
      await Promise.all(texts.map((text) => client.publish('owing', text, { qos: 1 })));
    }
    await all.count(TEXTS);
    const dropped = [owing, free, few].map((subscription) => subscription.dropped);
    const read = [];
    for await (const message of owing) {
      read.push(Number(message.text()));
      if (read.length === TEXTS) {
        break;
      }
    }
    await client.close();
    return { inOrder: read.every((number, index) => number === index), dropped };
  }, endless.url);
  assert.deepEqual(seen, { inOrder: true, dropped: [0, 500, 1498] });
});

pageTest('a handler or listener that throws is an error event and disturbs nothing', async ({ page }) => {
  await connect(page);
  await page.evaluate(async () => {
    globalThis.errors = [];
    client.on('error', (error) => errors.push([error.code, error.cause.message]));
    client.on('message', () => {
      throw new Error('listener');
    });
    client.on('message', async () => {
      throw new Error('async listener');
    });
    const bad = client.subscribe('throws', () => {
      throw new Error('handler');
    });
    const worse = client.subscribe('throws', async () => {
      throw new Error('async handler');
    });
    globalThis.good = collect(client, 'throws');
    await Promise.all([bad.ready, worse.ready, good.ready]);
  });
  await peer.publish('throws', '1');
  await peer.publish('throws', '2');
  const seen = await page.evaluate(async () => {
    const messages = await good.count(2);
    await client.ping();
    return { texts: messages.map((message) => message.text()), errors: errors.sort(), state: client.state };
  });
  const each = ['async handler', 'async listener', 'handler', 'listener'];
  assert.deepEqual(seen, {
    texts: ['1', '2'],
    errors: each.flatMap((name) => [
      ['listener', name],
      ['listener', name],
    ]),
    state: 'connected',
  });
});

pageTest(
  'what throws with no error listener is reported as an exception of the page',
  async ({ page }) => {
    await connect(page);
    const thrown = once(page, 'pageerror');
    await page.evaluate(async () => {
      const inbox = client.subscribe('unheard', () => {
        throw new Error('nobody listens');
      });
      await inbox.ready;
      await client.publish('unheard', '');
    });
    const [error] = await thrown;
    assert.match(error.message, /nobody listens/);
    assert.equal(await page.evaluate(() => client.state), 'connected');
  },
  { allowed: [/nobody listens/] },
);

pageTest('on gives what the event says, and addEventListener the event', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url);
    const seen = [];
    client.on('state', function (change, ...more) {
      seen.push([change.state, change.detail, this === client, more.length]);
    });
    client.on('connect', (server) => seen.push(['connect', server === client.server]));
    client.addEventListener('connect', (event) => {
      seen.push([event instanceof CustomEvent, event.type, event.detail === client.server]);
    });
    client.on('error', (error) => seen.push(['error', error.message, error.cause.message]));
    client.on('message', async ({ topic }) => {
      throw new Error(topic);
    });
    await client.ready;
    await client.subscribe('told', () => {}).ready;
    const told = next(client, 'error');
    await client.publish('told', '');
    await told;
    client.on('close', ({ error }) => seen.push(['close', error]));
    await client.close();
    return seen;
  }, broker.url);
  const state = (/** @type {string} */ name) => [name, null, true, 0];
  assert.deepEqual(seen, [
    state('connecting'),
    state('connected'),
    ['connect', true],
    [true, 'connect', true],
    ['error', 'a listener or handler threw', 'told'],
    state('closed'),
    ['close', null],
  ]);
});

pageTest(
  'a listener of on is taken off by what on gave, is called once for once, and as often as it was given',
  async ({ page }) => {
    await connect(page);
    const texts = await page.evaluate(async () => {
      const texts = [];
      const twice = (message) => texts.push(`twice ${message.text()}`);
      const offs = [client.on('message', twice), client.on('message', twice, { capture: true })];
      client.on('message', (message) => texts.push(`once ${message.text()}`), { once: true });
      const controller = new AbortController();
      client.on('message', (message) => texts.push(`until ${message.text()}`), { signal: controller.signal });
      const all = collect(client, 'taken/off');
      await all.ready;
      const say = async (text, count) => {
        await client.publish('taken/off', text);
        await all.count(count);
      };
      await say('1', 1);
      offs[0]();
      controller.abort();
      await say('2', 2);
      offs[1]();
      await say('3', 3);
      return texts;
    });
    assert.deepEqual(texts.sort(), ['once 1', 'twice 1', 'twice 1', 'twice 2', 'until 1']);
  },
);

pageTest('on refuses what is no function', async ({ page }) => {
  const refused = await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { reconnect: false });
    const errors = [];
    for (const listener of [undefined, null, {}, { handleEvent() {} }]) {
      errors.push(await failure((async () => client.on('message', listener))()));
    }
    await client.close();
    return errors.map(({ ours, code, message }) => [ours, code, message]);
  }, broker.url);
  assert.deepEqual(
    refused,
    Array.from({ length: 4 }, () => [true, 'invalid-argument', 'the listener must be a function']),
  );
});
