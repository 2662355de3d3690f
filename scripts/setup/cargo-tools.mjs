/**
 * Programs that `cargo install` builds into the user's cache folder, a folder for each version, so that another copy
 * of the project finds them there. It does not know what they are run for.
 */

import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cache, root, textOf, which } from './places.mjs';
import { ask, run } from './run.mjs';
import { rustEnvironment } from './rust.mjs';
import { SetupError, tail, timed } from './say.mjs';

/**
 * @typedef {object} Tool
 * @property {string} crate
 * @property {string} version
 * @property {readonly string[]} programs
 * @property {boolean} locked with the dependencies that its authors took
 * @property {boolean} exact whether another version on the search path will not do
 * @property {string} usually how long building it takes
 */

/** The crate and the program must be of one version: they share a format that is theirs alone. */
export function wasmBindgen() {
  const lock = textOf(join(root, 'Cargo.lock')) ?? '';
  const version = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock)?.[1];
  if (!version) {
    throw new SetupError('Cargo.lock does not name wasm-bindgen.', 'Get it back: git checkout Cargo.lock');
  }
  const programs = ['wasm-bindgen', 'wasm-bindgen-test-runner'];
  return { crate: 'wasm-bindgen-cli', version, programs, locked: false, exact: true, usually: '2 minutes' };
}

/** @type {Tool} */
export const wasmPack = {
  crate: 'wasm-pack',
  version: '0.15.1',
  programs: ['wasm-pack'],
  locked: true,
  exact: true,
  usually: '2 minutes',
};

/** @type {Tool} */
export const geckodriver = {
  crate: 'geckodriver',
  version: '0.37.1',
  programs: ['geckodriver'],
  locked: true,
  exact: false,
  usually: '3 minutes',
};

/** A broker. Its lock file asks for a version that is not to be had. @type {Tool} */
export const mqttv5Tool = {
  crate: 'mqttv5-cli',
  version: '0.29.10',
  programs: ['mqttv5'],
  locked: false,
  exact: false,
  usually: '12 minutes',
};

/** A broker. @type {Tool} */
export const rmqttdTool = {
  crate: 'rmqttd',
  version: '0.24.0',
  programs: ['rmqttd'],
  locked: true,
  exact: false,
  usually: 'half an hour',
};

/**
 * The folder that holds a tool's programs, or undefined.
 *
 * @param {Tool} tool
 */
export function findTool({ crate, version, programs, exact }) {
  const first = which(programs[0]);
  if (first) {
    const folder = dirname(first);
    const all = programs.every((name) => which(name, [folder]));
    if (all && (!exact || ask(first, ['--version'])?.split(/\s+/).includes(version))) {
      return folder;
    }
  }
  const folder = join(cache, `${crate}-${version}`, 'bin');
  return programs.every((name) => which(name, [folder])) ? folder : undefined;
}

/**
 * @param {Tool} tool
 * @param {(line: string) => void} log
 */
export async function setUpTool(tool, log) {
  if (findTool(tool)) {
    return;
  }
  const name = `${tool.crate}-${tool.version}`;
  const folder = join(cache, name);
  // Beside its place and then moved there: a half-built one is never taken for a whole one.
  const half = join(cache, `.${name}.${process.pid}`);
  mkdirSync(cache, { recursive: true });
  removeLeftovers(`.${name}.`);
  const locked = tool.locked ? ['--locked'] : [];
  const args = ['install', tool.crate, '--version', `=${tool.version}`, '--root', half, '--force', ...locked];
  // cargo warns about a folder that is not on the search path.
  const { env } = rustEnvironment();
  env.PATH = [env.PATH, join(half, 'bin')].join(delimiter);
  env.CARGO_TARGET_DIR = join(half, 'build');
  try {
    const outcome = await timed(log, `Building ${tool.crate} ${tool.version} into ${folder}`, tool.usually, () =>
      run('cargo', args, { env, cwd: cache, limit: 40 * 60_000 }),
    );
    if (!outcome.ok) {
      throw new SetupError(
        `${tool.crate} ${tool.version} could not be built:\n${tail(outcome.output)}`,
        `Try it by hand: cargo install ${tool.crate} --version ${tool.version}${tool.locked ? ' --locked' : ''}`,
      );
    }
    rmSync(env.CARGO_TARGET_DIR, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(half, folder);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

/** What interrupted builds have left. */
function removeLeftovers(/** @type {string} */ prefix) {
  for (const name of readdirSync(cache)) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : 0;
    if (pid > 0 && !isAlive(pid)) {
      rmSync(join(cache, name), { recursive: true, force: true });
    }
  }
}

function isAlive(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
