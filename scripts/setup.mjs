/**
 * Finds or installs what building, running and testing need, and says so. It changes nothing that is there already,
 * and does not build the project.
 */

import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findBroker, setUpBroker } from './setup/broker.mjs';
import { setUpBrokers } from './setup/brokers.mjs';
import { findBrowsers, setUpBrowsers } from './setup/browsers.mjs';
import { findTool, setUpTool, wasmBindgen, wasmPack } from './setup/cargo-tools.mjs';
import { findGlue, setUpGlue } from './setup/glue.mjs';
import { setUpPackages } from './setup/npm.mjs';
import { root, searchPath } from './setup/places.mjs';
import { rustEnvironment, setUpRust } from './setup/rust.mjs';
import { main, PlainError, seconds } from './setup/say.mjs';

/** @type {NodeJS.ProcessEnv | undefined} */
let known;

/**
 * Sets up what is asked for. It throws a SetupError where something cannot be had.
 *
 * @param {{
 *   browsers?: boolean,
 *   runner?: boolean,
 *   broker?: boolean | 'certificates',
 *   checks?: boolean,
 *   brokers?: boolean,
 *   log?: (line: string) => void,
 * }} [options] `browsers` with the programs that drive them, `runner` is that of the tests in WebAssembly, `broker` is
 *   mosquitto, `checks` are rustfmt and clippy, `brokers` are those of the interoperation tests that are had in seconds
 */
export async function setup({
  browsers = true,
  runner = browsers,
  broker = 'certificates',
  checks = true,
  brokers = false,
  log = console.log,
} = {}) {
  known = undefined;
  await setUpPackages(log);
  await setUpRust(log, { checks });
  await setUpGlue(log);
  if (broker) {
    await setUpBroker(log, { certificates: broker === 'certificates' });
  }
  if (brokers) {
    await setUpBrokers(log, { heavy: false });
  }
  if (runner) {
    await setUpTool(wasmBindgen(), log);
    await setUpTool(wasmPack, log);
  }
  if (browsers) {
    await setUpBrowsers(log);
  }
}

/**
 * The environment for everything that the scripts run: the tools first on PATH, and the programs of the tests by
 * name in CHROME, FIREFOX and MOSQUITTO as far as they are there.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnv() {
  known ??= describe();
  return { ...known };
}

function describe() {
  const { first, env } = rustEnvironment();
  const tools = [findGlue(), findTool(wasmBindgen()), findTool(wasmPack)].filter((folder) => folder !== undefined);
  // wasm-pack takes the first wasm-opt: that of npm, not an old one of the system's.
  const folders = [...first, ...tools, join(root, 'node_modules/.bin'), ...searchPath()];
  const { chromium, firefox } = findBrowsers();
  const programs = { CHROME: chromium, FIREFOX: firefox, MOSQUITTO: findBroker().mosquitto };
  const there = Object.entries(programs).filter(([, path]) => path !== undefined);
  return { ...env, ...Object.fromEntries(there), PATH: [...new Set(folders)].join(delimiter) };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    if (process.argv.length > 2) {
      throw new PlainError(`setup takes no arguments, but was given: ${process.argv.slice(2).join(' ')}`);
    }
    const start = performance.now();
    await setup();
    console.log(`Everything is there (${seconds(performance.now() - start)})`);
  });
}
