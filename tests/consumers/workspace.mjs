/** A fresh folder with a tool and the packed package in its `node_modules`. It does not know what is built there. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../scripts/setup/run.mjs';
import { pack } from '../package/stranger.mjs';
import { atEnd } from '../support/cleanup.mjs';
import { manifestOf, tool } from './tools.mjs';

/** Milliseconds that a build may take, or a server to begin. */
export const LIMIT = 10 * 60_000;

/** Without what the tests are told by. */
export const env = {
  ...process.env,
  NODE_ENV: undefined,
  NODE_TEST_CONTEXT: undefined,
  NEXT_TELEMETRY_DISABLED: '1',
  CI: '1',
};

/**
 * @param {string} name of the tool
 * @param {Record<string, string>} files
 */
export async function workspace(name, files) {
  const installed = await tool(name, () => {});
  const folder = await mkdtemp(join(dirname(installed), 'run-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  // The tool's files are linked where they can be, not copied: they are many. What npm writes to is not among them.
  const modules = join(folder, 'node_modules');
  await done(folder, 'cp', [process.platform === 'linux' ? '-al' : '-a', join(installed, 'node_modules'), modules]);
  await rm(join(modules, '.package-lock.json'), { force: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifestOf(name)));
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await done(folder, 'npm', [...args, (await pack()).tarball]);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/**
 * Runs a program to its end.
 *
 * @param {string} folder
 * @param {string} command
 * @param {string[]} args
 */
export async function done(folder, command, args) {
  const { ok, output } = await run(command, args, { cwd: folder, env, limit: LIMIT });
  assert.ok(ok, `${command} ${args.join(' ')}:\n${output}`);
}
