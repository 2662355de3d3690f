/** The pages of the tests of `wasmqtt/paho`: it as a script and as a module, with what a test has besides. It does not know the tests. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBrowser, startPackageSite } from './browser.mjs';
import { ROOT } from './site.mjs';

/** What a test of these pages has besides `Paho`. */
const TOOLS = `
  globalThis.promised = (start) => new Promise((resolve) => start(resolve));
  globalThis.thrown = (run) => { try { run(); } catch (error) { return error.message; } };
  /** Resolves with what onSuccess, or onFailure, is told. */
  globalThis.connected = (client, options = {}) =>
    promised((resolve) => client.connect({ onSuccess: resolve, onFailure: resolve, ...options }));
  globalThis.subscribed = (client, filter, options = {}) =>
    promised((resolve) => client.subscribe(filter, { onSuccess: resolve, onFailure: resolve, ...options }));
  globalThis.lost = (client) => promised((resolve) => { client.onConnectionLost = resolve; });
  globalThis.make = (url, id) => new Paho.Client(url + 'mqtt', id);
  globalThis.loaded = true;`;

const HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>paho</title><link rel="icon" href="data:,">';

/** For a test in the page with the script. */
export const ON = { path: '/script.html' };

export async function startPahoPages() {
  const site = await startPackageSite({
    '/script.html': `${HEAD}<script src="/dist/paho.global.js"></script><script>${TOOLS}</script></html>`,
    '/module.html': `${HEAD}<script type="module">
    import Paho, * as all from '/dist/paho.js'; Object.assign(globalThis, { Paho, all });${TOOLS}</script></html>`,
    '/alone.js': await readFile(join(ROOT, 'dist/paho.global.js'), 'utf8'),
    '/alone.html': `${HEAD}<script src="/alone.js"></script><script>${TOOLS}</script></html>`,
  });
  return startBrowser({ site });
}
