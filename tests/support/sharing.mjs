/**
 * Pages that share a connection, in each of the ways in which they can: each way has pages in which nothing else is there.
 * It does not know what the tests do.
 */

import { startBrowser, startPackageSite } from './browser.mjs';
import { packagePage } from './site.mjs';

/**
 * @typedef {object} Way
 * @property {string} name
 * @property {string} path
 * @property {string[]} places of three pages, sorted
 */

const LEADER = ['other-page', 'other-page', 'this-page'];

/** @type {readonly Way[]} */
export const WAYS = [
  { name: 'SharedWorker', path: '/index.html', places: ['shared-worker', 'shared-worker', 'shared-worker'] },
  { name: 'Web Locks', path: '/locks.html', places: LEADER },
  { name: 'a lease', path: '/lease.html', places: LEADER },
];

const WITHOUT = {
  '/locks.html': 'delete globalThis.SharedWorker;',
  '/lease.html':
    "delete globalThis.SharedWorker; Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });",
};

/** @param {Parameters<typeof startBrowser>[0] & { files?: Record<string, string> }} [options] `files`: of the site, as they are to be */
export async function startSharing({ files, ...options } = {}) {
  const pages = Object.fromEntries(
    Object.entries(WITHOUT).map(([path, code]) => [
      path,
      packagePage('index').replace('<script', `<script>${code}</script>\n<script`),
    ]),
  );
  const browser = await startBrowser({
    ...options,
    site: await startPackageSite({
      ...pages,
      ...files,
      '/empty.html': '<!doctype html><link rel="icon" href="data:,">',
    }),
  });

  /**
   * @param {Way} way
   * @param {string} name
   * @param {(context: { pages: (count: number) => Promise<import('puppeteer-core').Page[]>, t: import('node:test').TestContext }) => Promise<void>} run
   * @param {import('./browser.mjs').PageTestOptions} [options]
   */
  const wayTest = (way, name, run, more = {}) =>
    browser.pageTest(
      `${name} (${way.name})`,
      async ({ page, open, t }) => {
        let first = page;
        await run({
          t,
          pages: async (count) => {
            const all = [];
            for (let index = 0; index < count; index++) {
              all.push(first ?? (await open(way.path)).page);
              first = undefined;
            }
            return all;
          },
        });
      },
      { path: way.path, ...more },
    );

  return { ...browser, wayTest };
}
