/**
 * The browsers of the tests, by name, with what a test file asks of them. It does not know the pages.
 */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { findBrowsers } from '../../scripts/setup/browsers.mjs';
import { atEnd } from './cleanup.mjs';
import { startWebKit } from './webkit/browser.mjs';

/** @typedef {'chromium' | 'firefox' | 'webkit'} BrowserName */

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const NAMES = /** @type {const} */ (['chromium', 'firefox', 'webkit']);
const LIMIT = 120_000;

/** `WASMQTT_BROWSER=firefox` or `webkit`: the tests that do not say which browser they want are run in that one. */
export const BROWSER = chosen();

/** @returns {BrowserName} */
function chosen() {
  const name = process.env.WASMQTT_BROWSER || 'chromium';
  const known = NAMES.find((one) => one === name);
  if (!known) {
    throw new Error(`WASMQTT_BROWSER is ${NAMES.join(', ')}, not '${name}'`);
  }
  return known;
}

/**
 * @typedef {object} Wishes
 * @property {string} [trusted] the fingerprint of a certificate that counts as a good one. Firefox and WebKit trust every one then
 * @property {string[]} [hosts] names that mean this computer; not in WebKit
 * @property {string[]} [args] of Chromium's command line
 * @property {string[]} [ignored] arguments that puppeteer gives Chromium by itself
 * @property {boolean} [extensions] whether Chromium takes any
 */

/**
 * Starts one, and ends it with the test file.
 *
 * @param {BrowserName} name
 * @param {Wishes} wishes
 * @returns {Promise<import('puppeteer-core').Browser>}
 */
export async function launch(name, { trusted, hosts = [], args = [], ignored = [], extensions = false }) {
  if (name === 'webkit') {
    return /** @type {any} */ (await startWebKit({ insecure: trusted !== undefined }));
  }
  const browser = await (name === 'firefox'
    ? puppeteer.launch({
        browser: 'firefox',
        executablePath: findBrowsers().firefox,
        acceptInsecureCerts: trusted !== undefined,
        extraPrefsFirefox: {
          'network.dns.localDomains': hosts.join(','),
          // mosquitto says that it speaks HTTP/2, and does not let a WebSocket through it.
          'network.http.http2.websockets': false,
          'dom.abort_script_on_child_shutdown': false,
        },
        protocolTimeout: LIMIT,
      })
    : puppeteer.launch({
        executablePath: chromium(),
        args: [
          '--no-sandbox',
          '--disable-dev-shm-usage',
          '--disable-gpu',
          ...(trusted ? [`--ignore-certificate-errors-spki-list=${trusted}`] : []),
          ...(hosts.length > 0
            ? [`--host-resolver-rules=${hosts.map((host) => `MAP ${host} 127.0.0.1`).join(',')}`]
            : []),
          ...args,
        ],
        ignoreDefaultArgs: ignored,
        // They are installed through the pipe alone.
        ...(extensions && { enableExtensions: true, pipe: true }),
        protocolTimeout: LIMIT,
      }));
  atEnd(() => browser.close());
  return browser;
}

/**
 * Has what a page of Firefox answers as that of the others, who answer in JSON: without what is undefined.
 *
 * @param {import('puppeteer-core').Page} page
 */
export function answersInJson(page) {
  const evaluate = /** @type {(...args: any[]) => Promise<unknown>} */ (page.evaluate.bind(page));
  page.evaluate = /** @type {any} */ (async (/** @type {unknown[]} */ ...args) => defined(await evaluate(...args)));
}

/** @param {any} value @returns {unknown} */
function defined(value) {
  if (Array.isArray(value)) {
    return value.map((each) => defined(each) ?? null);
  }
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    return Object.fromEntries(entries.map(([key, each]) => [key, defined(each)]));
  }
  return value;
}

/** @returns {string} */
function chromium() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  const paths = folders.flatMap((folder) => CHROMIUM.map((name) => join(folder, name)));
  const path = process.env.CHROME || paths.find((file) => existsSync(file));
  if (!path) {
    throw new Error('Chromium was not found: install it, or set CHROME to its path');
  }
  return path;
}
