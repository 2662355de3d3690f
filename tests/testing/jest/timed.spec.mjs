/** What takes time, under Jest's fake timers. */

import { afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { connect } from 'wasmqtt';
import { createBroker } from 'wasmqtt/testing';
import { TIMED } from '../timed.js';

// The WebAssembly is loaded before time stands still.
beforeAll(async () => {
  const broker = createBroker();
  const client = connect(broker.url, broker.options);
  await client.ready;
  await client.close();
  broker.close();
});

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const advance = (/** @type {number} */ ms) => jest.advanceTimersByTimeAsync(ms);

for (const [name, run] of Object.entries(TIMED)) {
  test(name, () => run({ connect, createBroker, advance, expect }));
}
