/**
 * Timers of idle pages that are connected, and of their workers: how often they fire in real time. Once for each ping, which
 * is 2 s before the end of the keep-alive, also in a hidden page. `tests/e2e/wakes.test.mjs` has the same by a test's clock.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/site.mjs';
import { THROTTLED, world } from './world.mjs';

/** In a page, and before the script of a worker. */
const COUNT = `{
  globalThis.fired = 0;
  for (const name of ['setTimeout', 'setInterval']) {
    const original = globalThis[name];
    globalThis[name] = (run, ...rest) => original((...all) => { globalThis.fired++; run(...all); }, ...rest);
  }
  globalThis.before = undefined;
  const channel = new BroadcastChannel('fired');
  channel.onmessage = ({ data: { ask, begins } }) => {
    if (begins) {
      globalThis.before = fired;
    } else if (ask && !globalThis.document) {
      channel.postMessage({ told: ask, fired: fired - (before ?? 0) });
    }
  };
}`;

const IN_PAGE = `${COUNT}
globalThis.Blob = class extends Blob {
  constructor(parts, options) {
    super(options?.type === 'text/javascript' ? [${JSON.stringify(COUNT)}, ...parts] : parts, options);
  }
};`;

/** How many workers each has. */
const WAYS = {
  'in the page': { options: {}, workers: 0 },
  'in a worker': { options: { worker: true }, workers: 1 },
  'shared, in a SharedWorker': { options: { share: true }, workers: 1 },
  'in a hidden page': { options: {}, workers: 1 },
};

/** @param {{ executable: string, minutes: number }} plan */
export async function wakes({ executable, minutes }) {
  const shared = await readFile(join(ROOT, 'dist/share-worker.js'), 'utf8');
  /** Each way in a browser of its own: workers answer through a channel of their origin, and one page is in front. */
  const counted = Object.entries(WAYS).map(async ([name, { options, workers }]) => {
    const hides = name === 'in a hidden page';
    const { broker, browser, open, end } = await world(executable, {
      ...(hides && THROTTLED),
      pages: { '/dist/share-worker.js': COUNT + shared },
    });
    try {
      const page = await open('/index.html', (page) => page.evaluateOnNewDocument(IN_PAGE));
      await page.evaluate(
        async (url, options) => {
          const client = wasmqtt.connect(url, { ...options, keepAlive: 60 });
          Object.assign(globalThis, { client, lost: 0 });
          client.on('disconnect', () => globalThis.lost++);
          await client.ready;
          await client.subscribe('idle/#', () => {}).ready;
        },
        broker.url,
        options,
      );
      if (hides) {
        const front = await browser.newPage();
        await front.bringToFront();
      }
      // What is set when it begins has fired by then.
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      await page.evaluate(() => {
        globalThis.before = fired;
        new BroadcastChannel('fired').postMessage({ begins: true });
      });
      await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
      const told = await page.evaluate(async (workers) => {
        const channel = new BroadcastChannel('fired');
        const told = [fired - before];
        const all = new Promise((resolve) => {
          channel.onmessage = ({ data }) => 'fired' in data && told.push(data.fired) > workers && resolve(undefined);
        });
        channel.postMessage({ ask: 1 });
        await (workers > 0 && all);
        return { told, hidden: document.hidden, lost };
      }, workers);
      return { name, hides, ...told };
    } finally {
      await end();
    }
  });
  let kept = true;
  for (const { name, told, hides, hidden, lost } of await Promise.all(counted)) {
    const figures = told.map((fired) => (fired / minutes).toFixed(2)).join(' and in the worker ');
    console.log(
      `${name}: ${figures} timers a minute at keepAlive 60, in ${minutes} min; hidden: ${hidden}, ${lost} lost`,
    );
    kept &&= told.every((fired) => fired <= minutes) && hides === hidden && lost === 0;
  }
  return kept;
}
