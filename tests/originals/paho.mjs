/**
 * Paho's own tests, in Chromium on mosquitto, each file in a page of its own, as its script runs them: with MQTT 3.1.1, or with 3.1
 * by `--mqtt 3`. `--original` runs them with Paho itself.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from '../../scripts/build.mjs';
import { SetupError } from '../../scripts/setup/say.mjs';
import { setup, toolEnv } from '../../scripts/setup.mjs';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { HOST } from '../support/net.mjs';
import { ROOT, startSite } from '../support/site.mjs';
import { report } from './report.mjs';
import { sourceOf } from './source.mjs';

const SOURCE = {
  name: 'paho',
  repository: 'eclipse-paho/paho.mqtt.javascript',
  commit: 'be026e0305f0ae5ed100015df25bbd20fac0a41b',
  needs: 'src/test/BasicTest-spec.js',
};

const SUITES = ['BasicTest', 'base', 'client-uris', 'interops', 'live-take-over', 'send-receive'];

/** Milliseconds for one suite. */
const LIMIT = 180_000;

/**
 * @typedef {object} Case
 * @property {string} suite
 * @property {string} name
 * @property {'passed' | 'failed' | 'left out'} outcome
 * @property {string} [reason] in one sentence, where it did not pass and that is as it should be
 * @property {string} [error] what it said
 */

/**
 * Prints the table. True when each case passed, or has a reason.
 *
 * @param {{ from?: string, only?: string, all?: boolean, mqtt?: string, original?: boolean }} options
 */
export async function run({ from, only = '', all = false, mqtt = '4', original = false }) {
  if (mqtt !== '3' && mqtt !== '4') {
    throw new Error('--mqtt is 3 or 4');
  }
  await setup({ runner: false, broker: true, checks: false });
  Object.assign(process.env, toolEnv());
  await build({ log: () => {} });
  const source = await sourceOf(SOURCE, from, console.error).catch((error) => {
    console.error(error instanceof SetupError ? `${error.message}\n${error.remedy}` : error);
  });
  if (source === undefined) {
    return false;
  }
  const cases = await casesOf(source, { version: Number(mqtt), original, only });
  const library = original ? 'Paho 1.1.0' : 'wasmqtt/paho';
  console.log(`\n## ${library} in Paho's own tests, MQTT ${mqtt === '3' ? '3.1' : '3.1.1'}\n\n${report(cases, all)}`);
  return cases.every(({ outcome, reason }) => outcome === 'passed' || reason !== undefined);
}

/**
 * @param {string} source
 * @param {{ version: number, original: boolean, only: string }} options
 */
async function casesOf(source, { version, original, only }) {
  const broker = await startMosquitto();
  const settings = { server: HOST, port: broker.wsPort, path: '/mqtt', mqttVersion: version, only };
  const library = original ? '/original/paho-mqtt.js' : '/dist/paho.global.js';
  const site = await startSite({
    folders: {
      dist: join(ROOT, 'dist'),
      original: join(ROOT, 'node_modules/paho-mqtt'),
      jasmine: join(ROOT, 'node_modules/jasmine-core/lib/jasmine-core'),
      harness: join(ROOT, 'tests/originals/page'),
      specs: join(source, 'src/test'),
    },
    pages: Object.fromEntries(SUITES.map((suite) => [`/${suite}.html`, pageOf(suite, library, settings)])),
  });
  const { open } = await startBrowser({ site, firefox: false });
  /** @type {Case[]} */
  const cases = [];
  for (const suite of SUITES) {
    const { page } = await open(`/${suite}.html`);
    await page.waitForFunction('globalThis.results.done', { timeout: LIMIT });
    const { cases: some } = await page.evaluate('results');
    cases.push(...some.map((/** @type {Case} */ one) => ({ ...one, suite })));
    await page.close();
    const text = await readFile(join(source, `src/test/${suite}-spec.js`), 'utf8');
    const names = commentedOut(text).filter((name) => name.includes(only));
    cases.push(...names.map((name) => ({ suite, name, outcome: LEFT_OUT, reason: 'It is commented out.' })));
  }
  return cases;
}

const LEFT_OUT = /** @type {const} */ ('left out');

/** The cases that stand in comments. @param {string} text */
function commentedOut(text) {
  const comments = (text.match(/\/\*[\s\S]*?\*\//g) ?? []).join('\n');
  return [...comments.matchAll(/\bit\('([^']*)'/g)].map(([, name = '']) => name);
}

/** @param {string} suite @param {string} library @param {object} settings */
function pageOf(suite, library, settings) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${suite}</title><link rel="icon" href="data:,">
<script src="${library}"></script>
<script>globalThis.settings = ${JSON.stringify(settings)};</script>
<script src="/jasmine/jasmine.js"></script>
<script src="/harness/paho.js"></script>
<script src="/specs/${suite}-spec.js"></script>
<script>start();</script></html>`;
}
