/** What takes time, under vitest's fake timers. */

import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
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
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const advance = (/** @type {number} */ ms) => vi.advanceTimersByTimeAsync(ms);

for (const [name, run] of Object.entries(TIMED)) {
  test(name, () => run({ connect, createBroker, advance, expect }));
}
