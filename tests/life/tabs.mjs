/** Many tabs with one connection: how long the last one takes to begin, and what it costs, beside one that does not share. */

import { connectAsync } from 'mqtt';
import { world } from './world.mjs';

/** @param {{ executable: string, count: number }} plan */
export async function tabs({ executable, count }) {
  const { broker, open, end } = await world(executable, {
    pages: {
      '/locks.html': `<!doctype html><title>tab</title><script>delete globalThis.SharedWorker;</script><script type="module">
        import * as wasmqtt from '/dist/index.js'; Object.assign(globalThis, { wasmqtt, loaded: true });</script>`,
    },
  });
  const heap = async (/** @type {import('puppeteer-core').Page} */ page) => {
    const session = await page.createCDPSession();
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize, backingStorageSize = 0 } = /** @type {any} */ (await session.send('Runtime.getHeapUsage'));
    await session.detach();
    return usedSize + backingStorageSize;
  };
  const begin = (/** @type {import('puppeteer-core').Page} */ page, /** @type {boolean} */ share) =>
    page.evaluate(
      async (url, share) => {
        const start = performance.now();
        const client = wasmqtt.connect(url, { share });
        Object.assign(globalThis, { client, heard: 0 });
        await client.ready;
        await client.subscribe('tabs/#', () => globalThis.heard++).ready;
        return performance.now() - start;
      },
      broker.url,
      share,
    );
  let kept = true;
  try {
    const alone = await open();
    const before = await heap(alone);
    const aloneTook = await begin(alone, false);
    const aloneCosts = (await heap(alone)) - before;
    await alone.close();
    for (const [way, path] of /** @type {const} */ ([
      ['SharedWorker', '/index.html'],
      ['a page leads', '/locks.html'],
    ])) {
      const pages = [];
      let [took, costs] = [0, 0];
      for (let index = 0; index < count; index++) {
        const page = await open(path);
        const empty = await heap(page);
        took = await begin(page, true);
        costs = (await heap(page)) - empty;
        pages.push(page);
      }
      const ids = new Set(await Promise.all(pages.map((page) => page.evaluate(() => client.clientId))));
      const peer = await connectAsync(broker.tcpUrl);
      const start = performance.now();
      await peer.publishAsync('tabs/all', 'x', { qos: 1 });
      await Promise.all(pages.map((page) => page.waitForFunction('heard > 0', { polling: 50 })));
      const all = performance.now() - start;
      await peer.endAsync();
      console.log(
        `${count} tabs (${way}): ${ids.size} client; the last one began in ${took.toFixed(0)} ms and has ${(costs / 1024).toFixed(0)} KiB ` +
          `(one that does not share: ${aloneTook.toFixed(0)} ms, ${(aloneCosts / 1024).toFixed(0)} KiB); a message was in all of them within ${all.toFixed(0)} ms`,
      );
      kept &&= ids.size === 1;
      for (const page of pages) {
        await page.close();
      }
    }
    return kept;
  } finally {
    await end();
  }
}
