/**
 * The npm packages of `package-lock.json` in `node_modules`. It does not know what they are for.
 */

import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, textOf } from './places.mjs';
import { run } from './run.mjs';
import { SetupError, tail, timed } from './say.mjs';

const LEAST_NODE = [20, 19];
const modules = join(root, 'node_modules');
const stamp = join(modules, '.wasmqtt-lock');

/**
 * @param {(line: string) => void} log
 */
export async function setUpPackages(log) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
    throw new SetupError(
      `Node ${process.versions.node} is too old: the project needs ${LEAST_NODE.join('.')} or newer.`,
      'Install a current one from https://nodejs.org.',
    );
  }
  const lock = textOf(join(root, 'package-lock.json'));
  if (lock === undefined) {
    throw new SetupError('package-lock.json is missing.', 'Get it back: git checkout package-lock.json');
  }
  const hash = createHash('sha256').update(lock).digest('hex');
  if (textOf(stamp) === hash) {
    return;
  }
  if (!matches(JSON.parse(lock))) {
    const outcome = await timed(log, 'Installing the npm packages: npm ci', '20 seconds', () =>
      run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], { cwd: root, limit: 15 * 60_000 }),
    );
    if (!outcome.ok) {
      // npm says first what is wrong, then how it is used.
      const said = outcome.output.split('\n').filter((line) => /^npm error ./.test(line));
      throw new SetupError(
        `The npm packages could not be installed:\n${tail(said.slice(0, 12).join('\n') || outcome.output)}`,
        /EUSAGE/.test(outcome.output)
          ? 'package.json and package-lock.json do not agree: npm install brings them together.'
          : 'See that the npm registry can be reached (npm ping), then run the command again.',
      );
    }
  }
  writeFileSync(stamp, hash);
}

/**
 * Whether npm has laid out just what the lock file names, but for packages of other platforms.
 *
 * @param {{ packages: Record<string, { version?: string, optional?: boolean }> }} lock
 */
function matches(lock) {
  const text = textOf(join(modules, '.package-lock.json'));
  if (text === undefined) {
    return false;
  }
  const there = JSON.parse(text).packages ?? {};
  return Object.entries(lock.packages).every(([path, { version, optional }]) => {
    if (path === '') {
      return true;
    }
    return there[path] === undefined ? optional : there[path].version === version && existsSync(join(root, path));
  });
}
