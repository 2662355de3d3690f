/**
 * cargo-fuzz, and how it is called. Without a sanitizer, which safe Rust has no use for, it works with any compiler that
 * builds the project; it does not know what the targets check.
 */

import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { install } from '../setup/apt.mjs';
import { findTool, setUpTool } from '../setup/cargo-tools.mjs';
import { root, which } from '../setup/places.mjs';
import { run } from '../setup/run.mjs';
import { rustEnvironment, setUpRust } from '../setup/rust.mjs';
import { PlainError, SetupError, tail } from '../setup/say.mjs';

/** @type {import('../setup/cargo-tools.mjs').Tool} */
const tool = {
  crate: 'cargo-fuzz',
  version: '0.13.2',
  programs: ['cargo-fuzz'],
  locked: true,
  exact: false,
  usually: '1 minute',
};

/** What is built and found is not kept. */
export const work = join(root, 'target/fuzz');
const common = ['--fuzz-dir', 'tests/fuzz', '--sanitizer', 'none', '--target-dir', join(work, 'build')];

/**
 * @param {(line: string) => void} log
 */
export async function setUpFuzzing(log) {
  if (process.platform === 'win32') {
    throw new PlainError('The fuzzers do not run on Windows; npm test replays their corpus there, too.');
  }
  await setUpRust(log, { checks: false });
  if (!compiler()) {
    await install(['g++'], { log, what: "a C++ compiler, for libFuzzer's own code", usually: '20 seconds' });
    if (!compiler()) {
      throw new SetupError(
        "A C++ compiler is missing, which libFuzzer's own code needs.",
        "Install one: apt-get install g++, or your system's package of g++ or clang.",
      );
    }
  }
  await setUpTool(tool, log);
}

function compiler() {
  return which(process.env.CXX) ?? which('c++') ?? which('g++') ?? which('clang++');
}

/**
 * Runs a subcommand of cargo-fuzz to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ limit?: number, onText?: (text: string) => void }} [options]
 */
export function cargoFuzz(command, args, options = {}) {
  const { env } = rustEnvironment();
  const folder = findTool(tool);
  mkdirSync(work, { recursive: true });
  const all = {
    ...env,
    PATH: [folder, env.PATH].filter((part) => part !== undefined).join(delimiter),
    CARGO_TERM_COLOR: 'never',
    RUST_BACKTRACE: '0',
  };
  return run('cargo', ['fuzz', command, ...common, ...args], { env: all, cwd: root, ...options });
}

/**
 * @param {string} target
 */
export async function build(target) {
  const { ok, output } = await cargoFuzz('build', [target]);
  if (!ok) {
    throw new PlainError(`The fuzz target ${target} could not be built:\n${tail(output, 40)}`);
  }
}
