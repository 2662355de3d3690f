/**
 * The page of an application that uses the package, and the test that it exchanges messages through a real broker. It does
 * not know how the page was built.
 */

import assert from 'node:assert/strict';
import { connectPeer } from '../support/peer.mjs';

/** What `connect` is asked for. */
const MODES = {
  'in the page': {},
  'in a worker': { worker: true },
  'session stored': { session: { persist: 'indexeddb' } },
  shared: { share: true },
  'in a worker, session stored': { worker: true, session: { persist: 'indexeddb' } },
};

/**
 * A module of the application: answers what is published to `to-page`, and says so in `loaded` and in the title. Address and
 * options are in the hash.
 *
 * @param {string} specifier
 */
export const application = (specifier) => `import { connect } from '${specifier}';\n${answering}`;

/** With `connect` in scope. */
export const answering = `
const [url, options] = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const client = connect(url, options);
client.subscribe('to-page', async (message) => {
  await client.publish('from-page', message.text().toUpperCase(), { qos: 2 });
  const place = client.sharing?.place ?? 'alone';
  await client.close();
  document.title = place;
}, { qos: 1 }).ready.then(() => { globalThis.loaded = true; });
`;

/** @param {string} scripts */
export const html = (scripts) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title>
<link rel="icon" href="data:,">${scripts}</html>`;

/** @param {string} src */
export const moduleScript = (src) => `<script type="module" src="${src}"></script>`;

/**
 * A test for each mode.
 *
 * @param {import('../support/browser.mjs').PageTest} pageTest
 * @param {{ url: string }} broker
 * @param {{ name: string, path: string, place?: 'shared-worker' | 'this-page', allowed?: RegExp[] }} consumer `place` is that of a
 *   shared connection, `allowed` what it may write to the console then
 */
export function exchanges(pageTest, broker, { name, path, place = 'shared-worker', allowed = [] }) {
  for (const [mode, { session, ...rest }] of Object.entries(MODES)) {
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
        await page.waitForFunction('document.title !== "page"');
        assert.equal(await page.title(), 'share' in options ? place : 'alone');
        await peer.end();
      },
      {
        path: `${path}#${encodeURIComponent(JSON.stringify([broker.url, options]))}`,
        allowed: 'share' in options ? allowed : [],
      },
    );
  }
}
