/**
 * The installed package in unit tests of an application: vitest, where jsdom or happy-dom stand for a browser,
 * through a real broker, and with timers of the test.
 */

import assert from 'node:assert/strict';
import { cp, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startMosquitto } from '../support/mosquitto.mjs';
import { ROOT } from '../support/site.mjs';
import { install, pack, run } from './stranger.mjs';

const broker = await startMosquitto();
const folder = await install((await pack()).tarball);
await cp(join(ROOT, 'tests/package/environments'), folder, { recursive: true });
for (const name of ['vitest', 'happy-dom', 'jsdom', 'ws']) {
  await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
}

/** @param {string[]} args @param {NodeJS.ProcessEnv} env */
const tested = (args, env) =>
  run(process.execPath, args, folder, { ...process.env, BROKER: broker.url, ...env }).then(
    () => {},
    ({ stdout, stderr }) => assert.fail(`${stdout}\n${stderr}`),
  );

for (const [environment, socket] of [
  ['happy-dom', 'its own'],
  ['happy-dom', 'ws'],
  ['jsdom', 'ws'],
]) {
  test(`vitest, ${environment}, the WebSocket is ${socket}`, async () => {
    const args = ['run', '--globals', '--environment', environment, '--root', folder, 'vitest.spec.mjs'];
    await tested([join(ROOT, 'node_modules/vitest/vitest.mjs'), ...args], { SOCKET: socket });
  });
}
