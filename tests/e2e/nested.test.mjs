/**
 * Handlers that have the page's events go on before they return: in Firefox a request that is waited for does, and so
 * do its dialogs. Nothing is lost by it, and the order stays.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();

for (const qos of /** @type {const} */ ([0, 1, 2])) {
  for (const session of [undefined, { persist: 'indexeddb', name: `nested ${qos}` }]) {
    pageTest(
      `messages that come while a handler waits follow it (QoS ${qos}${session ? ', stored' : ''})`,
      async ({ page }) => {
        const peer = await connectPeer(broker);
        await page.evaluate(
          async (url, qos, session) => {
            globalThis.heard = [];
            globalThis.inside = 0;
            globalThis.deepest = 0;
            globalThis.client = wasmqtt.connect(url, { session });
            const subscription = client.subscribe(
              `nested/${qos}`,
              (message) => {
                deepest = Math.max(deepest, ++inside);
                const request = new XMLHttpRequest();
                request.open('GET', `/index.html?${heard.length}`, false);
                request.send();
                heard.push(Number(message.text()));
                inside--;
              },
              { qos },
            );
            await subscription.ready;
          },
          broker.url,
          qos,
          session,
        );
        for (let n = 0; n < 200; n++) {
          await peer.publish(`nested/${qos}`, `${n}`, { qos });
        }
        await page.waitForFunction('heard.length === 200');
        const numbers = Array.from({ length: 200 }, (_, n) => n);
        assert.deepEqual(await page.evaluate(() => ({ heard, deepest })), { heard: numbers, deepest: 1 });
        await page.evaluate(() => client.close());
        await peer.end();
      },
    );
  }
}
