/** Timers of an idle page that is connected: how often they fire. One for each ping, which is after 3/4 of the keep-alive. */

import { world } from './world.mjs';

/** @param {{ executable: string, minutes: number }} plan */
export async function wakes({ executable, minutes }) {
  const { broker, open, end } = await world(executable);
  try {
    let kept = true;
    const count = (/** @type {import('puppeteer-core').Page} */ page) =>
      page.evaluateOnNewDocument(() => {
        globalThis.fired = 0;
        for (const name of /** @type {const} */ (['setTimeout', 'setInterval'])) {
          const original = globalThis[name];
          globalThis[name] = /** @type {any} */ (
            (/** @type {any} */ handler, /** @type {any[]} */ ...rest) =>
              original(
                (/** @type {any[]} */ ...all) => {
                  globalThis.fired++;
                  handler(...all);
                },
                ...rest,
              )
          );
        }
      });
    const pages = [];
    for (const share of [false, true]) {
      const page = await open('/index.html', count);
      await page.evaluate(
        async (url, share) => {
          const client = wasmqtt.connect(url, { share, keepAlive: 60 });
          Object.assign(globalThis, { client });
          await client.ready;
          await client.subscribe('idle/#', () => {}).ready;
          globalThis.fired = 0;
        },
        broker.url,
        share,
      );
      pages.push({ share, page });
    }
    await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
    for (const { share, page } of pages) {
      const fired = Number(await page.evaluate('globalThis.fired'));
      console.log(
        `${share ? 'shared, in a SharedWorker' : 'in the page'}: ${(fired / minutes).toFixed(2)} timers a minute at keepAlive 60, in ${minutes} min`,
      );
      kept &&= fired <= Math.ceil((minutes * 60) / 45);
    }
    return kept;
  } finally {
    await end();
  }
}
