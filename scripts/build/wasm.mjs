/**
 * Rust to WebAssembly and its glue: the engine, and the one of a session that is stored. It does not know what they do.
 */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { shortened } from './names.mjs';
import { order } from './order.mjs';
import { stripped } from './sections.mjs';
import { root, run } from './steps.mjs';

const TARGET = 'wasm32-unknown-unknown';

/** The module of the package with the names of its functions. */
export const NAMED = 'target/wasmqtt.names.wasm';

/** That of a session that is stored, which is inside `session.js`. */
export const SESSION = 'target/session.wasm';

/** @typedef {{ name: string, features: string, glue: string, named: string, module: string }} Engine */

/** @type {readonly Engine[]} */
export const ENGINES = [
  { name: 'wasm', features: 'bindings', glue: 'src/npm/generated/plain', named: NAMED, module: 'dist/wasmqtt.wasm' },
  {
    name: 'session',
    features: 'bindings,session-store',
    glue: 'src/npm/generated/session',
    named: 'target/session.names.wasm',
    module: SESSION,
  },
];

/**
 * @param {{ log: (line: string) => void, env: NodeJS.ProcessEnv }} options
 */
export async function wasm({ log, env }) {
  const generated = join(root, 'src/npm/generated');
  await rm(generated, { recursive: true, force: true });
  await mkdir(generated, { recursive: true });
  await writeFile(join(generated, '.gitignore'), '*\n');
  await mkdir(join(root, 'dist'), { recursive: true });
  const rest = [];
  const silent = await withoutPaths(env);
  for (const engine of ENGINES) {
    log(`${engine.name}: compiling (a minute the first time)`);
    await compiled(engine, silent);
    // While the next one is compiled; what goes wrong is thrown when all of them are awaited.
    const ready = optimised(engine, log);
    ready.catch(() => {});
    rest.push(ready);
  }
  await Promise.all(rest);
}

/** @param {Engine} engine @param {NodeJS.ProcessEnv} env */
async function compiled({ features, glue }, env) {
  const target = join(root, 'target');
  // Not `cargo build`: Cargo drops LTO without a word where a crate is a cdylib and an rlib.
  const cdylib = ['--lib', '--crate-type', 'cdylib', '--release', '--locked'];
  const chosen = ['--no-default-features', '--features', features];
  await run('cargo', ['rustc', ...cdylib, ...chosen, '--target', TARGET, '--target-dir', target], env);
  await run('wasmqtt-glue', [join(target, TARGET, 'release/wasmqtt.wasm'), join(root, glue)], env);
}

/** @param {Engine} engine @param {(line: string) => void} log */
async function optimised({ name, glue, named, module }, log) {
  log(`${name}: optimising (half a minute)`);
  const bound = join(root, glue, 'wasmqtt_bg.wasm');
  // That of binaryen in node_modules: the one of a distribution may be too old for reference types.
  const wasmOpt = join(root, 'node_modules/binaryen/bin/wasm-opt');
  const optimise = (/** @type {string} */ from, /** @type {string[]} */ ...passes) =>
    // `-g` keeps the names, beside the package: for the report on its size.
    run(process.execPath, [wasmOpt, from, ...passes, '-g', '-o', join(root, named)], process.env);
  // No engine makes use of what the code says of alignment.
  await optimise(bound, '-Oz', '--converge', '--dealign');
  await order(join(root, named), (...passes) => optimise(join(root, named), ...passes));

  const js = join(root, glue, 'wasmqtt.js');
  const short = shortened(await readFile(join(root, named)), await readFile(js, 'utf8'));
  await writeFile(js, short.glue);
  await writeFile(join(root, module), stripped(short.module));
}

/**
 * Where crates and the standard library's source lie is nobody's business, and would be said in the texts of panics: that source as
 * it is where it is not installed.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function withoutPaths(env) {
  const home = env.CARGO_HOME ?? join(homedir(), '.cargo');
  const source = join(await run('rustc', ['--print', 'sysroot'], env), 'lib/rustlib/src/rust');
  const [, commit] = /^commit-hash: (.*)$/m.exec(await run('rustc', ['-vV'], env)) ?? [];
  const flags = [
    ...(env.RUSTFLAGS?.split(' ') ?? []),
    `--remap-path-prefix=${home}=cargo`,
    `--remap-path-prefix=${source}=/rustc/${commit}`,
  ];
  return { ...env, CARGO_ENCODED_RUSTFLAGS: flags.filter(Boolean).join('\u001f') };
}
