/**
 * Runs the tests that name statements, and says which of them passed: Cargo's, wasm-pack's in Chromium, and Node's.
 * It does not know the statements.
 */

import { join } from 'node:path';
import { buildStep } from '../check.mjs';
import { findBrowsers } from '../setup/browsers.mjs';
import { root } from '../setup/places.mjs';
import { run } from '../setup/run.mjs';
import { PlainError } from '../setup/say.mjs';
import { setup, toolEnv } from '../setup.mjs';
import { GROUPS, runsOf } from '../test/groups.mjs';
import { MARK } from './reporter.mjs';
import { HOLE } from './scan.mjs';

/** @typedef {import('./tests.mjs').Test} Test */

const LIMIT = 20 * 60_000;

/**
 * @param {readonly Test[]} tests
 * @returns {Promise<Set<Test>>} those that passed
 */
export async function passing(tests) {
  const folders = new Set(tests.filter(({ runner }) => runner === 'node').map(({ target }) => target));
  const groups = GROUPS.filter(({ name }) => folders.has(name));
  const some = (/** @type {'build' | 'broker' | 'browsers'} */ need) => groups.some((group) => group[need]);
  const runner = tests.some((test) => test.runner === 'browser');
  await setup({
    browsers: some('browsers') || runner,
    runner,
    broker: some('broker') ? 'certificates' : false,
    checks: false,
  });
  if (some('build')) {
    const built = await buildStep();
    if (!built.ok) {
      throw new PlainError(built.output.trimEnd());
    }
  }
  /** @type {Set<Test>} */
  const passed = new Set();
  const targets = new Set(tests.filter(({ runner }) => runner !== 'node').map(({ target }) => target));
  for (const target of [...targets].sort()) {
    await ofTarget(
      target,
      tests.filter((test) => test.target === target),
      passed,
    );
  }
  const files = new Set(tests.filter(({ runner }) => runner === 'node').map(({ file }) => file));
  for (const file of files) {
    await ofFile(
      file,
      tests.filter((test) => test.file === file),
      passed,
    );
  }
  return passed;
}

/**
 * @param {string} target
 * @param {Test[]} tests
 * @param {Set<Test>} passed
 */
async function ofTarget(target, tests, passed) {
  const native = tests.filter(({ runner }) => runner === 'cargo');
  const inBrowser = tests.filter(({ runner }) => runner === 'browser');
  const place = target === 'lib' ? ['--lib'] : ['--test', target];
  if (native.length > 0) {
    const names = native.map(({ id }) => id);
    const output = await runShown(`cargo, ${target}`, 'cargo', [
      'test',
      '--locked',
      ...place,
      '--',
      '--exact',
      ...names,
    ]);
    mark(output, native, passed);
  }
  if (inBrowser.length > 0) {
    const group = GROUPS.find(({ name }) => name === 'browser');
    const [first] = group ? await runsOf(group, findBrowsers()) : [];
    if (first) {
      const output = await runShown(
        `${first.name}, ${target}`,
        first.command,
        [...first.args, '--', ...place],
        first.env,
      );
      mark(output, inBrowser, passed);
    }
  }
}

/**
 * A file alone: the runner tells where a test was made, which may be a helper, and not which file it belongs to.
 *
 * @param {string} file
 * @param {Test[]} tests
 * @param {Set<Test>} passed
 */
async function ofFile(file, tests, passed) {
  const reporter = join(root, 'scripts/conformance/reporter.mjs');
  const args = ['--test', '--test-force-exit', `--test-reporter=${reporter}`, file];
  const output = await runShown(`node, ${file}`, process.execPath, args);
  const results = output
    .split('\n')
    .filter((line) => line.startsWith(MARK))
    .map((line) => JSON.parse(line.slice(MARK.length)));
  for (const test of tests) {
    const parts = test.name.split(HOLE).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const name = new RegExp(`^${parts.join('.*')}$`, 's');
    const own = results.filter((result) => name.test(result.name));
    if (own.length > 0 && own.every((result) => result.passed)) {
      passed.add(test);
    }
  }
}

/**
 * What the runners of Rust print for each test.
 *
 * @param {string} output
 * @param {Test[]} tests
 * @param {Set<Test>} passed
 */
function mark(output, tests, passed) {
  const results = new Map();
  for (const [, id, result] of output.matchAll(/^test (\S+)(?: - should panic)? \.\.\. (\w+)/gm)) {
    results.set(id, result);
  }
  for (const test of tests) {
    if (results.get(test.id) === 'ok') {
      passed.add(test);
    }
  }
}

/**
 * Runs a program, and shows what it said where it failed.
 *
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [more]
 */
async function runShown(name, command, args, more = {}) {
  const env = { ...toolEnv(), CARGO_TERM_COLOR: 'never', NO_COLOR: '1', FORCE_COLOR: undefined, ...more };
  const { ok, output } = await run(command, args, { env, cwd: root, limit: LIMIT });
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name}`);
  if (!ok) {
    console.log(output.trimEnd());
  }
  return output;
}
