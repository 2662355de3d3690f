/** What the scenarios of the broker in memory are written with. It does not know them. */

/**
 * @typedef {object} Given
 * @property {typeof import('../../dist/index.js').connect} connect
 * @property {(options?: import('../../dist/testing.js').BrokerOptions) => import('../../dist/testing.js').Broker} createBroker
 */

/** Compared as JSON: what is undefined is not there. @param {unknown} actual @param {unknown} expected */
export function equal(actual, expected) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) {
    throw new Error(`${left} is not ${right}`);
  }
}

/** @param {PromiseLike<unknown>} promise @param {Record<string, unknown>} expected */
export async function rejects(promise, expected) {
  let error;
  try {
    await promise;
  } catch (thrown) {
    error = /** @type {Record<string, unknown>} */ (thrown);
  }
  equal(error && Object.fromEntries(Object.keys(expected).map((name) => [name, error[name]])), expected);
}

export const types = (/** @type {readonly { type: string }[]} */ packets) => packets.map(({ type }) => type);

/** Texts of what a subscription gets. */
export function texts(client, filter, options) {
  const all = [];
  const subscription = client.subscribe(filter, (message) => all.push(`${message.topic} ${message.text()}`), options);
  return { all, ready: subscription.ready, subscription };
}

/** Resolves with the detail of the next event of that type. */
export function event(client, type) {
  return new Promise((resolve) => client.addEventListener(type, ({ detail }) => resolve(detail), { once: true }));
}
