/**
 * Programs that `cargo install` builds into the user's cache folder, a folder for each version, so that another copy
 * of the project finds them there. It does not know what they are run for.
 */

import { rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { makeCached } from './cached.mjs';
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
 * @property {boolean} [plain] without the features that its authors turn on
 * @property {boolean} [light] without optimisation, which takes half of the time to build: it mostly waits for others
 * @property {boolean} exact whether another version on the search path will not do
 * @property {string} usually how long building it takes
 */

/**
 * The version that a lock file has of a crate.
 *
 * @param {string} file
 * @param {string} crate
 */
export function lockedVersion(file, crate) {
  const version = new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`).exec(textOf(join(root, file)) ?? '')?.[1];
  if (!version) {
    throw new SetupError(`${file} does not name ${crate}.`, `Get it back: git checkout ${file}`);
  }
  return version;
}

/** The runner of the tests in WebAssembly. It and the crate must be of one version: they share a format. */
export function wasmBindgen() {
  return {
    crate: 'wasm-bindgen-cli',
    version: lockedVersion('Cargo.lock', 'wasm-bindgen'),
    programs: ['wasm-bindgen', 'wasm-bindgen-test-runner'],
    locked: false,
    // It speaks to a driver on this machine, without TLS.
    plain: true,
    exact: true,
    usually: '2 minutes',
  };
}

/** @type {Tool} */
export const wasmPack = {
  crate: 'wasm-pack',
  version: '0.15.1',
  programs: ['wasm-pack'],
  locked: true,
  exact: true,
  light: true,
  usually: '40 seconds',
};

/** @type {Tool} */
export const geckodriver = {
  crate: 'geckodriver',
  version: '0.37.1',
  programs: ['geckodriver'],
  locked: true,
  exact: false,
  light: true,
  usually: '1 minute',
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
  await makeCached(name, async (half) => {
    const flags = [...(tool.locked ? ['--locked'] : []), ...(tool.plain ? ['--no-default-features'] : [])];
    const args = ['install', tool.crate, '--version', `=${tool.version}`, '--root', half, '--force', ...flags];
    const { env } = rustEnvironment();
    // cargo warns about a folder that is not on the search path.
    env.PATH = [env.PATH, join(half, 'bin')].join(delimiter);
    env.CARGO_TARGET_DIR = join(half, 'build');
    if (tool.light) {
      env.CARGO_PROFILE_RELEASE_OPT_LEVEL = '0';
      env.CARGO_PROFILE_RELEASE_LTO = 'off';
    }
    const what = `Building ${tool.crate} ${tool.version} into ${join(cache, name)}`;
    const outcome = await timed(log, what, tool.usually, () =>
      run('cargo', args, { env, cwd: cache, limit: 40 * 60_000 }),
    );
    if (!outcome.ok) {
      throw new SetupError(
        `${tool.crate} ${tool.version} could not be built:\n${tail(outcome.output)}`,
        `Try it by hand: cargo install ${tool.crate} --version ${tool.version} ${flags.join(' ')}`.trimEnd(),
      );
    }
    rmSync(env.CARGO_TARGET_DIR, { recursive: true, force: true });
  });
}
