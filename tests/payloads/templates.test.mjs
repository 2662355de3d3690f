/** `subscribe` with a template: what its handler gets, and that a colon in a filter is a colon. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { template } from '../../dist/topics.js';
import { stopped } from './clock.mjs';

test('a handler gets what the names of the template stand for, with every option of subscribe', async (t) => {
  const { broker, client, advance } = await stopped(t);
  const seen = [];
  const state = template('devices/:id/state');
  const subscription = client.subscribe(state, (message, { id }) => seen.push([id, message.text()]), { sample: 100 });
  await subscription.ready;
  assert.equal(subscription.filter, 'devices/+/state');
  await broker.publish('devices/7/state', 'on');
  await broker.publish('devices/7/state', 'off');
  await broker.publish(state.fill({ id: 8 }), 'on');
  await advance(100);
  assert.deepEqual(seen, [
    ['7', 'on'],
    ['8', 'on'],
    ['7', 'off'],
  ]);
  const loop = client.subscribe(template('files/:path*'));
  await loop.ready;
  await broker.publish('files/a/b', '');
  for await (const { topic } of loop) {
    assert.deepEqual(template('files/:path*').params(topic), { path: 'a/b' });
    break;
  }
});

test('in text a colon is a colon, and the handler gets the message alone', async (t) => {
  const { broker, client } = await stopped(t);
  const seen = [];
  await client.subscribe(':x/y', (...given) => seen.push(given.length)).ready;
  await broker.publish('a/y', '');
  await broker.publish(':x/y', '');
  assert.deepEqual(seen, [1]);
  assert.deepEqual(
    broker.subscriptions.map(({ filter }) => filter),
    [':x/y'],
  );
});

test('a shared subscription has a template, too', async (t) => {
  const { broker, client } = await stopped(t);
  const seen = [];
  await client.subscribe(template('$share/group/jobs/:id'), (_, params) => seen.push(params)).ready;
  await broker.publish('jobs/9', '');
  assert.deepEqual(seen, [{ id: '9' }]);
});

test('what is neither text nor a template is refused by name', async (t) => {
  const { client } = await stopped(t);
  for (const wrong of [null, undefined, 7, {}, { filter: 7 }]) {
    await assert.rejects(client.subscribe(/** @type {any} */ (wrong), () => {}).ready, {
      code: 'invalid-argument',
      message: 'the filter must be well-formed text',
    });
  }
});
