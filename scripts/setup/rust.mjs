/**
 * cargo and rustc, their formatter and linter, and the standard library for WebAssembly. It takes what is on the
 * search path, then what rustup can add, then what Debian's packages give; it does not know what is compiled.
 */

import { existsSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { canInstall, install } from './apt.mjs';
import { findDebianToolchain, makeDebianToolchain } from './debian-toolchain.mjs';
import { root, searchPath, textOf, which } from './places.mjs';
import { ask, run } from './run.mjs';
import { SetupError, tail, timed } from './say.mjs';

const TARGET = 'wasm32-unknown-unknown';
const RUSTUP = 'Install Rust from https://rustup.rs';

/** The oldest Rust that will do, as Cargo.toml says. */
export function leastRust() {
  return /^rust-version\s*=\s*"([^"]+)"/m.exec(textOf(join(root, 'Cargo.toml')) ?? '')?.[1] ?? '1.87';
}

/**
 * @typedef {object} Rust
 * @property {string} version
 * @property {string} [folder] of programs that must come first on the search path
 * @property {boolean} wasm whether it has the standard library for WebAssembly
 * @property {boolean} rustup whether rustup manages it
 */

/**
 * The Rust to use as things are now; one that can compile to WebAssembly before one that cannot.
 *
 * @returns {Rust | undefined}
 */
export function findRust() {
  const usual = onPath();
  if (usual?.wasm) {
    return usual;
  }
  const made = findDebianToolchain();
  if (made) {
    return { version: '', folder: join(made, 'bin'), wasm: true, rustup: false };
  }
  return usual;
}

/** @returns {Rust | undefined} */
function onPath() {
  const rustc = which('rustc');
  const cargo = which('cargo');
  const version = rustc && cargo ? /^rustc (\d+\.\d+\.\d+)/.exec(ask(rustc, ['--version']) ?? '')?.[1] : undefined;
  if (!rustc || !version || version.localeCompare(leastRust(), 'en', { numeric: true }) < 0) {
    return undefined;
  }
  const sysroot = ask(rustc, ['--print', 'sysroot']) ?? '';
  return {
    version,
    wasm: existsSync(join(sysroot, 'lib/rustlib', TARGET, 'lib')),
    rustup: which('rustup') !== undefined && sysroot.split(sep).includes('toolchains'),
  };
}

/**
 * @param {(line: string) => void} log
 * @param {{ checks: boolean }} options with `checks`, the formatter and the linter too
 */
export async function setUpRust(log, { checks }) {
  await setUpLinker(log);
  if (!findRust()?.wasm) {
    await addWasm(log);
  }
  if (checks) {
    await setUpChecks(log);
  }
}

/**
 * @param {(line: string) => void} log
 */
async function addWasm(log) {
  const rust = findRust();
  const rustup = which('rustup');
  if (rust?.rustup && rustup) {
    const what = `Adding Rust's library for WebAssembly: rustup target add ${TARGET}`;
    const outcome = await timed(log, what, '10 seconds', () =>
      run(rustup, ['target', 'add', TARGET], { cwd: root, limit: 180_000 }),
    );
    if (outcome.ok && findRust()?.wasm) {
      return;
    }
    log(`  rustup could not do it:\n${tail(outcome.output, 6)}`);
  }
  if (await makeDebianToolchain(log, leastRust())) {
    return;
  }
  if (rust) {
    throw new SetupError(
      `Rust's standard library for ${TARGET} is missing and could not be had.`,
      rust.rustup
        ? `Run it by hand and see what is in its way: rustup target add ${TARGET}`
        : `${RUSTUP}, then run: rustup target add ${TARGET}`,
    );
  }
  const old = ask('rustc', ['--version']);
  throw new SetupError(
    old
      ? `${old} is too old: the project needs Rust ${leastRust()} or newer.`
      : `Rust is missing: the project needs cargo and rustc, ${leastRust()} or newer.`,
    old && rustup ? 'Run: rustup update stable' : `${RUSTUP}.`,
  );
}

/** rustc links programs of this machine, build scripts too, by the C compiler. */
async function setUpLinker(/** @type {(line: string) => void} */ log) {
  if (which('cc') || process.platform === 'win32') {
    return;
  }
  const how = { log, what: 'a C compiler, by which Rust links', usually: '20 seconds' };
  if (!(await install(['gcc', 'libc6-dev'], how)) || !which('cc')) {
    throw new SetupError(
      'A C compiler is missing, by which Rust links.',
      "Install one: apt-get install build-essential, or your system's package of gcc or clang.",
    );
  }
}

/**
 * @param {(line: string) => void} log
 */
async function setUpChecks(log) {
  const lacking = () => ['cargo-fmt', 'cargo-clippy'].filter((name) => !answers(name));
  const missing = lacking();
  if (missing.length === 0) {
    return;
  }
  const rustup = which('rustup');
  const names = missing.map((name) => (name === 'cargo-fmt' ? 'rustfmt' : 'clippy'));
  if (findRust()?.rustup && rustup) {
    await timed(log, `Adding ${names.join(' and ')}: rustup component add`, '10 seconds', () =>
      run(rustup, ['component', 'add', ...names], { cwd: root, limit: 180_000 }),
    );
  } else if (canInstall()) {
    const packages = names.map((name) => (name === 'rustfmt' ? 'rustfmt-web' : 'rust-web-clippy'));
    await install(packages, { log, what: "Rust's checks", usually: '20 seconds' });
  }
  const still = lacking();
  if (still.length > 0) {
    throw new SetupError(
      `${still.join(' and ')} could not be had; the checks need them.`,
      rustup ? 'Run: rustup component add rustfmt clippy' : `${RUSTUP}, then run: rustup component add rustfmt clippy`,
    );
  }
}

/** A program of rustup's may be there with nothing behind it. */
function answers(/** @type {string} */ name) {
  const { first, env } = rustEnvironment();
  const program = which(name, [...first, ...searchPath()]);
  return program !== undefined && ask(program, ['--version'], env) !== undefined;
}

/** The environment of everything that compiles, and the folders that must stay first on its search path. */
export function rustEnvironment() {
  const folder = findRust()?.folder;
  const first = folder ? [folder] : [];
  const env = { ...process.env, PATH: [...first, ...searchPath()].join(delimiter) };
  if (folder) {
    // They would lead to another compiler than the one that comes first.
    delete env.RUSTC;
    delete env.RUSTDOC;
    delete env.RUSTUP_TOOLCHAIN;
  }
  return { first, env };
}
