/**
 * Promises that nobody awaits: what the application ended itself is no unhandled rejection, everything else is one.
 * It does not know what is sent.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const { pageTest } = await startBrowser();

/** Accepts the connection and answers nothing more. */
const silent = await startScripted((packet, send) => packet[0] === 0x10 && send(CONNACK[5]));

/** Everything that gives a promise; `wait` are its options, and nobody awaits it. */
function define() {
  globalThis.slow = Object.assign(new Blob(['x']), { arrayBuffer: () => new Promise(() => {}) });
  globalThis.begin = {
    publish0: (client, wait) => client.publish('a', 'b', wait),
    publish1: (client, wait) => client.publish('a', 'b', { qos: 1, ...wait }),
    publish2: (client, wait) => client.publish('a', 'b', { qos: 2, ...wait }),
    blob: (client, wait) => client.publish('a', new Blob(['b']), { qos: 1, ...wait }),
    loading: (client, wait) => client.publish('a', slow, { qos: 1, ...wait }),
    behind: (client, wait) => {
      client.publish('a', slow, { qos: 1, ...wait });
      return client.publish('a', 'b', { qos: 1, ...wait });
    },
    subscribe: (client, wait) => client.subscribe('a', () => {}, wait).ready,
    unasked: (client, wait) => void client.subscribe('b', () => {}, wait),
    loop: (client, wait) => client.subscribe('c', wait)[Symbol.asyncIterator]().next(),
    left: (client, wait) => {
      const loop = client.subscribe('d', wait)[Symbol.asyncIterator]();
      loop.next();
      return loop.return();
    },
    unsubscribe: (client, wait) => client.subscribe('e').unsubscribe(wait),
    unsubscribeLater: (client, wait) => client.messages.unsubscribe(wait),
    request: (client, wait) => client.request('f', '', wait),
    requestMany: (client, wait) => client.requestMany('g', '', wait).next(),
    leftMany: (client, wait) => {
      const loop = client.requestMany('h', '', wait);
      const next = loop.next();
      loop.return();
      return next;
    },
    respond: (client, wait) => client.respond('i', () => 'x', wait).ready,
    stop: (client, wait) => client.respond('j', () => 'x', wait).stop(),
    stopLater: (client) => client.responder.stop(),
    ping: (client, wait) => client.ping(wait),
    flush: (client, wait) => {
      client.publish('m', '', { qos: 1 });
      return client.flush(wait);
    },
    reauthenticate: (client, wait) => client.reauthenticate(wait),
    ready: (client) => client.ready,
    closed: (client) => client.closed,
    disposedSubscription: (client, wait) => client.subscribe('k', wait)[dispose](),
    disposedResponder: (client, wait) => client.respond('l', () => 'x', wait)[dispose](),
    draining: (client, wait) => client.close({ drain: 60_000, ...wait }),
    close: (client, wait) => client.close(wait),
    disposed: (client) => client[dispose](),
  };
  /** A client with what `begin` ends. */
  globalThis.open = (url, options) => {
    const client = wasmqtt.connect(url, { protocol: 5, ...options });
    return Object.assign(client, { messages: client.subscribe('y'), responder: client.respond('z', () => 'x') });
  };
  globalThis.dispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
  /** How the application ends what it began: what it gives to connect and to each, and what it does then. */
  globalThis.ends = {
    close: () => [{}, {}, (client) => client.close()],
    'signal of connect': () => {
      const controller = new AbortController();
      return [{ signal: controller.signal }, {}, () => controller.abort()];
    },
    'signal of each': () => {
      const controller = new AbortController();
      return [{}, { signal: controller.signal }, () => controller.abort()];
    },
  };
}

/** When it is called, in the life of a client. */
const MOMENTS = /** @type {const} */ (['before there is a connection', 'with a connection', 'after the end']);

for (const moment of MOMENTS) {
  pageTest(
    `nobody awaits: ${moment}, nothing that the application ends is an unhandled rejection`,
    async ({ page }) => {
      await page.evaluate(define);
      const seen = await page.evaluate(
        async (url, moment) => {
          const { told } = uncaught();
          const seen = {};
          for (const [how, make] of Object.entries(ends)) {
            for (const [name, call] of Object.entries(begin)) {
              const [options, wait, end] = make();
              const client = open(url, options);
              if (moment === 'with a connection') {
                await client.ready;
              }
              if (moment === 'after the end') {
                end(client);
                await client.close();
              }
              call(client, wait);
              end(client);
              seen[`${name}: ${how}`] = await told();
              client.close();
              await client.closed;
              seen[`${name}: ${how}, and close`] = await told();
            }
          }
          return seen;
        },
        silent.url,
        moment,
      );
      assert.equal(Object.keys(seen).length, 28 * 3 * 2);
      for (const [name, codes] of Object.entries(seen)) {
        assert.deepEqual(codes, [], name);
      }
    },
  );
}

pageTest('who awaits still gets the error', async ({ page }) => {
  await page.evaluate(define);
  const seen = await page.evaluate(async (url) => {
    const outcome = (promise) => promise?.then(() => 'done').catch((error) => error.code);
    const rows = {};
    for (const [how, make] of Object.entries(ends)) {
      for (const [name, call] of Object.entries(begin)) {
        const [options, wait, end] = make();
        const client = open(url, options);
        await client.ready;
        // What was asked for before the connection was there has been sent then.
        await idle();
        const settled = outcome(call(client, wait));
        end(client);
        // A promise that takes no signal is settled by the end of the client.
        if (how !== 'signal of each' || !['ready', 'closed', 'stop', 'stopLater'].includes(name)) {
          await settled;
        }
        client.close();
        await client.closed;
        rows[name] = [...(rows[name] ?? []), await settled];
      }
    }
    return rows;
  }, silent.url);
  const [done, closed] = [
    ['done', 'done', 'done'],
    ['closed', 'closed', 'aborted'],
  ];
  // What was never sent, or is handed to the socket at once, is done.
  const handed = ['done', 'done', 'aborted'];
  assert.deepEqual(seen, {
    publish0: handed,
    publish1: closed,
    publish2: closed,
    blob: closed,
    loading: closed,
    behind: closed,
    subscribe: closed,
    unasked: [null, null, null],
    loop: done,
    left: done,
    unsubscribe: handed,
    unsubscribeLater: closed,
    request: closed,
    requestMany: closed,
    leftMany: done,
    respond: closed,
    stop: done,
    stopLater: ['closed', 'closed', 'closed'],
    ping: closed,
    flush: closed,
    reauthenticate: closed,
    ready: done,
    closed: done,
    disposedSubscription: done,
    disposedResponder: done,
    draining: handed,
    close: handed,
    disposed: done,
  });
});

pageTest('what nobody awaits and something else ended is an unhandled rejection', async ({ page }) => {
  const server = await startPacketServer((packet, line) => {
    if (packet.cmd === 'connect') {
      line.send(connack({ properties: { maximumPacketSize: 500, retainAvailable: false } }));
    } else if (packet.cmd === 'publish' && packet.topic === 'refused') {
      line.send({ cmd: 'puback', messageId: packet.messageId, reasonCode: 0x87 });
    }
  });
  const seen = await page.evaluate(async (url) => {
    const { first, told } = uncaught();
    const client = wasmqtt.connect(url, { protocol: 5, queue: { maxMessages: 5 } });
    await client.ready;
    const wrong = { wrong: 1 };
    const wait = { timeout: 1 };
    const unreadable = Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error('gone')) });
    const rows = {
      refused: () => client.publish('refused', '', { qos: 1 }),
      'too large': () => client.publish('a', 'x'.repeat(600)),
      unsupported: () => client.publish('a', '', { retain: true }),
      'publish, wrong': () => client.publish('a', '', wrong),
      'topic, wrong': () => client.publish('a/#', ''),
      'request, wrong': () => client.request('a', '', wrong),
      'ping, wrong': () => client.ping(wrong),
      'flush, wrong': () => client.flush(wrong),
      'reauthenticate, wrong': () => client.reauthenticate(wrong),
      'close, wrong': () => client.close(wrong),
      'loop, wrong': () => client.requestMany('a', '', wrong).next(),
      'blob, unreadable': () => client.publish('a', unreadable),
      'publish, time-out': () => client.publish('a', '', { qos: 1, ...wait }),
      'request, time-out': () => client.request('a', '', wait),
      'ping, time-out': () => client.ping(wait),
      'flush, time-out': () => client.flush(wait),
      full: () => {
        for (let count = 0; count < 5; count++) {
          client.publish('a', '', { qos: 1 }).catch(() => {});
        }
        client.publish('a', '', { qos: 1 });
      },
      'close, time-out': () => client.close({ drain: 60_000, ...wait }),
    };
    const seen = {};
    for (const [name, begin] of Object.entries(rows)) {
      begin();
      seen[name] = await first();
    }
    client.close();
    await client.closed;
    return { seen, more: await told() };
  }, server.url);
  const invalid = 'invalid-argument';
  const late = 'timeout';
  assert.deepEqual(seen, {
    seen: {
      refused: 'refused',
      'too large': 'too-large',
      unsupported: 'unsupported',
      'publish, wrong': invalid,
      'topic, wrong': invalid,
      'request, wrong': invalid,
      'ping, wrong': invalid,
      'flush, wrong': invalid,
      'reauthenticate, wrong': invalid,
      'close, wrong': invalid,
      'loop, wrong': invalid,
      'blob, unreadable': invalid,
      'publish, time-out': late,
      'request, time-out': late,
      'ping, time-out': late,
      'flush, time-out': late,
      full: 'queue-full',
      'close, time-out': late,
    },
    more: [],
  });
});

pageTest('a client that its server ended rejects visibly what is asked of it later', async ({ page }) => {
  const server = await startScripted((packet, send) => packet[0] === 0x10 && send([0x20, 3, 0, 0x85, 0]));
  const seen = await page.evaluate(async (url) => {
    const { first, told } = uncaught();
    const client = wasmqtt.connect(url, { protocol: 5 });
    await failure(client.closed);
    client.publish('a', '');
    return [await first(), await told()];
  }, server.url);
  assert.deepEqual(seen, ['closed', []]);
});

pageTest('a component that is mounted, unmounted and mounted again leaves nothing behind', async ({ page }) => {
  const broker = await startMosquitto();
  const seen = await page.evaluate(async (url) => {
    const { told } = uncaught();
    const mount = () => {
      const client = wasmqtt.connect(url);
      const subscription = client.subscribe('a', () => {});
      client.publish('a', 'here', { qos: 1 });
      client.request('b', '', { timeout: 60_000 });
      return { client, unmount: () => [subscription.unsubscribe(), client.close()] };
    };
    mount().unmount();
    const { client, unmount } = mount();
    await client.ready;
    await client.publish('a', 'ready', { qos: 1 });
    unmount();
    await client.closed;
    return told();
  }, broker.url);
  assert.deepEqual(seen, []);
});
