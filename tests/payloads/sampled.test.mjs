/** Publishing at most so often, the newest: what is sent when, and what becomes of the promises. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { sampled, typed } from '../../dist/payloads.js';
import { stopped } from './clock.mjs';

test('the first is published at once, then the newest of each topic; who is replaced settles with it', async (t) => {
  const { broker, client, clock, advance } = await stopped(t);
  const idle = clock.countTimers();
  const levels = sampled(client, 100);
  const texts = () => broker.published().map((message) => `${message.topic} ${message.text()}`);
  const first = await levels.publish('a', '1', { qos: 1 });
  assert.deepEqual([first.qos, texts(), clock.countTimers() - idle], [1, ['a 1'], 0]);
  const settled = [];
  for (const text of ['2', '3', '4']) {
    levels.publish('a', text, { qos: 1 }).then(({ qos }) => settled.push([text, qos]));
  }
  await levels.publish('b', '1');
  await advance(99);
  assert.deepEqual([texts(), settled], [['a 1', 'b 1'], []]);
  await advance(1);
  await client.flush();
  assert.deepEqual(texts(), ['a 1', 'b 1', 'a 4']);
  assert.deepEqual(settled.sort(), [
    ['2', 1],
    ['3', 1],
    ['4', 1],
  ]);
  assert.equal(levels.dropped, 2);
  await advance(1000);
  assert.equal(clock.countTimers(), idle);
});

test('flush publishes what waits, now', async (t) => {
  const { broker, client } = await stopped(t);
  const levels = sampled(client, 60_000);
  levels.publish('a', '1');
  const newest = levels.publish('a', '2');
  const other = levels.publish('b', '1');
  levels.flush();
  await Promise.all([newest, other, levels.publish('a', '3')]);
  assert.deepEqual(
    broker.published().map((message) => message.text()),
    ['1', '1', '2', '3'],
  );
});

test('what cannot be published rejects, for those that it replaced too; a client that is closed is no unhandled rejection', async (t) => {
  const { broker, client, advance } = await stopped(t);
  const numbers = sampled(typed(client, { schema: z.number() }), 100);
  await numbers.publish('n', 1);
  const replaced = numbers.publish('n', 2);
  const wrong = numbers.publish('n', /** @type {any} */ ('x'));
  const rejected = [replaced, wrong].map((promise) => assert.rejects(promise, { code: 'invalid-payload' }));
  await advance(100);
  await Promise.all(rejected);
  await assert.rejects(numbers.publish('a/+', 1), { code: 'invalid-argument' });
  const controller = new AbortController();
  const aborted = assert.rejects(numbers.publish('n', 5, { signal: controller.signal }), { code: 'aborted' });
  controller.abort();
  await advance(100);
  await aborted;
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  numbers.publish('n', 6);
  numbers.publish('n', 7);
  await client.close();
  await advance(100);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(unhandled, []);
  assert.deepEqual(
    broker.published('n').map((message) => message.text()),
    ['1'],
  );
});

test('an interval that is none is refused by name', async (t) => {
  const { client } = await stopped(t);
  for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '100', undefined]) {
    assert.throws(() => sampled(client, /** @type {any} */ (wrong)), { name: 'RangeError', code: 'invalid-argument' });
  }
});
