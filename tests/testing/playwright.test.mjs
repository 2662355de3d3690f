/** The broker in memory behind an application that nobody touches: Playwright gives it the server's end of a WebSocket. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { createBroker } from '../../dist/testing.js';
import { findBrowsers } from '../../scripts/setup/browsers.mjs';
import { startPackageSite } from '../support/browser.mjs';
import { atEnd } from '../support/cleanup.mjs';

const APPLICATION = `<!doctype html>
<meta charset="utf-8">
<title>dashboard</title>
<link rel="icon" href="data:,">
<output></output>
<script type="module">
  import { connect } from '/dist/index.js';
  const output = document.querySelector('output');
  const client = connect('wss://broker.example/mqtt', { username: 'dashboard', reconnect: { min: 10, max: 10 } });
  client.subscribe('plant/+/temperature', (message) => (output.textContent = message.text()), { qos: 2 });
  client.on('state', ({ state }) => (document.title = state));
</script>
`;

test('an application that makes its own connection', { timeout: 60_000 }, async () => {
  const site = await startPackageSite({ '/dashboard.html': APPLICATION });
  const browser = await chromium.launch({ executablePath: findBrowsers().chromium, args: ['--no-sandbox'] });
  atEnd(() => browser.close());
  const page = await browser.newPage();
  const broker = createBroker();
  await page.routeWebSocket('wss://broker.example/mqtt', (route) => {
    const socket = new broker.WebSocket(broker.url, 'mqtt');
    socket.binaryType = 'arraybuffer';
    const opened = new Promise((resolve) => socket.addEventListener('open', resolve));
    route.onMessage(async (data) => {
      await opened;
      socket.send(/** @type {any} */ (data));
    });
    socket.onmessage = ({ data }) => route.send(Buffer.from(data));
    route.onClose((code, reason) => socket.close(code === 1000 ? code : undefined, reason));
    socket.onclose = ({ code, reason }) => route.close({ code: code === 1006 ? 1011 : code, reason });
  });
  await page.goto(`${site.url}/dashboard.html`);
  await broker.waitFor(() => broker.subscriptions.length === 1, { timeout: 30_000 });
  assert.equal(broker.clients[0]?.username, 'dashboard');
  await broker.publish('plant/1/temperature', '21.5', { qos: 2 });
  await page.waitForFunction(() => document.querySelector('output')?.textContent === '21.5');
  broker.offline();
  await page.waitForFunction(() => document.title !== 'connected');
  broker.online();
  await page.waitForFunction(() => document.title === 'connected');
  await broker.waitFor(() => broker.subscriptions.length === 1, { timeout: 30_000 });
  await broker.publish('plant/1/temperature', '22');
  await page.waitForFunction(() => document.querySelector('output')?.textContent === '22');
  broker.close();
});
