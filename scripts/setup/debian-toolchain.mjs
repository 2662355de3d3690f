/**
 * A Rust toolchain with the standard library for WebAssembly, made from Debian's packages: Debian ships no such
 * library for its newest Rust, so it is compiled once, offline, from Debian's sources. Nothing below /usr is changed;
 * it does not know who uses the toolchain.
 */

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canInstall, install } from './apt.mjs';
import { cache, textOf, which } from './places.mjs';
import { ask, run } from './run.mjs';
import { SetupError, tail, timed } from './say.mjs';

const TARGET = 'wasm32-unknown-unknown';
const PACKAGES = ['rustc-web', 'cargo-web', 'rust-web-src', 'rust-web-clippy'];
const RUSTC = '/usr/bin/rustc';
const STAMP = 'made-for';

/** What `rustc -vV` says of the packaged compiler, and the parts of it that matter here. */
function packaged() {
  const text = existsSync(RUSTC) ? ask(RUSTC, ['-vV']) : undefined;
  const part = (/** @type {string} */ name) => new RegExp(`^${name}: (\\S+)`, 'm').exec(text ?? '')?.[1];
  const [version, host, llvm] = [part('release'), part('host'), part('LLVM version')];
  return text && version && host && llvm ? { text, version, host, llvm: llvm.split('.')[0] ?? '' } : undefined;
}

/** The folder of the toolchain, when it has been made for the compiler that is there now. */
export function findDebianToolchain() {
  const rust = packaged();
  if (!rust) {
    return undefined;
  }
  const folder = join(cache, `rust-wasm-${rust.version}`);
  return textOf(join(folder, STAMP)) === rust.text ? folder : undefined;
}

/**
 * Installs the packages and makes the toolchain; the folder, or undefined where that is not possible.
 *
 * @param {(line: string) => void} log
 * @param {string} least the oldest Rust that will do
 */
export async function makeDebianToolchain(log, least) {
  if (!canInstall()) {
    return undefined;
  }
  const how = { log, what: "Debian's Rust and its sources", usually: '1 minute' };
  if (!complete(packaged()) && !(await install(PACKAGES, how))) {
    return undefined;
  }
  const rust = packaged();
  if (!rust || rust.version.localeCompare(least, 'en', { numeric: true }) < 0) {
    return undefined;
  }
  const linker = `wasm-ld-${rust.llvm}`;
  if (!which(linker) && !(await install([`lld-${rust.llvm}`], { log, what: "LLVM's linker", usually: '20 seconds' }))) {
    return undefined;
  }
  const folder = join(cache, `rust-wasm-${rust.version}`);
  const what = `Compiling Rust's standard library for WebAssembly into ${folder}`;
  await timed(log, what, '1 to 2 minutes', () => compile(folder, rust, which(linker) ?? linker));
  return folder;
}

/**
 * @param {ReturnType<typeof packaged>} rust
 */
function complete(rust) {
  const files = ['/usr/bin/cargo', '/usr/bin/cargo-clippy', '/usr/lib/rustlib/src/rust/library/std/Cargo.toml'];
  return rust !== undefined && files.every((file) => existsSync(file));
}

/**
 * @param {string} folder
 * @param {NonNullable<ReturnType<typeof packaged>>} rust
 * @param {string} linker
 */
async function compile(folder, rust, linker) {
  const work = mkdtempSync(join(tmpdir(), 'wasmqtt-std-'));
  const half = `${folder}.${process.pid}`;
  try {
    const profile = ['opt-level = 3', 'codegen-units = 1', 'debug = 0', 'strip = "debuginfo"'].join('\n');
    const crate = '[package]\nname = "nothing"\nversion = "0.0.0"\nedition = "2021"\n';
    mkdirSync(join(work, 'src'));
    writeFileSync(join(work, 'src/lib.rs'), '#![no_std]\n');
    writeFileSync(join(work, 'Cargo.toml'), `${crate}[profile.release]\n${profile}\n`);
    // `test` is for `cargo test`, which links libtest.
    const std = 'build-std=std,panic_abort,proc_macro,test';
    const { RUSTUP_TOOLCHAIN, RUSTC_WRAPPER, RUSTC_WORKSPACE_WRAPPER, RUSTFLAGS, CARGO_ENCODED_RUSTFLAGS, ...plain } =
      process.env;
    const env = {
      ...plain,
      RUSTC,
      RUSTC_BOOTSTRAP: '1',
      CARGO_TARGET_DIR: join(work, 'target'),
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker,
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: '-Cembed-bitcode=yes',
    };
    const args = ['build', '--release', '--offline', '--target', TARGET, '-Z', std];
    const outcome = await run('/usr/bin/cargo', args, { env, cwd: work, limit: 30 * 60_000 });
    if (!outcome.ok) {
      throw new SetupError(
        `Rust's standard library for WebAssembly could not be compiled:\n${tail(outcome.output)}`,
        'Install Rust from https://rustup.rs instead; the set-up then takes the library from there.',
      );
    }
    layOut(half, folder, { rust, linker, libraries: join(work, 'target', TARGET, 'release/deps') });
    rmSync(folder, { recursive: true, force: true });
    renameSync(half, folder);
  } finally {
    rmSync(half, { recursive: true, force: true });
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The layout that rustc, cargo and wasm-pack look for, in `half`, for use as `folder`.
 *
 * @param {string} half
 * @param {string} folder
 * @param {{ rust: NonNullable<ReturnType<typeof packaged>>, linker: string, libraries: string }} parts
 */
function layOut(half, folder, { rust, linker, libraries }) {
  const inside = (/** @type {string} */ path) => join(half, 'lib/rustlib', path);
  for (const path of [inside(`${TARGET}/lib`), inside(`${rust.host}/bin`), join(half, 'bin')]) {
    mkdirSync(path, { recursive: true });
  }
  for (const file of readdirSync(libraries)) {
    if (file.endsWith('.rlib') && !file.startsWith('libnothing-')) {
      cpSync(join(libraries, file), inside(`${TARGET}/lib/${file}`));
    }
  }
  symlinkSync(`/usr/lib/rustlib/${rust.host}/lib`, inside(`${rust.host}/lib`));
  symlinkSync('/usr/lib/rustlib/etc', inside('etc'));
  // The name of the target's linker, unless a project says another.
  symlinkSync(linker, inside(`${rust.host}/bin/rust-lld`));
  symlinkSync('/usr/bin/cargo', join(half, 'bin/cargo'));

  const quoted = `'${folder.replaceAll("'", `'\\''`)}'`;
  const wrapper = (/** @type {string} */ name, /** @type {string} */ line) => {
    writeFileSync(join(half, 'bin', name), `#!/bin/sh\n${line} "$@"\n`);
    chmodSync(join(half, 'bin', name), 0o755);
  };
  wrapper('rustc', `exec /usr/bin/rustc --sysroot ${quoted}`);
  wrapper('rustdoc', `exec /usr/bin/rustdoc --sysroot ${quoted}`);
  // Clippy's driver knows the sysroot by the environment only.
  wrapper('cargo-clippy', `SYSROOT=${quoted} exec /usr/bin/cargo-clippy`);
  writeFileSync(join(half, STAMP), rust.text);
}
