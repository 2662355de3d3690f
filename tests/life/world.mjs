/** A broker, a site with the built package, and a browser, for one part. It does not know what is measured. */

import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { Mosquitto } from '../support/mosquitto-process.mjs';
import { HOST } from '../support/net.mjs';
import { packagePage, ROOT, startSite } from '../support/site.mjs';

/** A browser in which a hidden page has a timer a minute at once, and not after five minutes only. */
export const THROTTLED = {
  args: ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1'],
  ignored: [
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
  ],
};

/**
 * @param {string} executable
 * @param {{ args?: string[], ignored?: string[], pages?: Record<string, string> }} [options]
 */
export async function world(executable, { args = [], ignored = [], pages = {} } = {}) {
  const broker = new Mosquitto({ config: ['max_connections -1'] });
  await broker.start();
  const site = await startSite({
    folders: { dist: join(ROOT, 'dist'), support: join(ROOT, 'tests/support') },
    pages: { '/index.html': packagePage('index'), ...pages },
  });
  const browser = await puppeteer.launch({
    executablePath: executable,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', ...args],
    ignoreDefaultArgs: ignored,
    protocolTimeout: 300_000,
  });
  return {
    broker,
    browser,
    /** A page that has loaded the package. @param {(page: import('puppeteer-core').Page) => Promise<unknown>} [prepare] */
    open: async (path = '/index.html', prepare = async (_page) => {}, host = HOST) => {
      const page = await browser.newPage();
      await prepare(page);
      await page.goto(site.url.replace(HOST, host) + path);
      await page.waitForFunction('globalThis.loaded === true', { polling: 20 });
      return page;
    },
    end: async () => {
      await browser.close();
      await broker.remove();
    },
  };
}

/** @param {readonly number[]} values @param {number} part */
export function quantile(values, part) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
