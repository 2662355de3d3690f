/**
 * The program that writes the glue of the WebAssembly, built from `scripts/glue` into the user's cache folder. It is
 * the part of wasm-bindgen-cli that a build needs, in a sixth of the time. It does not know what it is run on.
 */

import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { makeCached } from './cached.mjs';
import { lockedVersion } from './cargo-tools.mjs';
import { cache, root, textOf, which } from './places.mjs';
import { run } from './run.mjs';
import { rustEnvironment } from './rust.mjs';
import { SetupError, tail, timed } from './say.mjs';

const FOLDER = 'scripts/glue';
const LOCK = `${FOLDER}/Cargo.lock`;
const SOURCES = [`${FOLDER}/Cargo.toml`, LOCK, `${FOLDER}/src/main.rs`];
/** The crate that does the work. */
const SUPPORT = 'wasm-bindgen-cli-support';

/** Fails unless the program reads what the wasm-bindgen of the project writes. */
function checkVersions() {
  const wanted = lockedVersion('Cargo.lock', 'wasm-bindgen');
  const had = lockedVersion(LOCK, SUPPORT);
  if (wanted !== had) {
    throw new SetupError(
      `Cargo.lock has wasm-bindgen ${wanted}, but ${LOCK} has ${SUPPORT} ${had}: they must be of one version.`,
      `Write ${SUPPORT} = "=${wanted}" into ${FOLDER}/Cargo.toml, then run: cargo update --manifest-path ${FOLDER}/Cargo.toml ${SUPPORT}`,
    );
  }
  return wanted;
}

/** The program's folder in the cache; its name holds the version and what it is made of. */
function folderName() {
  const hash = createHash('sha256');
  for (const file of SOURCES) {
    hash.update(textOf(join(root, file)) ?? '').update('\0');
  }
  return `glue-${lockedVersion(LOCK, SUPPORT)}-${hash.digest('hex').slice(0, 8)}`;
}

/** The folder that holds the program, or undefined. */
export function findGlue() {
  const folder = join(cache, folderName(), 'bin');
  return which('wasmqtt-glue', [folder]) ? folder : undefined;
}

/**
 * @param {(line: string) => void} log
 */
export async function setUpGlue(log) {
  const version = checkVersions();
  if (findGlue()) {
    return;
  }
  const name = folderName();
  const what = `Building scripts/glue, of wasm-bindgen ${version}, into ${join(cache, name)}`;
  await makeCached(name, async (half) => {
    // Its profile for development: what runs for a moment is not worth optimising.
    const args = ['install', '--path', join(root, FOLDER), '--locked', '--debug', '--root', half];
    const { env } = rustEnvironment();
    // cargo warns about a folder that is not on the search path.
    env.PATH = [env.PATH, join(half, 'bin')].join(delimiter);
    env.CARGO_TARGET_DIR = join(half, 'build');
    const outcome = await timed(log, what, 'half a minute', () =>
      run('cargo', args, { env, cwd: root, limit: 20 * 60_000 }),
    );
    if (!outcome.ok) {
      throw new SetupError(
        `The program that writes the glue could not be built:\n${tail(outcome.output)}`,
        `Try it by hand: cargo build --locked --manifest-path ${FOLDER}/Cargo.toml`,
      );
    }
    rmSync(env.CARGO_TARGET_DIR, { recursive: true, force: true });
  });
}
