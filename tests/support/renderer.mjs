/**
 * Which process a page of Chromium runs in, to stop it as a debugger would, and its end. It does not know what the page does.
 */

import { chromiumOnly } from './browser.mjs';

/** Options of a test in which a page, or a worker, is killed. */
export const DIES = {
  allowed: [/Page crashed/],
  without: chromiumOnly('its DevTools protocol crashes a page, or a SharedWorker'),
};

/** @param {import('puppeteer-core').Page} page */
export async function crash(page) {
  const session = await page.createCDPSession();
  const gone = new Promise((resolve) => page.once('error', resolve));
  session.send('Page.crash').catch(() => {});
  await gone;
}

/** @param {import('puppeteer-core').Browser} browser @returns {Promise<Map<number, number>>} seconds of CPU, by process */
async function renderers(browser) {
  const session = await browser.target().createCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
}

/**
 * The process that a page runs in: that which works when it does.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {import('puppeteer-core').Page} page
 */
export async function processOf(browser, page) {
  for (let work = 200; ; work *= 2) {
    const before = await renderers(browser);
    await page.evaluate((work) => {
      const end = performance.now() + work;
      while (performance.now() < end);
    }, work);
    const worked = [...(await renderers(browser))].map(([id, time]) => ({ id, time: time - (before.get(id) ?? 0) }));
    const [first, second] = worked.sort((one, other) => other.time - one.time);
    if (first && first.time > 0.1 && first.time > 3 * (second?.time ?? 0)) {
      return first.id;
    }
  }
}
