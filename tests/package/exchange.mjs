/** The test that an application exchanges messages through a real broker. It does not know how its page was built. */

import assert from 'node:assert/strict';
import { connectPeer } from '../support/peer.mjs';
import { MODES } from './application.mjs';

/**
 * @typedef {object} Consumer
 * @property {string} name
 * @property {string} path of its page
 * @property {'shared-worker' | 'this-page'} [place] of a shared connection
 * @property {RegExp[]} [allowed] what it may write to the console then
 * @property {RegExp[]} [always] what it may write in every mode
 * @property {number} [limit] the bytes of scripts that the page may load to connect
 * @property {boolean} [workers] false where there may be none: then `worker` is told that, and goes on without
 * @property {readonly string[]} [modes] those that it has; all of them
 */

/**
 * A test for each mode.
 *
 * @param {import('../support/browser.mjs').PageTest} pageTest
 * @param {{ url: string }} broker
 * @param {Consumer} consumer
 */
export function exchanges(pageTest, broker, consumer) {
  const {
    name,
    path,
    place = 'shared-worker',
    allowed = [],
    always = [],
    limit = Infinity,
    workers = true,
    modes,
  } = consumer;
  for (const [mode, { session, ...rest }] of Object.entries(MODES)) {
    if (modes && !modes.includes(mode)) {
      continue;
    }
    // Each with a session of its own.
    const options = {
      ...rest,
      ...('share' in rest && { share: name }),
      ...(session && { session: { ...session, name: `${name}, ${mode}` } }),
    };
    pageTest(
      `a page exchanges messages: ${name}, ${mode}`,
      async ({ page }) => {
        const peer = await connectPeer(broker);
        await peer.subscribe('from-page');
        await peer.publish('to-page', 'hello', { qos: 1 });
        assert.equal((await peer.next()).text, 'HELLO');
        await page.waitForFunction('globalThis.place !== undefined');
        const alone = 'worker' in options && !workers ? 'unsupported' : 'alone';
        assert.equal(await page.evaluate('globalThis.place'), 'share' in options ? place : alone);
        if (mode === 'in the page') {
          const loaded = await page.evaluate(() =>
            performance
              .getEntriesByType('resource')
              .filter((entry) => entry.name.endsWith('.js'))
              .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0),
          );
          assert.ok(loaded <= limit, `${loaded} bytes of scripts`);
        }
        await peer.end();
      },
      {
        path: `${path}#${encodeURIComponent(JSON.stringify([broker.url, options]))}`,
        allowed: 'share' in options || ('worker' in options && !workers) ? [...allowed, ...always] : always,
      },
    );
  }
}
