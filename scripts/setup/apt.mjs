/**
 * Installing Debian packages, where apt-get is there and may be used without a question. It does not know what the
 * packages are for.
 */

import { which } from './places.mjs';
import { ask, run } from './run.mjs';
import { tail, timed } from './say.mjs';

let updated = false;

/** How apt-get is called here: as root, by a sudo that asks nothing, or not at all. */
function command() {
  const apt = process.platform === 'linux' ? which('apt-get') : undefined;
  if (!apt) {
    return undefined;
  }
  if (process.getuid?.() === 0) {
    return [apt];
  }
  const sudo = which('sudo');
  return sudo && ask(sudo, ['-n', 'true']) !== undefined ? [sudo, '-n', apt] : undefined;
}

export function canInstall() {
  return command() !== undefined;
}

/**
 * Installs packages, removing none. True when they are there afterwards.
 *
 * @param {readonly string[]} packages
 * @param {{ log: (line: string) => void, what: string, usually: string }} options
 */
export async function install(packages, { log, what, usually }) {
  const [program, ...first] = command() ?? [];
  if (!program) {
    return false;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (/** @type {string[]} */ args) => run(program, [...first, ...args], { env, limit: 20 * 60_000 });
  return timed(log, `Installing ${what}: apt-get install ${packages.join(' ')}`, usually, async () => {
    if (!updated) {
      updated = true;
      await apt(['update', '-q']);
    }
    const outcome = await apt(['install', '-q', '-y', '--no-install-recommends', '--no-remove', ...packages]);
    if (!outcome.ok) {
      log(`  apt-get could not do it:\n${tail(outcome.output, 8)}`);
    }
    return outcome.ok;
  });
}
