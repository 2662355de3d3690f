/**
 * The packed package, installed in a fresh folder as a stranger would. It does not know what is done with it there.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atEnd } from '../support/cleanup.mjs';
import { ROOT } from '../support/site.mjs';

const execute = promisify(execFile);

/** @param {string} command @param {string[]} args @param {string} cwd @param {NodeJS.ProcessEnv} [env] */
export async function run(command, args, cwd, env) {
  const { stdout } = await execute(command, args, { cwd, env, maxBuffer: 1 << 26 });
  return stdout;
}

/** @returns {Promise<{ tarball: string, files: { path: string, size: number }[], manifest: Record<string, any> }>} */
export async function pack() {
  const folder = await temporary();
  const [packed] = JSON.parse(
    await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT),
  );
  const tarball = join(folder, packed.filename);
  const manifest = JSON.parse(await run('tar', ['-xOzf', tarball, 'package/package.json'], folder));
  return { tarball, files: packed.files, manifest };
}

/** A folder with the package in `node_modules`. @param {string} tarball */
export async function install(tarball) {
  const folder = await temporary();
  await writeFile(join(folder, 'package.json'), '{ "name": "stranger", "private": true, "type": "module" }');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], folder);
  return folder;
}

async function temporary() {
  const folder = await mkdtemp(join(tmpdir(), 'wasmqtt-package-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
