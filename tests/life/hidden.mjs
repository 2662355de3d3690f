/** Pages that are hidden for minutes, in a browser that throttles them as much as it ever does: no connection may be lost. */

import { THROTTLED, world } from './world.mjs';

const KEEP_ALIVES = [5, 10, 20, 60];
const WAYS = { 'in the page': {}, 'in a worker': { worker: true }, shared: { share: true } };

/** @param {{ executable: string, minutes: number }} plan */
export async function hidden({ executable, minutes }) {
  const { broker, browser, open, end } = await world(executable, THROTTLED);
  try {
    /** @type {[string, import('puppeteer-core').Page][]} */
    const pages = [];
    for (const [way, options] of Object.entries(WAYS)) {
      for (const keepAlive of KEEP_ALIVES) {
        const page = await open();
        await page.evaluate(
          async (url, options) => {
            const client = wasmqtt.connect(url, options);
            Object.assign(globalThis, { client, lost: 0, ticks: 0 });
            client.on('disconnect', () => globalThis.lost++);
            await client.ready;
            setInterval(() => globalThis.ticks++, 100);
          },
          broker.url,
          { ...options, keepAlive, ...('share' in options && { share: `every ${keepAlive}` }) },
        );
        pages.push([`${way}, keepAlive ${keepAlive}`, page]);
      }
    }
    const front = await browser.newPage();
    await front.bringToFront();
    await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
    let all = 0;
    for (const [name, page] of pages) {
      const { lost, ticks, hidden } = await page.evaluate(() => ({ lost, ticks, hidden: document.hidden }));
      console.log(`${name}: ${lost} connections lost in ${minutes} min; hidden: ${hidden}, ${ticks} ticks of 100 ms`);
      all += lost + (hidden ? 0 : 1);
    }
    return all === 0;
  } finally {
    await end();
  }
}
