/** The last value of each topic as a store: what it holds, when it tells, and when it subscribes and lets go. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effect, signal } from '@preact/signals';
import { createElement, useSyncExternalStore } from 'react';
import { renderToString } from 'react-dom/server';
import { get as svelteGet } from 'svelte/store';
import { z } from 'zod';
import { last, typed } from '../../dist/payloads.js';
import { stopped } from './clock.mjs';

/** A frame where nothing is drawn, in milliseconds. */
const FRAME = 16;
/** Milliseconds after which a subscription that nobody follows is let go. */
const LINGER = 500;

test('a store has the last value of each topic and tells once a frame, with one subscription however many listen', async (t) => {
  const { broker, client, clock, advance } = await stopped(t);
  await broker.publish('plant/1/temperature', '20', { retain: true });
  const read = (message) => Number(message.text());
  const store = last(client, 'plant/+/temperature', { read });
  assert.deepEqual([store.get().size, broker.subscriptions], [0, []]);
  const told = [];
  const stops = [
    store.subscribe((values) => told.push(Object.fromEntries(values))),
    last(client, 'plant/+/temperature', { limit: 5 }).subscribe(() => {}),
  ];
  assert.deepEqual(told.splice(0), [{}]);
  await client.ping();
  await advance(FRAME);
  assert.deepEqual(told.splice(0), [{ 'plant/1/temperature': 20 }]);
  const before = store.get();
  assert.equal(store.get(), before, 'the same until it changes');
  for (const [plant, value] of [
    [2, '18'],
    [1, '21'],
    [1, '22'],
  ]) {
    await broker.publish(`plant/${plant}/temperature`, value);
  }
  assert.equal(store.get(), before, 'until the frame');
  await advance(FRAME);
  assert.deepEqual(told.splice(0), [{ 'plant/1/temperature': 22, 'plant/2/temperature': 18 }]);
  await advance(1000);
  assert.deepEqual(told, []);
  assert.equal(broker.received.filter(({ type }) => type === 'subscribe').length, 1);
  const idle = clock.countTimers();
  for (const stop of stops) {
    stop();
    stop();
  }
  await advance(LINGER - 1);
  assert.equal(broker.received.filter(({ type }) => type === 'unsubscribe').length, 0);
  await advance(1);
  await client.ping();
  assert.equal(broker.received.filter(({ type }) => type === 'unsubscribe').length, 1);
  assert.deepEqual([broker.subscriptions, store.get().size, clock.countTimers() - idle], [[], 0, 0]);
});

test('a store is bounded, and its value stays where it cannot be read', async (t) => {
  const { broker, client, advance } = await stopped(t);
  const reported = [];
  t.mock.method(console, 'error', (error) => reported.push(error.name));
  const store = last(client, 's/#', { limit: 2, read: (message) => message.json() });
  store.subscribe(() => {});
  await client.ping();
  for (const [topic, payload] of [
    ['s/a', '1'],
    ['s/b', '2'],
    ['s/c', '3'],
  ]) {
    await broker.publish(topic, payload);
  }
  await advance(FRAME);
  assert.deepEqual(
    [...store.get()],
    [
      ['s/b', 2],
      ['s/c', 3],
    ],
  );
  await broker.publish('s/c', 'x');
  await advance(FRAME);
  assert.deepEqual(
    [...store.get()],
    [
      ['s/b', 2],
      ['s/c', 3],
    ],
  );
  assert.deepEqual(reported, ['SyntaxError']);
});

test('a store of a typed client has values that are valid', async (t) => {
  const { broker, client, advance } = await stopped(t);
  const told = [];
  const numbers = typed(client, { schema: z.number(), onInvalid: ({ topic }) => told.push(topic) });
  const store = numbers.last('n/#');
  store.subscribe(() => {});
  await client.ping();
  await broker.publish('n/a', '1');
  await broker.publish('n/b', 'x');
  await advance(FRAME);
  assert.deepEqual([[...store.get()], told], [[['n/a', 1]], ['n/b']]);
});

test('Svelte, React and signals take it', async (t) => {
  const { broker, client, advance } = await stopped(t);
  const store = last(client, 'x', { read: (message) => message.text() });
  const { get, subscribe } = store;
  const value = signal(get());
  const seen = [];
  subscribe((values) => {
    value.value = values;
  });
  effect(() => {
    seen.push(value.value.get('x'));
  });
  await client.ping();
  await broker.publish('x', 'hello');
  await advance(FRAME);
  assert.deepEqual(seen, [undefined, 'hello']);
  assert.equal(svelteGet(store).get('x'), 'hello');
  const Shown = () => useSyncExternalStore(subscribe, get, get).get('x');
  assert.equal(renderToString(createElement(Shown)), 'hello');
});
