/**
 * The source of another client, at one commit, in the user's cache: from GitHub, or from a copy that is given. It never comes into
 * this folder.
 */

import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCached } from '../../scripts/setup/cached.mjs';
import { cache } from '../../scripts/setup/places.mjs';
import { run } from '../../scripts/setup/run.mjs';
import { SetupError, tail } from '../../scripts/setup/say.mjs';

/** Milliseconds that fetching may take. */
const LIMIT = 120_000;

/**
 * The folder with the source.
 *
 * @param {{ name: string, repository: string, commit: string, needs: string }} source `needs` is a path that a copy has to have
 * @param {string | undefined} from a working tree, or a git directory, of the repository
 * @param {(line: string) => void} log
 */
export async function sourceOf({ name, repository, commit, needs }, from, log) {
  const folder = `original-${name}-${commit.slice(0, 12)}`;
  const there = join(cache, folder);
  if (from === undefined && existsSync(join(there, needs))) {
    return there;
  }
  await makeCached(folder, async (half) => {
    await mkdir(half, { recursive: true });
    if (from === undefined) {
      log(`fetching ${repository} from GitHub`);
      await git(half, repository, ['init', '--quiet']);
      const url = `https://github.com/${repository}.git`;
      await git(half, repository, ['fetch', '--quiet', '--depth', '1', url, commit]);
      await git(half, repository, ['checkout', '--quiet', 'FETCH_HEAD']);
    } else if (existsSync(join(from, needs))) {
      await cp(from, half, { recursive: true, filter: (path) => !/\/(?:node_modules|\.git)$/.test(path) });
    } else {
      await git(from, repository, ['archive', '--format=tar', `--output=${join(half, 'tree.tar')}`, commit]);
      await succeed('tar', ['-xf', 'tree.tar'], half, repository);
    }
    if (!existsSync(join(half, needs))) {
      throw new SetupError(`There is no ${needs} in ${from ?? repository}.`, remedy(repository));
    }
  });
  return there;
}

/** @param {string} cwd @param {string} repository @param {string[]} args */
function git(cwd, repository, args) {
  return succeed('git', ['-c', 'safe.directory=*', ...args], cwd, repository);
}

/** @param {string} command @param {string[]} args @param {string} cwd @param {string} repository */
async function succeed(command, args, cwd, repository) {
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0' };
  const { ok, output } = await run(command, args, { cwd, env, limit: LIMIT });
  if (!ok) {
    throw new SetupError(`The source of ${repository} could not be had:\n${tail(output, 5)}`, remedy(repository));
  }
}

/** @param {string} repository */
function remedy(repository) {
  return `Give a clone of https://github.com/${repository}, or its git directory: --from DIR`;
}
