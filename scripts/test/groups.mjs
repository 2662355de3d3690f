/**
 * The groups of tests: what each runs, and how many tests its output tells of. It does not know when they run.
 */

import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { root } from '../setup/places.mjs';

/**
 * @typedef {object} Group
 * @property {string} name
 * @property {boolean} build whether it needs the built package
 * @property {boolean} broker whether it needs mosquitto
 * @property {boolean} browsers whether it needs them
 * @property {boolean} [runner] whether it needs that of the tests in WebAssembly
 * @property {boolean} [brokers] whether it needs those of the interoperation tests that install in seconds
 * @property {boolean} [alone] whether it measures, and so has the machine to itself, at the end
 */

/** In the order in which they begin. @type {readonly Group[]} */
export const GROUPS = [
  { name: 'native', build: false, broker: false, browsers: false },
  { name: 'conformance', build: false, broker: false, browsers: false },
  { name: 'model', build: false, broker: false, browsers: false },
  { name: 'packets', build: false, broker: false, browsers: false },
  { name: 'size', build: false, broker: false, browsers: false },
  { name: 'browser', build: false, broker: false, browsers: true, runner: true },
  { name: 'e2e', build: true, broker: true, browsers: true },
  { name: 'vectors', build: true, broker: true, browsers: true },
  { name: 'interop', build: true, broker: true, browsers: true, brokers: true },
  { name: 'chaos', build: true, broker: true, browsers: true },
  { name: 'testing', build: true, broker: true, browsers: true },
  { name: 'package', build: true, broker: true, browsers: true },
  { name: 'frameworks', build: true, broker: true, browsers: true },
  { name: 'bench', build: true, broker: true, browsers: true },
  { name: 'demo', build: true, broker: true, browsers: true, alone: true },
];

/**
 * @typedef {object} Run
 * @property {string} name
 * @property {Group} group
 * @property {string} command
 * @property {string[]} args
 * @property {NodeJS.ProcessEnv} [env] besides the usual
 */

/**
 * What a group runs, one after the other or at the same time.
 *
 * @param {Group} group
 * @param {ReturnType<import('../setup/browsers.mjs').findBrowsers>} browsers
 * @returns {Promise<Run[]>}
 */
export async function runsOf(group, browsers) {
  switch (group.name) {
    case 'native':
      return [{ name: 'native', group, command: 'cargo', args: ['test', '--locked', '--no-fail-fast'] }];
    case 'model':
      return [
        {
          name: 'model',
          group,
          command: 'cargo',
          args: ['test', '--locked', '--profile', 'simulate', '--test', 'model'],
        },
        {
          name: 'model, mutations',
          group,
          command: process.execPath,
          args: [join(root, 'scripts/simulate.mjs'), '--mutants'],
        },
      ];
    case 'browser':
      return [
        wasmPack(group, 'chromium', ['--chrome', '--chromedriver', browsers.chromedriver ?? '']),
        ...(browsers.firefox && browsers.geckodriver
          ? [wasmPack(group, 'firefox', ['--firefox', '--geckodriver', browsers.geckodriver])]
          : []),
      ];
    default:
      return [await nodeTests(group)];
  }
}

/**
 * @param {Group} group
 * @param {string} browser
 * @param {string[]} args
 * @returns {Run}
 */
function wasmPack(group, browser, args) {
  // The drivers are given by name; variables would take precedence. A busy machine needs more than 20 seconds.
  const env = {
    CHROMEDRIVER: undefined,
    GECKODRIVER: undefined,
    WASM_BINDGEN_TEST_TIMEOUT: '120',
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT: '60',
  };
  const all = ['test', '--headless', ...args, '--mode', 'no-install'];
  return { name: `browser, ${browser}`, group, command: 'wasm-pack', args: all, env };
}

/**
 * @param {Group} group
 * @returns {Promise<Run>}
 */
async function nodeTests(group) {
  // Of the interoperation tests, those with brokers that are had in seconds.
  const folder = join(root, 'tests', group.brokers ? `${group.name}/quick` : group.name);
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = names.filter((name) => name.endsWith('.test.mjs')).sort();
  const paths = files.map((name) => relative(root, join(folder, name)));
  // Two groups run at a time, and each file has a browser.
  const atOnce = Math.max(1, Math.floor(availableParallelism() / 2));
  // A test that hangs leaves its servers open: its file would never end.
  const args = ['--test', '--test-force-exit', '--test-reporter=spec', `--test-concurrency=${atOnce}`, ...paths];
  // Without a path Node looks for tests itself.
  return { name: group.name, group, command: process.execPath, args: paths.length > 0 ? args : ['--eval', ''] };
}

/**
 * The tests that an output tells of: of cargo, of wasm-bindgen's runner and of Node's.
 *
 * @param {string} output
 */
export function count(output) {
  const sum = (/** @type {RegExp} */ pattern) =>
    [...output.matchAll(pattern)].reduce((total, [, number]) => total + Number(number), 0);
  return {
    passed: sum(/^test result: .*?(\d+) passed;/gm) + sum(/^(?:ℹ|#) pass (\d+)$/gm),
    failed: sum(/^test result: .*?(\d+) failed;/gm) + sum(/^(?:ℹ|#) (?:fail|cancelled) (\d+)$/gm),
    skipped: sum(/^test result: .*?(\d+) ignored;/gm) + sum(/^(?:ℹ|#) (?:skipped|todo) (\d+)$/gm),
  };
}
