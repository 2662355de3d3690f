/** `sample` and `latest` of `subscribe`: which messages a handler or a loop gets, and when. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred, stopped } from './clock.mjs';

/** The handler of a subscription with what it was given: `topic text`. */
function noting() {
  /** @type {string[]} */
  const seen = [];
  return { seen, handler: (message) => seen.push(`${message.topic} ${message.text()}`) };
}

test('with sample the first message of a topic comes at once, then the newest when the time is over', async (t) => {
  const { broker, client, clock, advance } = await stopped(t);
  const { seen, handler } = noting();
  const subscription = client.subscribe('s/#', handler, { sample: 100 });
  await subscription.ready;
  const idle = clock.countTimers();
  await broker.publish('s/a', '1');
  assert.deepEqual(seen, ['s/a 1']);
  assert.equal(clock.countTimers(), idle, 'nothing waits');
  await advance(30);
  await broker.publish('s/a', '2');
  await broker.publish('s/b', '1');
  await broker.publish('s/a', '3');
  assert.deepEqual(seen.splice(0), ['s/a 1', 's/b 1']);
  assert.deepEqual([clock.countTimers() - idle, subscription.dropped], [1, 1]);
  await advance(69);
  assert.deepEqual(seen, []);
  await advance(1);
  assert.deepEqual(seen.splice(0), ['s/a 3']);
  assert.equal(clock.countTimers(), idle, 'nothing waits any more');
  // The time begins anew with each.
  await broker.publish('s/a', '4');
  await broker.publish('s/b', '2');
  await advance(30);
  assert.deepEqual(seen.splice(0), ['s/b 2']);
  await advance(70);
  assert.deepEqual(seen.splice(0), ['s/a 4']);
  await advance(1000);
  await broker.publish('s/a', '5');
  assert.deepEqual([...seen, subscription.dropped], ['s/a 5', 1]);
});

test('a fast topic gives one message in each interval, whatever comes', async (t) => {
  const { broker, client, advance } = await stopped(t);
  const { seen, handler } = noting();
  const subscription = client.subscribe('s', handler, { sample: 50, qos: 1 });
  await subscription.ready;
  for (let at = 0; at < 1000; at += 10) {
    await broker.publish('s', String(at), { qos: 1 });
    await advance(10);
  }
  assert.deepEqual(
    seen.map((text) => Number(text.slice(2))),
    [0, ...Array.from({ length: 20 }, (_, index) => 50 * index + 40)],
  );
  assert.equal(subscription.dropped, 100 - 21);
});

test('what waits when a subscription or the client ends is not given, and no timer stays', async (t) => {
  const { broker, client, clock, advance } = await stopped(t);
  const { seen, handler } = noting();
  const first = client.subscribe('s/#', handler, { sample: 100 });
  const second = client.subscribe('s/#', handler, { sample: 100 });
  await second.ready;
  const idle = clock.countTimers();
  await broker.publish('s/a', '1');
  await broker.publish('s/a', '2');
  seen.splice(0);
  await first.unsubscribe();
  assert.equal(clock.countTimers(), idle + 1);
  await client.close();
  await advance(1000);
  assert.deepEqual(seen, []);
});

test('a handler that unsubscribes gets nothing more of what was due with it', async (t) => {
  const { broker, client, advance } = await stopped(t);
  const seen = [];
  const subscription = client.subscribe(
    's/#',
    ({ topic }) => {
      seen.push(topic);
      if (seen.length === 3) {
        subscription.unsubscribe();
      }
    },
    { sample: 100 },
  );
  await subscription.ready;
  for (const topic of ['s/a', 's/b', 's/a', 's/b']) {
    await broker.publish(topic, '');
  }
  await advance(500);
  assert.deepEqual(seen, ['s/a', 's/b', 's/a']);
});

test('a loop is sampled, too', async (t) => {
  const { broker, client, advance } = await stopped(t);
  const subscription = client.subscribe('s', { sample: 100 });
  await subscription.ready;
  const messages = subscription[Symbol.asyncIterator]();
  for (const text of ['1', '2', '3']) {
    await broker.publish('s', text);
  }
  await advance(100);
  assert.deepEqual([(await messages.next()).value?.text(), (await messages.next()).value?.text()], ['1', '3']);
  await messages.return();
});

test('with latest a handler is called again when it is done, with the newest of each topic in turn', async (t) => {
  const { broker, client } = await stopped(t);
  const seen = [];
  const calls = [];
  const subscription = client.subscribe(
    'l/#',
    (message) => {
      seen.push(`${message.topic} ${message.text()}`);
      calls.push(deferred());
      return calls.at(-1).promise;
    },
    { latest: true },
  );
  await subscription.ready;
  for (const [topic, text] of [
    ['l/a', '1'],
    ['l/b', '1'],
    ['l/a', '2'],
    ['l/b', '2'],
    ['l/a', '3'],
  ]) {
    await broker.publish(topic, text);
  }
  assert.deepEqual(seen.splice(0), ['l/a 1']);
  assert.equal(subscription.dropped, 2);
  const next = async () => {
    calls.at(-1).resolve();
    await client.ping();
  };
  await next();
  assert.deepEqual(seen.splice(0), ['l/b 2']);
  await next();
  assert.deepEqual(seen.splice(0), ['l/a 3']);
  await next();
  await broker.publish('l/c', '1');
  assert.deepEqual(seen.splice(0), ['l/c 1']);
  await broker.publish('l/d', '1');
  await subscription.unsubscribe();
  await next();
  assert.deepEqual(seen, []);
});

test('with latest a handler that is done at once gets every message, and one that fails goes on', async (t) => {
  const { broker, client } = await stopped(t);
  const { seen, handler } = noting();
  const errors = [];
  client.on('error', ({ code, cause }) => errors.push([code, cause.message]));
  await client.subscribe('l', handler, { latest: true }).ready;
  const failing = async () => {
    throw new Error('no');
  };
  await client.subscribe('l', failing, { latest: true }).ready;
  for (const text of ['1', '2', '3']) {
    await broker.publish('l', text);
  }
  await client.ping();
  assert.deepEqual(seen, ['l 1', 'l 2', 'l 3']);
  assert.deepEqual(errors.at(-1), ['listener', 'no']);
  assert.ok(errors.length >= 2);
});

test('with latest what waits is bounded, and a loop reads the newest of each topic', async (t) => {
  const { broker, client } = await stopped(t);
  const first = deferred();
  const seen = [];
  const slow = client.subscribe('l/#', ({ topic }) => seen.push(topic) === 1 && first.promise, {
    latest: true,
    buffer: { max: 2 },
  });
  const loop = client.subscribe('l/#', { latest: true });
  await loop.ready;
  for (const topic of ['l/a', 'l/a', 'l/b', 'l/c', 'l/b']) {
    await broker.publish(topic, '');
  }
  assert.deepEqual([slow.dropped, loop.dropped], [2, 2]);
  first.resolve(undefined);
  await client.ping();
  assert.deepEqual(seen, ['l/a', 'l/b', 'l/c']);
  const topics = [];
  for await (const { topic } of loop) {
    topics.push(topic);
    if (topics.length === 3) {
      break;
    }
  }
  assert.deepEqual(topics, ['l/a', 'l/b', 'l/c']);
});

test('both at once, and a handler with a loop beside it', async (t) => {
  const { broker, client, advance } = await stopped(t);
  const work = deferred();
  const seen = [];
  const subscription = client.subscribe('b', (message) => seen.push(message.text()) === 1 && work.promise, {
    sample: 100,
    latest: true,
  });
  const messages = subscription[Symbol.asyncIterator]();
  await subscription.ready;
  for (let at = 1; at <= 5; at++) {
    await broker.publish('b', String(at));
    await advance(60);
  }
  assert.deepEqual(seen, ['1']);
  work.resolve(undefined);
  await client.ping();
  assert.deepEqual(seen, ['1', '5']);
  assert.equal((await messages.next()).value?.text(), '5');
  await subscription.unsubscribe();
});

test('what drops messages is refused together with acknowledgement by the application, and so are wrong values', async (t) => {
  const { broker, client } = await stopped(t);
  const refused = async (options) => {
    const error = await client.subscribe('x', () => {}, options).ready.catch((thrown) => thrown);
    assert.equal(error.code, 'invalid-argument');
    assert.equal(error.url, 'https://wasmqtt.github.io/wasmqtt/errors#invalid-argument');
    return error.message;
  };
  for (const ack of ['manual', 'after-handler']) {
    assert.match(await refused({ sample: 10, ack }), /"sample" does not go together with "ack"/);
    assert.match(await refused({ latest: true, ack }), /"latest" does not go together with "ack"/);
  }
  for (const sample of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '10']) {
    assert.match(await refused({ sample }), /option "sample" must be milliseconds/);
  }
  assert.match(await refused({ latest: 1 }), /option "latest" must be true or false/);
  await client.subscribe('y', () => {}, { sample: 10, latest: false, ack: 'auto' }).ready;
  assert.deepEqual(
    broker.subscriptions.map(({ filter }) => filter),
    ['y'],
  );
});
