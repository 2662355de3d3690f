/** Values in place of bytes: what is checked, by which codec it is read, and what becomes of what is not valid. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as msgpack from '@msgpack/msgpack';
import * as v from 'valibot';
import { z } from 'zod';
import { json, PayloadError, text, typed } from '../../dist/payloads.js';
import { template } from '../../dist/topics.js';
import { deferred, stopped } from './clock.mjs';

const SCHEMAS = {
  zod: z.object({ on: z.boolean(), level: z.number().default(1) }),
  valibot: v.object({ on: v.boolean(), level: v.optional(v.number(), 1) }),
  'valibot, asynchronous': v.objectAsync({ on: v.boolean(), level: v.optional(v.number(), 1) }),
  'zod, asynchronous': z.object({ on: z.boolean(), level: z.number().default(1) }).refine(async () => true),
};

/** MessagePack by two functions. */
const packed = {
  contentType: 'application/msgpack',
  encode: (value) => msgpack.encode(value),
  decode: (payload) => msgpack.decode(payload),
};

for (const [name, schema] of Object.entries(SCHEMAS)) {
  test(`what is valid reaches the handler as the schema gives it, what is not is told of (${name})`, async (t) => {
    const { broker, client } = await stopped(t);
    const errors = [];
    client.on('error', (error) => errors.push(error));
    const lamps = typed(client, { schema });
    const seen = [];
    const subscription = lamps.subscribe(template('lamps/:id'), ({ topic, value }, { id }) => {
      seen.push([topic, id, value]);
    });
    await subscription.ready;
    await broker.publish('lamps/1', '{"on":true}');
    await broker.publish('lamps/2', '{"on":"secret"}');
    await broker.publish('lamps/3', '{"secret');
    await broker.publish('lamps/4', '{"on":false,"level":3}');
    await client.ping();
    assert.deepEqual(seen, [
      ['lamps/1', '1', { on: true, level: 1 }],
      ['lamps/4', '4', { on: false, level: 3 }],
    ]);
    assert.deepEqual(
      errors.map(({ name, code, topic, direction, url }) => [name, code, topic, direction, url]),
      ['lamps/2', 'lamps/3'].map((topic) => [
        'PayloadError',
        'invalid-payload',
        topic,
        'received',
        'https://wasmqtt.github.io/wasmqtt/errors#invalid-payload',
      ]),
    );
    const [wrong, broken] = errors;
    assert.ok(wrong instanceof PayloadError && broken instanceof PayloadError);
    assert.deepEqual(
      wrong.issues.map(({ path }) => path),
      [['on']],
    );
    assert.equal(broken.issues.length, 1);
    for (const error of errors) {
      assert.doesNotMatch(`${error} ${error.stack} ${JSON.stringify(error)} ${Object.values(error)}`, /secret/);
    }
  });

  test(`what is published is checked before, and is sent as it was given (${name})`, async (t) => {
    const { broker, client } = await stopped(t);
    const lamps = typed(client, { schema });
    const results = await Promise.allSettled([
      lamps.publish('a', { on: true }, { qos: 1 }),
      lamps.publish('b', /** @type {any} */ ({ on: 'secret' }), { qos: 1 }),
      lamps.publish('c', { on: false, level: 2 }, { qos: 1 }),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    const { reason } = results[1];
    assert.ok(reason instanceof PayloadError);
    assert.deepEqual([reason.code, reason.topic, reason.direction], ['invalid-payload', 'b', 'published']);
    assert.deepEqual(reason.issues[0].path, ['on']);
    assert.doesNotMatch(`${reason.stack}${JSON.stringify(reason)}`, /secret/);
    assert.deepEqual(
      broker.published().map((message) => [message.topic, message.text(), message.properties.contentType]),
      [
        ['a', '{"on":true}', 'application/json'],
        ['c', '{"on":false,"level":2}', 'application/json'],
      ],
    );
  });
}

test('a loop passes over what is not valid', async (t) => {
  const { broker, client } = await stopped(t);
  const told = [];
  const numbers = typed(client, {
    schema: z.number(),
    onInvalid: (error, message) => told.push([error.topic, message.text()]),
  });
  const subscription = numbers.subscribe('n');
  await subscription.ready;
  for (const payload of ['1', 'x', '"2"', '3']) {
    await broker.publish('n', payload);
  }
  const values = [];
  for await (const message of subscription) {
    values.push(message.value);
    assert.equal(message.text(), String(message.value));
    if (values.length === 2) {
      break;
    }
  }
  assert.deepEqual(values, [1, 3]);
  assert.deepEqual(told, [
    ['n', 'x'],
    ['n', '"2"'],
  ]);
  await client.ping();
  assert.deepEqual(broker.subscriptions, []);
});

test('a loop ends with its subscription', async (t) => {
  const { client } = await stopped(t);
  const subscription = typed(client).subscribe('n');
  await subscription.ready;
  const ended = (async () => {
    for await (const _ of subscription) {
      return 'a message';
    }
    return 'ended';
  })();
  await subscription.unsubscribe();
  assert.equal(await ended, 'ended');
});

test('values of an asynchronous schema come in the order of the messages, and none after the end', async (t) => {
  const { broker, client } = await stopped(t);
  const checks = new Map(['1', '2', '3'].map((name) => [name, deferred()]));
  const schema = z.string().refine(async (name) => checks.get(name)?.promise);
  const seen = [];
  const subscription = typed(client, { schema, codec: text }).subscribe('s', ({ value }) => {
    seen.push(value);
  });
  await subscription.ready;
  for (const name of checks.keys()) {
    await broker.publish('s', name);
  }
  checks.get('2').resolve(true);
  await client.ping();
  assert.deepEqual(seen, []);
  checks.get('1').resolve(true);
  await client.ping();
  assert.deepEqual(seen, ['1', '2']);
  await subscription.unsubscribe();
  checks.get('3').resolve(true);
  await client.ping();
  assert.deepEqual(seen, ['1', '2']);
});

test('publishes that wait for an asynchronous schema keep their order', async (t) => {
  const { broker, client } = await stopped(t);
  const first = deferred();
  const schema = z.string().refine(async (name) => name !== '1' || first.promise);
  const words = typed(client, { schema, codec: text });
  const all = [words.publish('w', '1'), words.publish('w', '2'), words.publish('w', '3')];
  await client.ping();
  assert.deepEqual(broker.published('w'), []);
  first.resolve(true);
  await Promise.all(all);
  assert.deepEqual(
    broker.published('w').map((message) => message.text()),
    ['1', '2', '3'],
  );
});

test('the content type says which codec reads a message; without one it is the first', async (t) => {
  const { broker, client } = await stopped(t);
  const told = [];
  const values = typed(client, { codec: [packed, json], onInvalid: (error) => told.push(error.issues[0].message) });
  const seen = [];
  await values.subscribe('v', ({ value }) => seen.push(value)).ready;
  await broker.publish('v', msgpack.encode({ a: 1 }));
  await broker.publish('v', msgpack.encode({ a: 2 }), { contentType: 'application/msgpack' });
  await broker.publish('v', '{"a":3}', { contentType: 'application/JSON; charset=utf-8' });
  await broker.publish('v', 'a: 4', { contentType: 'application/yaml' });
  await values.publish('v', { a: 5 }, { qos: 1 });
  assert.deepEqual(
    seen,
    [1, 2, 3, 5].map((a) => ({ a })),
  );
  assert.deepEqual(told, ['no codec reads the content type "application/yaml"']);
  assert.equal(broker.published('v').at(-1)?.properties.contentType, 'application/msgpack');
  // One without a content type reads what no other does, and says none.
  const any = typed(client, { codec: [json, { encode: String, decode: (payload) => payload.length }] });
  const lengths = [];
  await any.subscribe('l', ({ value }) => lengths.push(value)).ready;
  await broker.publish('l', 'a: 4', { contentType: 'application/yaml' });
  assert.deepEqual(lengths, [4]);
});

for (const [name, options, versions] of /** @type {const} */ ([
  ['asked for', { protocol: 4 }, [4]],
  ['fallen back to', {}, [3, 4]],
])) {
  test(`in 3.x no content type is said, and the first codec reads (${name})`, async (t) => {
    const { client } = await stopped(t, options, { versions });
    const values = typed(client, { codec: [packed, json] });
    const seen = [];
    const subscription = values.subscribe('v', ({ value }) => seen.push(value));
    // Nobody knows the version yet.
    const early = [values.publish('v', 1, { qos: 1 }), values.publish('v', 2, { qos: 1 })];
    await subscription.ready;
    await Promise.all(early);
    await values.publish('v', 3, { qos: 1 });
    assert.deepEqual(seen, [1, 2, 3]);
    assert.equal(client.server?.protocol, 4);
    await assert.rejects(values.publish('v', 4, { userProperties: [['a', 'b']] }), { code: 'unsupported' });
  });
}

for (const ack of /** @type {const} */ (['manual', 'after-handler'])) {
  test(`what nobody handles is acknowledged, and in 5.0 the server is told why (${ack})`, async (t) => {
    const { broker, client } = await stopped(t);
    const told = [];
    const numbers = typed(client, { schema: z.number(), onInvalid: (error) => told.push(error.topic) });
    const handled = [];
    await numbers.subscribe(
      'n',
      (message) => {
        handled.push(message.value);
        if (ack === 'manual') {
          message.ack();
        }
      },
      { qos: 1, ack },
    ).ready;
    await broker.publish('n', 'x', { qos: 1 });
    await broker.publish('n', '2', { qos: 1 });
    await broker.waitFor(() => broker.sessions.every(({ pending }) => pending === 0));
    assert.deepEqual([told, handled], [['n'], [2]]);
    assert.deepEqual(
      broker.received.filter(({ type }) => type === 'puback').map(({ reasonCode }) => reasonCode),
      [0x83, 0],
    );
  });
}

test('what cannot be written is refused, and so are wrong topics; text is written as it is', async (t) => {
  const { broker, client } = await stopped(t);
  const values = typed(client);
  const circle = {};
  circle.self = circle;
  for (const value of [undefined, () => {}, circle, 1n]) {
    await assert.rejects(values.publish('a', value), { code: 'invalid-payload', direction: 'published' });
  }
  await assert.rejects(values.publish('a/+', 1), { code: 'invalid-argument' });
  await typed(client, { codec: text }).publish('a', 'äöü');
  assert.deepEqual(
    broker.published().map((message) => message.text()),
    ['äöü'],
  );
});

test('a schema that throws, a handler that throws and an onInvalid that throws disturb nothing', async (t) => {
  const { broker, client } = await stopped(t);
  const errors = [];
  client.on('error', ({ code, cause }) => errors.push(cause?.message ?? code));
  const throwing = () => {
    throw new Error('thrown');
  };
  const schema = { '~standard': { version: 1, vendor: 'test', validate: throwing } };
  await typed(client, { schema }).subscribe('a', () => {}).ready;
  await typed(client, { schema, onInvalid: throwing }).subscribe('a', () => {}).ready;
  await typed(client).subscribe('a', throwing).ready;
  await broker.publish('a', '1');
  await client.ping();
  assert.deepEqual(errors, ['invalid-payload', 'thrown', 'thrown']);
  await assert.rejects(typed(client, { schema }).publish('a', 1), { code: 'invalid-payload' });
});

test('a subscription that is refused is told of as ever, and options of subscribe hold', async (t) => {
  const { broker, client, advance } = await stopped(t);
  broker.forbid('secret/#');
  await assert.rejects(typed(client).subscribe('secret/a', () => {}).ready, { code: 'refused' });
  const seen = [];
  const subscription = typed(client).subscribe('s', ({ value }) => seen.push(value), { sample: 100 });
  await subscription.ready;
  for (const payload of ['1', '2', '3']) {
    await broker.publish('s', payload);
  }
  await advance(100);
  assert.deepEqual([seen, subscription.dropped, subscription.filter], [[1, 3], 1, 's']);
});
