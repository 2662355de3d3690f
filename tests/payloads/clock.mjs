/** Time that stands still, with the built client and the broker in memory. It does not know what is tested. */

import { install } from '@sinonjs/fake-timers';
import { connect, preload } from '../../dist/index.js';
import { createBroker } from '../../dist/testing.js';

/**
 * A client of a broker, and a clock that moves by hand; all of it ends with the test.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('../../dist/index.js').ConnectOptions} [options]
 * @param {import('../../dist/testing.js').BrokerOptions} [ofBroker] with any the client is not connected yet
 */
export async function stopped(t, options = {}, ofBroker = undefined) {
  // The WebAssembly is loaded before time stands still.
  await preload();
  const clock = install({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
  const broker = createBroker(ofBroker);
  const client = connect(broker.url, { ...broker.options, ...options });
  t.after(async () => {
    await client.close();
    broker.close();
    clock.uninstall({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
  });
  if (!ofBroker) {
    await client.ready;
  }
  return { broker, client, clock, advance: (/** @type {number} */ ms) => clock.tickAsync(ms) };
}

/** A promise, and what settles it. */
export function deferred() {
  let resolve = (/** @type {unknown} */ _value) => {};
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
