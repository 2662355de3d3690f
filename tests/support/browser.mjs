/**
 * One browser for a test file and one page for each test; an error in the page fails the test.
 * It does not know the brokers.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { answersInJson, BROWSER, launch } from './launch.mjs';
import { packagePage, ROOT, startSite } from './site.mjs';

const LIMIT = 60_000;

/**
 * @typedef {object} PageTestOptions
 * @property {'index' | 'slim'} [entry] of the package; `index` when it is not given
 * @property {RegExp[]} [allowed] errors of the page that belong to the test
 * @property {number} [timeout] milliseconds
 * @property {string | false} [path] another page, or none to begin with
 * @property {Partial<Record<import('./launch.mjs').BrowserName, string>>} [without] browsers in which the test can't be
 *   run, each with what is missing there: it is left out then, and told of with that
 */

/** For `without`: what only Chromium does, or lets a test do. @param {string} what */
export const chromiumOnly = (what) => ({ firefox: what, webkit: what });

/** For `without`: of pages in the back/forward cache. Firefox and WebKit keep none that has a WebSocket. */
export const OUT_OF_CACHE = chromiumOnly('it keeps a page that has an open WebSocket in its back/forward cache');

/**
 * @typedef {(
 *   name: string,
 *   run: (context: { page: import('puppeteer-core').Page, open: (path?: string) => Promise<{ page: import('puppeteer-core').Page, errors: string[] }>, t: import('node:test').TestContext }) => Promise<void>,
 *   options?: PageTestOptions,
 * ) => unknown} PageTest
 */

/**
 * Starts the browser, and a site with the built package, for the tests of one file.
 *
 * @param {import('./launch.mjs').Wishes & { name?: import('./launch.mjs').BrowserName, site?: { url: string } }} [options]
 */
export async function startBrowser({ name: browserName = BROWSER, site, ...wishes } = {}) {
  const browser = await launch(browserName, wishes);
  const served = site ?? (await startPackageSite());

  /** A page and what went wrong in it. */
  const open = async (path = '/index.html', url = served.url) => {
    const page = await browser.newPage();
    if (browserName === 'firefox') {
      answersInJson(page);
    }
    /** @type {string[]} */
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error instanceof Error ? error.stack : error)));
    page.on('error', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'assert') {
        errors.push(message.text());
      }
    });
    await page.goto(url + path);
    await page.waitForFunction('globalThis.loaded === true');
    return { page, errors };
  };

  /**
   * A test with a page of its own.
   *
   * @param {string} name
   * @param {(context: { page: import('puppeteer-core').Page, open: typeof open, t: import('node:test').TestContext }) => Promise<void>} run
   * @param {PageTestOptions} [options]
   */
  const pageTest = (name, run, { entry = 'index', allowed = [], timeout = LIMIT, path, without = {} } = {}) =>
    test(name, { timeout, skip: without[browserName] }, async (t) => {
      const opened = [await open(path || `/${entry}.html`)];
      const first = opened[0];
      assert.ok(first);
      try {
        await run({
          page: first.page,
          t,
          open: async (other) => {
            const more = await open(other);
            opened.push(more);
            return more;
          },
        });
        const errors = (await Promise.all(opened.map(errorsOf))).flat();
        const expected = [...allowed, ...OF_ITSELF[browserName]];
        const others = errors.filter((text) => !expected.some((pattern) => pattern.test(text)));
        assert.deepEqual(others, [], 'errors in the page');
      } finally {
        await Promise.all(opened.map(({ page }) => page.close().catch(() => {})));
      }
    });

  return { browser, site: served, open, pageTest };
}

/**
 * The built package, on pages that load it by `<script type="module">`.
 *
 * @param {Record<string, string>} [pages] more of them
 */
export function startPackageSite(pages = {}) {
  return startSite({
    folders: { dist: join(ROOT, 'dist'), support: join(ROOT, 'tests/support') },
    pages: { '/index.html': packagePage('index'), '/slim.html': packagePage('slim'), ...pages },
  });
}

/** What Chromium writes by itself when a WebSocket breaks: a test that breaks one allows it. */
export const SOCKET_FAILED = /^WebSocket connection to '.*' failed/;

/** What a browser writes of sockets that nobody broke: Firefox of one that ends without a closing handshake. */
const OF_ITSELF = {
  chromium: [],
  firefox: [/The connection to \S+ was interrupted while|establish a connection to the server at/],
  webkit: [],
};

/**
 * What went wrong in a page, without what its test has prevented.
 *
 * @param {{ page: import('puppeteer-core').Page & { heard?: () => Promise<void> }, errors: string[] }} opened
 */
async function errorsOf({ page, errors }) {
  // Over WebDriver a page does not tell what it says: it is asked.
  await page.heard?.();
  const texts = errors.filter((text) => !/^Error: Page crashed/.test(text));
  if (texts.length === 0) {
    return errors;
  }
  const prevented = await page.evaluate('globalThis.prevented ?? []').catch(() => []);
  return errors.filter((text) => !(/** @type {string[]} */ (prevented).some((one) => text.includes(one))));
}
