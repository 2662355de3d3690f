/** A proxy that cuts silent connections, and does not say when. It does not know how the engine finds out. */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { startProxy } from '../support/proxy.mjs';

const { pageTest } = await startBrowser();
const broker = await startMosquitto();

/** Milliseconds; the client does not believe in less than 5 s. */
const PATIENCE = 5_500;

pageTest(
  'the third connection that a proxy cuts for its silence is the last, in the page and in a worker',
  async ({ page }) => {
    const proxy = await startProxy(broker.wsPort);
    proxy.cutWhenIdle(PATIENCE);
    const seen = await page.evaluate(
      (url, patience) => {
        const live = async (options) => {
          // Asks after 18 s.
          const client = wasmqtt.connect(url, { keepAlive: 20, reconnect: { min: 10, max: 50 }, ...options });
          let lost = 0;
          client.on('disconnect', () => lost++);
          await client.ready;
          const before = client.stats().idleTimeout;
          while (lost < 3) {
            await next(client, 'disconnect');
          }
          await next(client, 'connect');
          // PINGREQ after three quarters of it, and a connection that lives on.
          const { packetsSent } = client.stats();
          await new Promise((resolve) => setTimeout(resolve, 2 * patience));
          const survived = lost === 3;
          await client.close();
          // DISCONNECT is the last; in a worker the counters are those of the last event.
          const { idleTimeout, packetsSent: later } = client.stats();
          return { before, idleTimeout, survived, pings: later - 1 - packetsSent };
        };
        return Promise.all([live({}), live({ worker: true })]);
      },
      proxy.url,
      PATIENCE,
    );
    for (const { before, idleTimeout, survived, pings } of seen) {
      assert.deepEqual({ before, survived, pings }, { before: undefined, survived: true, pings: 2 });
      assert.ok(Math.abs(idleTimeout - PATIENCE) < 500, `${idleTimeout} ms`);
    }
  },
);
