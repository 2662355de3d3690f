/** Rust to `dist/wasmqtt.wasm` and its glue in `src/npm/generated`. It does not know what the module does. */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { shortened } from './names.mjs';
import { stripped } from './sections.mjs';
import { root, run } from './steps.mjs';

const TARGET = 'wasm32-unknown-unknown';

/** The module of the package with the names of its functions. */
export const NAMED = 'target/wasmqtt.names.wasm';

/**
 * @param {{ log: (line: string) => void, env: NodeJS.ProcessEnv }} options
 */
export async function wasm({ log, env }) {
  const generated = join(root, 'src/npm/generated');
  const target = join(root, 'target');

  log('wasm: compiling (a minute the first time)');
  // Not `cargo build`: Cargo drops LTO without a word where a crate is a cdylib and an rlib.
  const cdylib = ['--lib', '--crate-type', 'cdylib', '--release', '--locked'];
  await run('cargo', ['rustc', ...cdylib, '--target', TARGET, '--target-dir', target], withoutHome(env));

  log('wasm: writing the glue');
  await rm(generated, { recursive: true, force: true });
  await mkdir(generated, { recursive: true });
  await writeFile(join(generated, '.gitignore'), '*\n');
  await run('wasmqtt-glue', [join(target, TARGET, 'release/wasmqtt.wasm'), generated], env);

  log('wasm: optimising (half a minute)');
  const bound = join(generated, 'wasmqtt_bg.wasm');
  // That of binaryen in node_modules: the one of a distribution may be too old for reference types.
  const wasmOpt = join(root, 'node_modules/binaryen/bin/wasm-opt');
  // `-g` keeps the names, beside the package: for the report on its size.
  await run(process.execPath, [wasmOpt, bound, '-Oz', '--converge', '-g', '-o', join(root, NAMED)], env);

  const glue = join(generated, 'wasmqtt.js');
  const short = shortened(await readFile(join(root, NAMED)), await readFile(glue, 'utf8'));
  await writeFile(glue, short.glue);
  await mkdir(join(root, 'dist'), { recursive: true });
  await writeFile(join(root, 'dist/wasmqtt.wasm'), stripped(short.module));
}

/** Where crates were unpacked is nobody's business, and would be said in the texts of panics. @param {NodeJS.ProcessEnv} env */
function withoutHome(env) {
  const home = env.CARGO_HOME ?? join(homedir(), '.cargo');
  const flags = [...(env.RUSTFLAGS?.split(' ') ?? []), `--remap-path-prefix=${home}=cargo`];
  return { ...env, CARGO_ENCODED_RUSTFLAGS: flags.filter(Boolean).join('\u001f') };
}
