/**
 * The first dashboard, as its guide has it: the page and its program built with Vite, in Chromium on mosquitto, with a device that
 * is another client. The broker's configuration is one that mosquitto takes.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { build } from 'vite';
import { owned } from '../support/children.mjs';
import { launch } from '../support/launch.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { freePorts } from '../support/net.mjs';
import { connectPeer } from '../support/peer.mjs';
import { ROOT, startSite } from '../support/site.mjs';
import { blocks } from './blocks.mjs';

const LIMIT = 120_000;
const FOLDER = join(ROOT, 'target/docs-examples/first-dashboard');
const ADDRESS = 'ws://localhost:9001';

const guide = blocks().filter(({ page }) => page === 'docs/first-dashboard.md');
const block = (/** @type {string} */ language) => guide.find((it) => it.language === language)?.code ?? '';

test('mosquitto takes its configuration', { timeout: LIMIT }, async () => {
  const [ws, tcp] = await freePorts(2);
  const file = join(FOLDER, 'broker.conf');
  const text = block('text').replace('9001', `${ws}`).replace('1883', `${tcp}`);
  assert.match(text, /protocol websockets/);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(file, text);
  const env = { ...process.env, PATH: `${process.env.PATH}${delimiter}/usr/sbin` };
  const broker = owned(spawn('mosquitto', ['-c', file], { env, stdio: ['ignore', 'ignore', 'pipe'] }));
  const ended = once(broker, 'exit');
  try {
    let said = '';
    for await (const chunk of broker.stderr) {
      said += chunk;
      if (/mosquitto version \S+ running/.test(said)) {
        break;
      }
    }
    assert.match(said, /running/);
  } finally {
    broker.kill('SIGKILL');
    await ended;
  }
});

test('its page does what the guide says', { timeout: LIMIT }, async () => {
  const broker = await startMosquitto();
  await rm(join(FOLDER, 'src'), { recursive: true, force: true });
  await mkdir(join(FOLDER, 'src'), { recursive: true });
  assert.ok(block('ts').includes(`'${ADDRESS}'`));
  await writeFile(join(FOLDER, 'index.html'), block('html'));
  await writeFile(join(FOLDER, 'src/main.ts'), block('ts').replace(ADDRESS, broker.url));
  await build({
    root: FOLDER,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { wasmqtt: join(ROOT, 'dist/index.js') } },
    build: { outDir: 'dist', emptyOutDir: true },
  });
  const site = await startSite({ root: join(FOLDER, 'dist') });
  const device = await connectPeer(broker);
  await device.subscribe('plant/+/target');
  await device.subscribe('dashboards/#');
  await device.publish('plant/1/temperature', '58.5', { retain: true });

  const browser = await launch('chromium', {});
  const page = await browser.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  const shows = (/** @type {string} */ text) =>
    page.waitForFunction((wanted) => document.body.innerText.includes(wanted), {}, text);
  await page.goto(`${site.url}/index.html`);
  await shows('Connection: connected');
  await shows('58.5 °C');
  await device.publish('plant/2/temperature', '61', { retain: true });
  await shows('61 °C');

  await page.click('button');
  await shows('set to 60 °C');
  assert.deepEqual(await device.next().then(({ topic, text }) => [topic, text]), ['plant/1/target', '60']);

  await broker.stop();
  await shows('Connection: waiting');
  await broker.start();
  await shows('Connection: connected');
  const again = await connectPeer(broker);
  await again.subscribe('dashboards/#');
  await again.publish('plant/1/temperature', '59');
  await shows('59 °C');

  await page.close();
  assert.deepEqual(await again.next().then(({ topic, text }) => [topic, text]), ['dashboards/first', 'gone']);
  assert.deepEqual(errors, []);
});
