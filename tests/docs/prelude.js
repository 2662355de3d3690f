/** In the page: what `prelude.d.ts` says the examples have. It does not know the examples. */

import { connect } from 'wasmqtt';
import { createBroker } from 'wasmqtt/testing';

/** All that was shown. @type {string[]} */
export const shown = [];

/**
 * Gives the page a client on the broker at that address, or else on one in memory.
 *
 * @param {string} [address]
 */
export async function begin(address) {
  const broker = createBroker();
  if (!address) {
    // Every address leads to it.
    globalThis.WebSocket = /** @type {typeof WebSocket} */ (/** @type {unknown} */ (broker.WebSocket));
  }
  const url = address ?? broker.url;
  const client = connect(url);
  await client.ready;
  Object.assign(globalThis, {
    broker,
    client,
    url,
    show: (/** @type {unknown[]} */ ...values) => void shown.push(values.join(' ')),
    store: async (/** @type {import('wasmqtt').Message} */ message) => void shown.push(message.topic),
    token: async () => ({ value: 'token', expiresAt: new Date(Date.now() + 3_600_000) }),
  });
}
