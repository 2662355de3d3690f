/**
 * Public programs that people wrote for MQTT.js in the browser, in Chromium on mosquitto, with one line changed: each is built by its
 * own tools where they run today, and used as a person would. Not even the address of the broker they name is another one: the
 * browser finds mosquitto there. `--original` leaves the line as it is.
 */

import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { build } from '../../scripts/build.mjs';
import { makeCached } from '../../scripts/setup/cached.mjs';
import { cache } from '../../scripts/setup/places.mjs';
import { run as runProgram } from '../../scripts/setup/run.mjs';
import { SetupError } from '../../scripts/setup/say.mjs';
import { setup, toolEnv } from '../../scripts/setup.mjs';
import { install, pack } from '../package/stranger.mjs';
import { startBrowser } from '../support/browser.mjs';
import { makeCertificates } from '../support/certificates.mjs';
import { atEnd } from '../support/cleanup.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { ROOT, startSite } from '../support/site.mjs';
import { DRIVERS } from './programs/drivers.mjs';
import { PROGRAMS } from './programs/list.mjs';
import { sourceOf } from './source.mjs';

/** Milliseconds that an installation or a build may take. */
const LIMIT = 300_000;

/** Where the programs look for a broker, and by which listener they find mosquitto there. */
const BROKERS = {
  'broker.emqx.io:8083': 'wsPort',
  'broker.emqx.io:8084': 'wssPort',
  'public.cloud.shiftr.io:443': 'wssPort',
  'test.mosquitto.org:8081': 'wssPort',
};

/**
 * Prints the table. True when each program does all that it does with the original.
 *
 * @param {{ from?: string, only?: string, original?: boolean }} options `from` is a folder with a copy of each repository, by its name
 */
export async function run({ from, only = '', original = false }) {
  await setup({ runner: false, checks: false });
  Object.assign(process.env, toolEnv());
  await build({ log: () => {} });
  const { tarball } = await pack();
  const stranger = join(await install(tarball), 'node_modules/wasmqtt');
  const tls = await makeCertificates();
  const broker = await startMosquitto({ tls });
  const peer = await connectPeer(broker, { clientId: 'peer', reconnectPeriod: 100 });
  await peer.subscribe('#');
  const rules = Object.entries(BROKERS).map(([host, port]) => `MAP ${host} 127.0.0.1:${broker[port]}`);
  const { browser } = await startBrowser({
    site: { url: '' },
    trusted: tls.fingerprint,
    args: [`--host-resolver-rules=${rules.join(',')}`],
  });
  const rows = [];
  for (const program of PROGRAMS.filter(({ name }) => name.includes(only))) {
    const result = await outcome(async () => {
      const source = await sourceOf(program.source, copyIn(from, program.source.repository), console.error);
      const folder = await prepared(program, source, { stranger, original });
      const { url } = await startSite({ root: join(folder, program.out ?? '') });
      return DRIVERS[program.id]({ browser, url: `${url}${program.path ?? '/index.html'}`, broker, peer });
    });
    console.log(`${result.ok ? 'ok    ' : 'FAILED'}  ${program.name}: ${result.said}`);
    rows.push({ ...program, ...result });
  }
  console.log(`\n## ${original ? 'MQTT.js' : 'wasmqtt/mqttjs'} in programs for MQTT.js\n\n${tableOf(rows)}`);
  return rows.every(({ ok }) => ok);
}

/** @param {() => Promise<string[]>} attempt what was done in it, or throws */
async function outcome(attempt) {
  try {
    return { ok: true, said: (await attempt()).join(', ') };
  } catch (error) {
    const { message, remedy = '' } = error instanceof SetupError ? error : { message: String(error?.stack ?? error) };
    return { ok: false, said: `${message}\n${remedy}`.trim() };
  }
}

/** @param {string | undefined} from @param {string} repository */
function copyIn(from, repository) {
  const copy = from && join(from, basename(repository));
  return copy && existsSync(copy) ? copy : undefined;
}

/**
 * A folder with the program, its line changed, built.
 *
 * @param {import('./programs/list.mjs').Program} program
 * @param {string} source
 * @param {{ stranger: string, original: boolean }} options
 */
async function prepared(program, source, { stranger, original }) {
  const folder = await mkdtemp(join(tmpdir(), 'wasmqtt-program-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  await cp(join(source, program.folder), folder, { recursive: true });
  const { from, also } = program;
  const to = original ? from.replace(/https:[^"]*/, '/mqtt.min.js') : program.to;
  for (const line of [{ file: program.file, from, to }, ...(also && !original ? [also] : [])]) {
    await change(join(folder, line.file), line);
  }
  if (!program.packages) {
    const library = original
      ? join(ROOT, 'node_modules/mqtt/dist/mqtt.min.js')
      : join(stranger, 'dist/mqttjs.global.js');
    await cp(library, join(folder, basename(library)));
    return folder;
  }
  const modules = join(folder, 'node_modules');
  await rm(join(folder, 'package-lock.json'), { force: true });
  await cp(await installed(program.packages), modules, { recursive: true, verbatimSymlinks: true });
  await rm(join(modules, 'wasmqtt'), { recursive: true, force: true });
  await cp(stranger, join(modules, 'wasmqtt'), { recursive: true });
  for (const [name, text] of Object.entries(program.files ?? {})) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const [name = '', ...args] = program.build ?? [];
  await succeeded(join(modules, '.bin', name), args, folder, program.env);
  return folder;
}

/** @param {string} path @param {{ from: string, to: string }} line */
async function change(path, { from, to }) {
  const text = await readFile(path, 'utf8');
  if (text.split(from).length !== 2) {
    throw new Error(`${path} does not have that line once: ${from}`);
  }
  await writeFile(path, text.replace(from, to));
}

/** The `node_modules` of those packages, in the cache. @param {Record<string, string>} packages */
async function installed(packages) {
  const name = `program-${Object.keys(packages).join('-').replace(/\W+/g, '-').slice(0, 60)}`;
  const manifest = JSON.stringify({ private: true, dependencies: packages });
  const folder = join(cache, name);
  const same = existsSync(folder) && (await readFile(join(folder, 'package.json'), 'utf8')) === manifest;
  if (!same) {
    await makeCached(name, async (half) => {
      await mkdir(half, { recursive: true });
      await writeFile(join(half, 'package.json'), manifest);
      const args = ['install', '--no-audit', '--no-fund', '--legacy-peer-deps', '--loglevel=error'];
      await succeeded('npm', [...args, '--ignore-scripts'], half);
    });
  }
  return join(folder, 'node_modules');
}

/** @param {string} command @param {string[]} args @param {string} cwd @param {Record<string, string>} [more] */
async function succeeded(command, args, cwd, more) {
  const env = { ...process.env, NODE_ENV: undefined, NODE_TEST_CONTEXT: undefined, ...more };
  const { ok, output } = await runProgram(command, args, { cwd, env, limit: LIMIT });
  if (!ok) {
    throw new Error(`${basename(command)} ${args.join(' ')}:\n${output}`);
  }
}

/** @param {(import('./programs/list.mjs').Program & { ok: boolean, said: string })[]} rows */
function tableOf(rows) {
  return [
    '| program | written with | the line | result |',
    '|---|---|---|---|',
    ...rows.map(({ name, source, folder, framework, to, also, ok, said }) => {
      const link = `https://github.com/${source.repository}/tree/${source.commit.slice(0, 12)}/${folder === '.' ? '' : folder}`;
      return `| [${name}](${link}) | ${framework} | ${[to, also?.to]
        .filter(Boolean)
        .map((line) => `\`${line}\``)
        .join('<br>')} | ${ok ? said : '**failed**'} |`;
    }),
  ].join('\n');
}
