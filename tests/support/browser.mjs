/**
 * One browser for a test file and one page for each test; an error in the page fails the test.
 * It does not know the brokers.
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { findBrowsers } from '../../scripts/setup/browsers.mjs';
import { atEnd } from './cleanup.mjs';
import { packagePage, ROOT, startSite } from './site.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const LIMIT = 60_000;

/** `WASMQTT_BROWSER=firefox`: the tests that do not say which browser they want are run in that one. */
export const IN_FIREFOX = process.env.WASMQTT_BROWSER === 'firefox';

/**
 * @typedef {object} PageTestOptions
 * @property {'index' | 'slim'} [entry] of the package; `index` when it is not given
 * @property {RegExp[]} [allowed] errors of the page that belong to the test
 * @property {number} [timeout] milliseconds
 * @property {string | false} [path] another page, or none to begin with
 */

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
 * @param {{ args?: string[], ignored?: string[], site?: { url: string }, firefox?: boolean, extensions?: boolean }} [options] `ignored` are arguments
 *   that puppeteer gives by itself
 */
export async function startBrowser({ args = [], ignored = [], site, firefox = IN_FIREFOX, extensions = false } = {}) {
  const browser = await puppeteer.launch({
    browser: firefox ? 'firefox' : 'chrome',
    executablePath: firefox ? findBrowsers().firefox : chromium(),
    args: firefox ? args : ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', ...args],
    ignoreDefaultArgs: ignored,
    // They are installed through the pipe alone.
    ...(extensions && { enableExtensions: true, pipe: true }),
    protocolTimeout: LIMIT * 2,
  });
  atEnd(() => browser.close());
  const served = site ?? (await startPackageSite());

  /** A page and what went wrong in it. */
  const open = async (path = '/index.html', url = served.url) => {
    const page = await browser.newPage();
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
  const pageTest = (name, run, { entry = 'index', allowed = [], timeout = LIMIT, path } = {}) =>
    test(name, { timeout }, async (t) => {
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
        const errors = opened.flatMap((one) => one.errors);
        const others = errors.filter((text) => !allowed.some((pattern) => pattern.test(text)));
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

/** What Chromium, and Firefox, write by themselves when a WebSocket breaks: a test that breaks one allows it. */
export const SOCKET_FAILED =
  /^WebSocket connection to '.*' failed|The connection to \S+ was interrupted while|establish a connection to the server at/;

/** @returns {string} */
function chromium() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const path = process.env.CHROME || paths.find((file) => existsSync(file));
  if (!path) {
    throw new Error('Chromium was not found: install it, or set CHROME to its path');
  }
  return path;
}
