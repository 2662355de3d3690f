/**
 * Pages whose clocks are in the hands of the test, by `page-clock.js`, and a client in one that has lost its connection.
 * It does not know what the clocks are for.
 */

import { startBrowser, startPackageSite } from './browser.mjs';
import { connectPeer } from './peer.mjs';
import { startProxy } from './proxy.mjs';
import { packagePage } from './site.mjs';

const SCRIPT = '<script src="/support/page-clock.js"></script>\n<script';

/** Starts the browser for a file; the page with the clocks is `/clock.html`, the plain one is there as well. */
export async function startClockedBrowser() {
  const pages = { '/clock.html': packagePage('index').replace('<script', SCRIPT) };
  return startBrowser({ site: await startPackageSite(pages) });
}

/**
 * Makes a client, `client` in the page, whose connection was just cut, and a peer that hears what arrives later.
 *
 * @param {import('puppeteer-core').Page} page
 * @param {{ wsPort: number, tcpUrl: string }} broker
 * @param {string} topic
 */
export async function cutOff(page, broker, topic) {
  const proxy = await startProxy(broker.wsPort);
  const peer = await connectPeer(broker);
  await peer.subscribe(topic);
  await page.evaluate(async (url) => {
    globalThis.client = wasmqtt.connect(url, { reconnect: { min: 10, max: 50 } });
    await client.ready;
    globalThis.lost = next(client, 'disconnect');
  }, proxy.url);
  proxy.refuse();
  proxy.cut();
  await page.evaluate(() => lost);
  return { proxy, peer };
}
