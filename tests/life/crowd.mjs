/**
 * Pages that lose their server for two seconds: how soon they are back, and how many begin in the busiest second. Each is of
 * another site, so that it has a process of its own: Chromium delays WebSockets of a process of which many fail, by 1 to 5 s.
 */

import { quantile, world } from './world.mjs';

const OUTAGE = 2_000;

/** @param {{ executable: string, count: number }} plan */
export async function crowd({ executable, count }) {
  const { broker, open, end } = await world(executable, {
    args: [
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      '--site-per-process',
    ],
  });
  try {
    const pages = [];
    for (let index = 0; index < count / 2; index++) {
      const page = await open('/index.html', undefined, `crowd-${index}.test`);
      await page.evaluate(async (url) => {
        const client = wasmqtt.connect(url);
        Object.assign(globalThis, { client, back: undefined });
        await client.ready;
        client.on('connect', () => {
          globalThis.back = Date.now();
        });
      }, broker.url);
      pages.push(page);
    }
    await broker.kill();
    await new Promise((resolve) => setTimeout(resolve, OUTAGE));
    await broker.start();
    const up = Date.now();
    const times = await Promise.all(
      pages.map(async (page) => {
        await page.waitForFunction('globalThis.back', { polling: 100, timeout: 120_000 });
        return Number(await page.evaluate('globalThis.back')) - up;
      }),
    );
    const busiest = Math.max(...times.map((at) => times.filter((time) => time >= at && time < at + 1_000).length));
    const [half, most, last] = [quantile(times, 0.5), quantile(times, 0.9), Math.max(...times)];
    console.log(
      `${pages.length} pages after ${OUTAGE} ms without their server: half back after ${half} ms, nine of ten after ${most} ms, all after ${last} ms; ` +
        `${busiest} in the busiest second`,
    );
    return half <= 2_000 && last <= 10_000;
  } finally {
    await end();
  }
}
