/**
 * The demo's real server with the built page, and a real Chromium in front of it, for one test file.
 * It does not know what is tested; everything it starts it also ends, whatever became of the tests.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import { start } from '../../www/server/main.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ARTIFACTS = join(ROOT, 'tests', 'artifacts');
const LIMIT = 30_000;
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** What a browser says of a network that a test has cut, or of an address where nobody listens. */
const EXPECTED = /WebSocket connection to|ERR_CONNECTION|ERR_SOCKET|ERR_UNSAFE_PORT/;

/** @typedef {import('puppeteer-core').Page} Page */

/**
 * Starts the server and the browser before the tests of a file and ends both after them.
 * @param {{ broker?: 'aedes' | 'mosquitto', interval?: number }} [options]
 */
export function useDemo({ broker = 'aedes', interval = 200 } = {}) {
  /** @type {Awaited<ReturnType<typeof start>>} */
  let server;
  /** @type {import('puppeteer-core').Browser} */
  let browser;

  before(async () => {
    server = await start({ broker, interval, root: ROOT });
    browser = await puppeteer.launch({ executablePath: chromium(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  return {
    get url() {
      return server.url;
    },
    get mqttTcpPort() {
      return server.mqttTcpPort;
    },
    /** @returns {Promise<{ webSocketUrl: string, broker: { name: string, version: string } }>} */
    config: async () => (await fetch(`${server.url}config.json`)).json(),
    /** Asks the demo's control endpoint, as the page does. */
    control: async (action, body) => {
      const response = await fetch(`${server.url}control/${action}`, {
        method: 'POST',
        headers: { origin: server.url.slice(0, -1) },
        body: JSON.stringify(body),
      });
      assert.equal(response.status, 200);
    },
    /**
     * Runs `use` with the page, connected unless told otherwise, and closes it; an error on the page fails the test.
     * @param {(page: Page) => Promise<void>} use
     * @param {{ width?: number, height?: number, scheme?: 'light' | 'dark', connected?: boolean }} [view]
     */
    withPage: async (use, { width = 1280, height = 800, scheme = 'light', connected = true } = {}) => {
      const context = await browser.createBrowserContext();
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(LIMIT);
        const wrong = watchErrors(page);
        await page.setViewport({ width, height, hasTouch: width < 600, isMobile: width < 600 });
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        await page.goto(server.url);
        if (connected) await untilState(page, 'connected');
        await use(page);
        assert.deepEqual(wrong, []);
      } finally {
        await context.close();
      }
    },
  };
}

function chromium() {
  const found = [process.env.CHROME, ...BROWSERS].find((path) => path !== undefined && existsSync(path));
  if (found === undefined) throw new Error('Chromium was not found; set CHROME to its path');
  return found;
}

function watchErrors(page) {
  /** @type {string[]} */
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !EXPECTED.test(message.text())) wrong.push(message.text());
  });
  return wrong;
}

/** Keeps a picture of the page among the artifacts of the run, which git ignores. */
export async function screenshot(page, name, options = {}) {
  await mkdir(ARTIFACTS, { recursive: true });
  await writeFile(join(ARTIFACTS, '.gitignore'), '*\n');
  await page.screenshot({ path: join(ARTIFACTS, `demo-${name}.png`), ...options });
}

export const untilState = (page, state) => page.waitForSelector(`.pill[data-state="${state}"]`);

/** Waits until the text of what a selector finds passes. */
export async function untilText(page, selector, pattern) {
  const { source, flags } = pattern;
  try {
    await page.waitForFunction(
      (sought, expression, letters) =>
        new RegExp(expression, letters).test(document.querySelector(sought)?.textContent ?? ''),
      {},
      selector,
      source,
      flags,
    );
  } catch (error) {
    throw new Error(
      `${selector} never matched ${pattern}; it says: ${await textOf(page, selector).catch(() => 'nothing')}`,
      { cause: error },
    );
  }
}

export const textOf = (page, selector) => page.$eval(selector, (element) => element.textContent ?? '');

/** Opens the folded parts that lead to a selector, and their own. */
export const unfold = (page, selector) =>
  page.$eval(selector, (element) => {
    for (let each = element; each !== null; each = each.parentElement)
      if (each instanceof HTMLDetailsElement) each.open = true;
  });

/** The field that a label names, below a selector. */
export async function field(page, below, label) {
  const handle = await page.evaluateHandle(
    (selector, text) => {
      const labels = [...document.querySelectorAll(`${selector} label`)];
      const found = labels.find((each) => each.textContent?.trim() === text);
      return found?.control ?? null;
    },
    below,
    label,
  );
  const element = handle.asElement();
  assert.ok(element, `there is no field "${label}" in ${below}`);
  await element.evaluate((node) => {
    for (let each = node; each !== null; each = each.parentElement)
      if (each instanceof HTMLDetailsElement) each.open = true;
  });
  return element;
}

/** Writes into a text field, in place of what was there. */
export async function fill(page, below, label, text) {
  const element = await field(page, below, label);
  await element.evaluate((node) => {
    node.focus();
    node.select();
  });
  await page.keyboard.press('Delete');
  await page.keyboard.type(text);
}

export async function choose(page, below, label, value) {
  const element = await field(page, below, label);
  await element.select(value);
}

/** Ticks a box, or takes the tick away. */
export async function tick(page, below, label, on) {
  const element = await field(page, below, label);
  if ((await element.evaluate((node) => node.checked)) !== on) await element.evaluate((node) => node.click());
}

export async function press(page, selector) {
  await page.waitForSelector(`${selector}:not(:disabled)`);
  await unfold(page, selector);
  await page.$eval(selector, (element) => element.click());
}

/** Publishes by the page's form. */
export async function publish(page, { topic, payload, qos = 1, retain = false }) {
  await fill(page, '#publish', 'Topic', topic);
  await fill(page, '#publish', 'Payload', payload);
  await choose(page, '#publish', 'QoS', String(qos));
  await tick(page, '#publish', 'Retain', retain);
  await press(page, '#publish button[type=submit]');
}

/** Subscribes by the page's form, and waits for the grant. */
export async function subscribe(page, filter, qos = 1) {
  await choose(page, '#subscriptions', 'Greatest QoS', String(qos));
  await fill(page, '#subscriptions', 'Topic filter', filter);
  await press(page, '#subscriptions button[type=submit]');
  await untilText(page, `#subscriptions li[data-filter="${filter}"]`, /granted/);
}

/** Picks a topic in the table, and waits until its last message is shown in full. */
export async function pickTopic(page, topic) {
  await press(page, 'input[name=message-view][value=topics]');
  await press(page, `#topic-table tr[data-topic="${topic}"] button.bare`);
  await untilText(page, '#message-detail .title code', new RegExp(topic.replace(/[$.]/g, '\\$&')));
}
