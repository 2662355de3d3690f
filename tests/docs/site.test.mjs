/**
 * The site as it is built: without a warning, every link leads somewhere, each entry of the package and each code of an
 * error has its page, and in Chromium it is for everybody, on small screens and large ones, light and dark, and offline.
 */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { MqttError } from '../../dist/index.js';
import { REPOSITORY } from '../../scripts/docs/links.mjs';
import { entries } from '../../scripts/docs/reference.mjs';
import { buildSite, SITE } from '../../scripts/docs/site.mjs';
import { launch } from '../support/launch.mjs';
import { ROOT, startSite } from '../support/site.mjs';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LIMIT = 120_000;

/** Of each kind one: that of all people see first, a guide, a page of the reference, one of the proofs. */
const SAMPLES = ['index.html', 'first-dashboard.html', 'reference/topics.html', 'proof/interop.html'];
const WIDE = { width: 1280, height: 900 };
/** A folder: pictures of them are put there. */
const SHOTS = process.env.WASMQTT_DOCS_SHOTS;
const NARROW = { width: 390, height: 844 };

// It says what went wrong, and throws where there is a warning.
await buildSite({ log: () => {} });

const pages = readdirSync(SITE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
const texts = new Map(pages.map((page) => [page, readFileSync(join(SITE, page), 'utf8')]));
const attributes = (/** @type {string} */ text, /** @type {string} */ name) =>
  [...text.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value = '']) => value.replaceAll('&amp;', '&'));
const anchors = new Map(pages.map((page) => [page, new Set(attributes(texts.get(page) ?? '', 'id'))]));

const site = await startSite({ root: SITE, pages: { '/': texts.get('index.html') ?? '' } });
const browser = await launch('chromium', {});

test('no link of the site is dead, nor is one into the repository', () => {
  assert.ok(pages.length > 30);
  /** @type {string[]} */
  const dead = [];
  for (const [page, text] of texts) {
    for (const link of [...attributes(text, 'href'), ...attributes(text, 'src')]) {
      const { target, anchor, outside } = resolved(page, link);
      if (outside === REPOSITORY && target !== '' && !existsSync(join(ROOT, target))) {
        dead.push(`${page}: ${link}`);
      } else if (outside === undefined && !existsSync(join(SITE, target))) {
        dead.push(`${page}: ${link}`);
      } else if (outside === undefined && anchor && !anchors.get(target)?.has(anchor)) {
        dead.push(`${page}: ${link}, which has no such anchor`);
      }
    }
  }
  assert.deepEqual([...new Set(dead)], []);
});

/**
 * @param {string} page
 * @param {string} link
 */
function resolved(page, link) {
  const [path = '', anchor = ''] = link.split('#');
  const inRepository = new RegExp(`^${REPOSITORY}/blob/main/`);
  if (inRepository.test(path)) {
    return { target: path.replace(inRepository, ''), anchor, outside: REPOSITORY };
  }
  if (/^[a-z]+:/.test(path)) {
    return { target: '', anchor, outside: path };
  }
  const target =
    path === '' ? page : posix.join(path.startsWith('/') ? '' : posix.dirname(page), path.replace(/^\//, ''));
  const file = target === '' || target === '.' ? 'index.html' : target.endsWith('/') ? `${target}index.html` : target;
  return { target: file, anchor: decodeURIComponent(anchor), outside: undefined };
}

test('each entry of the package has a page of the reference, with all that it exports', () => {
  for (const { name, file, types } of entries()) {
    const text = texts.get(`reference/${file}.html`);
    assert.ok(text, `${name} has no page`);
    const [, title = ''] = /<h1[^>]*>([^<]*)/.exec(text) ?? [];
    assert.equal(title.trim().replace(/\s*​?$/, ''), name);
    for (const [, exported = ''] of readFileSync(types, 'utf8').matchAll(
      /^export declare (?:function|class|const) (\w+)/gm,
    )) {
      assert.ok(text.includes(exported), `${name}: ${exported} is not in its page`);
    }
  }
});

test('each code of an error has a section, and each section is of a code', () => {
  const source = readFileSync(join(ROOT, 'dist/api/errors.d.ts'), 'utf8');
  const [, union = ''] = /type MqttErrorCode =([^;]*);/.exec(source) ?? [];
  const codes = [...union.matchAll(/'([\w-]+)'/g)].map(([, code = '']) => code);
  // That of `wasmqtt/topics` has one of its own.
  const [, topics = ''] =
    /code\b[^"']*["']([\w-]+)["']/.exec(readFileSync(join(ROOT, 'dist/topics/error.d.ts'), 'utf8')) ?? [];
  codes.push(topics);
  assert.ok(codes.length > 20);
  const sections = [...(texts.get('errors.html') ?? '').matchAll(/<h2 id="([^"]+)"/g)].map(([, id = '']) => id);
  assert.deepEqual(sections.sort(), codes.sort());
  // The page that an error names.
  for (const code of codes) {
    const { pathname, hash } = new URL(new MqttError(/** @type {any} */ (code), '').url);
    assert.ok(anchors.get(`${posix.basename(pathname)}.html`)?.has(hash.slice(1)), `${pathname}${hash}`);
  }
});

/**
 * A page, with what it asked for and what went wrong in it.
 *
 * @param {string} path
 * @param {{ viewport?: typeof WIDE, idle?: boolean }} [how] `idle`: what the page does when it has nothing else to do, too
 */
async function open(path, { viewport = WIDE, idle = false } = {}) {
  // Each in a window of its own, without what others have stored.
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  /** @type {string[]} */
  const errors = [];
  /** @type {string[]} */
  const asked = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('request', (request) => asked.push(request.url()));
  if (!idle) {
    await page.evaluateOnNewDocument('globalThis.requestIdleCallback = () => 0');
  }
  await page.setViewport(viewport);
  await page.goto(`${site.url}/${path}`, { waitUntil: idle ? 'networkidle0' : 'load' });
  await page.evaluate('document.fonts.ready.then(() => {})');
  return { page, errors, asked, close: () => context.close() };
}

/** @param {import('puppeteer-core').Page} page */
async function findings(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    return violations.map(
      (/** @type {{ id: string, nodes: { target: string, failureSummary: string }[] }} */ { id, nodes }) =>
        `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`,
    );
  });
}

for (const sample of SAMPLES) {
  test(`${sample} is for everybody: on a large screen and a small one, light and dark`, {
    timeout: LIMIT,
  }, async () => {
    const { page, errors, close } = await open(sample);
    for (const viewport of [WIDE, NARROW]) {
      await page.setViewport(viewport);
      for (const scheme of ['light', 'dark']) {
        await page.emulateMediaFeatures([
          { name: 'prefers-color-scheme', value: scheme },
          { name: 'prefers-reduced-motion', value: 'reduce' },
        ]);
        await page.waitForFunction(`document.documentElement.classList.contains('dark') === ${scheme === 'dark'}`);
        if (SHOTS) {
          const name = `${sample.replaceAll(/\W/g, '-')}-${viewport.width}-${scheme}`;
          await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: sample === 'index.html' });
        }
        assert.deepEqual(await findings(page), [], `${viewport.width} px, ${scheme}`);
      }
    }
    assert.deepEqual(errors, []);
    await close();
  });
}

test('no page is wider than a small screen', { timeout: LIMIT }, async () => {
  const { page, errors, close } = await open('index.html', { viewport: NARROW });
  /** @type {string[]} */
  const wide = [];
  for (const path of pages) {
    await page.goto(`${site.url}/${path}`, { waitUntil: 'load' });
    const { width, widest } = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      widest: [...document.querySelectorAll('.vp-doc *')]
        .find((element) => {
          return element.getBoundingClientRect().right > innerWidth && !element.closest('table, pre, .language-');
        })
        ?.outerHTML.slice(0, 120),
    }));
    if (width > NARROW.width) {
      wide.push(`${path}: ${width} px, ${widest}`);
    }
  }
  assert.deepEqual(wide, []);
  assert.deepEqual(errors, []);
  await close();
});

test('the example of the first page runs: values come, and come again after the line was cut', {
  timeout: LIMIT,
}, async () => {
  const { page, errors, close } = await open('index.html');
  const messages = () => page.$eval('.live-values > :nth-child(4) .live-value', (node) => Number(node.textContent));
  await page.waitForFunction("document.querySelector('.live [role=status]')?.textContent === 'connected'");
  await page.waitForFunction(
    "Number(document.querySelector('.live-values > :nth-child(4) .live-value').textContent) > 1",
  );
  await page.click('.live-controls button[type=button]');
  await page.waitForFunction("document.querySelector('.live [role=status]').textContent !== 'connected'");
  const before = await messages();
  await page.click('.live-controls button[type=submit]');
  await page.waitForFunction(
    `document.querySelector('.live-values > :nth-child(2) .live-value').textContent === '21.5 °C'`,
  );
  await page.waitForFunction(
    (count) => Number(document.querySelector('.live-values > :nth-child(4) .live-value')?.textContent) > count,
    {},
    before,
  );
  assert.deepEqual(errors, []);
  await close();
});

test('the search finds a word without a network, and nothing ever leaves this computer', {
  timeout: LIMIT,
}, async () => {
  const { page, errors, asked, close } = await open('index.html', { idle: true });
  await page.setOfflineMode(true);
  await page.click('.DocSearch-Button');
  await page.waitForSelector('.VPLocalSearchBox input');
  await page.type('.VPLocalSearchBox input', 'Wireshark');
  await page.waitForSelector('.VPLocalSearchBox .result');
  const found = await page.$$eval('.VPLocalSearchBox .result', (nodes) =>
    nodes.map((node) => node.getAttribute('href')),
  );
  assert.ok(
    found.some((href) => href?.startsWith('/trace.html')),
    found.join(),
  );
  assert.deepEqual(errors, []);
  assert.deepEqual(
    asked.filter((url) => /^https?:/.test(url) && new URL(url).hostname !== '127.0.0.1'),
    [],
  );
  await close();
});
