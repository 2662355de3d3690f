/**
 * The groups of tests: what each runs, and how many tests its output tells of. It does not know when they run.
 */

import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { root } from '../setup/places.mjs';
import { PlainError } from '../setup/say.mjs';

const ENDING = '.test.mjs';

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
  { name: 'sharing', build: false, broker: false, browsers: false },
  { name: 'size', build: false, broker: false, browsers: false },
  { name: 'browser', build: false, broker: false, browsers: true, runner: true },
  { name: 'e2e', build: true, broker: true, browsers: true },
  { name: 'e2e-firefox', build: true, broker: true, browsers: true },
  { name: 'trace', build: true, broker: true, browsers: true },
  { name: 'vectors', build: true, broker: true, browsers: true },
  { name: 'interop', build: true, broker: true, browsers: true, brokers: true },
  { name: 'chaos', build: true, broker: true, browsers: true },
  { name: 'payloads', build: true, broker: false, browsers: false },
  { name: 'testing', build: true, broker: true, browsers: true },
  { name: 'package', build: true, broker: true, browsers: true },
  { name: 'frameworks', build: true, broker: true, browsers: true },
  { name: 'docs', build: true, broker: true, browsers: true },
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
    case 'e2e-firefox':
      return browsers.firefox ? [{ ...(await endToEnd('firefox', CORE)), group }] : [];
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

/** Of the end-to-end tests, what is run in Firefox with all others: what browsers differ in most. */
const CORE = [
  'nested',
  'reconnect',
  'share',
  'stored-session',
  'stored-session-owner',
  'stored-session-records',
  'worker',
];

/**
 * The end-to-end tests in one browser.
 *
 * @param {import('../../tests/support/launch.mjs').BrowserName} browser
 * @param {readonly string[]} [names] of files; none for all
 * @returns {Promise<Omit<Run, 'group'>>}
 */
export async function endToEnd(browser, names = []) {
  const folder = join(root, 'tests/e2e');
  const all = (await readdir(folder))
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length));
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new PlainError(`There is no test '${unknown}': ${all.sort().join(', ')}`);
  }
  const wanted = names.length > 0 ? names : all;
  const args = nodeArguments(wanted.map((name) => join('tests/e2e', name + ENDING)).sort());
  return { name: `e2e, ${browser}`, command: process.execPath, args, env: { WASMQTT_BROWSER: browser } };
}

/**
 * @param {Group} group
 * @returns {Promise<Run>}
 */
async function nodeTests(group) {
  // Of the interoperation tests, those with brokers that are had in seconds.
  const folder = join(root, 'tests', group.brokers ? `${group.name}/quick` : group.name);
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = names.filter((name) => name.endsWith(ENDING)).sort();
  const paths = files.map((name) => relative(root, join(folder, name)));
  // Without a path Node looks for tests itself.
  const args = paths.length > 0 ? nodeArguments(paths) : ['--eval', ''];
  return { name: group.name, group, command: process.execPath, args };
}

/** @param {readonly string[]} paths of files */
function nodeArguments(paths) {
  // Two groups run at a time, and each file has a browser.
  const atOnce = Math.max(1, Math.floor(availableParallelism() / 2));
  // A test that hangs leaves its servers open: its file would never end.
  return ['--test', '--test-force-exit', '--test-reporter=spec', `--test-concurrency=${atOnce}`, ...paths];
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

/**
 * The tests of Node's that were left out, each with the reason; not those that a pattern left out.
 *
 * @param {string} output
 */
export function leftOut(output) {
  return [...output.matchAll(/^\s*﹣ (.+) \([\d.]+ms\) # (?!SKIP$)(.+)$/gm)].map(
    ([, name, reason]) => `${name}: ${reason}`,
  );
}
