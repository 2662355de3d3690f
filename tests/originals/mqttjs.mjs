/**
 * The client suite of MQTT.js over WebSocket, with `wasmqtt/mqttjs` in place of its client: what passes, and of each other
 * case why it does not.
 */

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run as runTests } from 'node:test';
import { build as bundled } from 'esbuild';
import { build } from '../../scripts/build.mjs';
import { makeCached } from '../../scripts/setup/cached.mjs';
import { cache } from '../../scripts/setup/places.mjs';
import { KINDS, REASONS } from './mqttjs-reasons.mjs';
import { sourceOf } from './source.mjs';

/** Version 5.14.1. */
const SOURCE = {
  name: 'mqttjs',
  repository: 'mqttjs/MQTT.js',
  commit: 'ab2ed39e306c5be18e2ac73c05f758f677a1a0c6',
  needs: 'test/node/abstract_client.ts',
};

/** Its tests, with what they are written with. */
const NAME = `mqttjs-suite-${SOURCE.commit.slice(0, 12)}`;

/** What the suite is written with. */
const WITH = {
  chai: '5.2.1',
  sinon: '17.0.2',
  'mqtt-connection': '4.1.0',
  'mqtt-level-store': '3.1.0',
  debug: '4.4.1',
  ws: '8.18.3',
};

/** Each file of the suite that runs against a server of its own, and the protocol it speaks. */
const FILES = { websocket_client: '3.1.1', client_mqtt5: '5.0' };

/**
 * @param {{ from?: string, only?: string, all?: boolean }} options
 * @returns {Promise<boolean>} whether everything is as the reasons say
 */
export async function run({ from, only, all }) {
  await build({ log: () => {} });
  const folder = await suite(from);
  await bundle(folder);
  const cases = [];
  for (const [file, protocol] of Object.entries(FILES)) {
    cases.push(...(await casesOf(join(folder, 'run', `${file}.mjs`), file, protocol, only)));
  }
  return report(cases, { all, whole: only === undefined });
}

/** @param {string | undefined} from */
async function suite(from) {
  const folder = join(cache, NAME);
  if (from === undefined && existsSync(folder)) {
    return folder;
  }
  await makeCached(NAME, async (half) => {
    const source = await sourceOf(SOURCE, from, console.error);
    cpSync(join(source, 'test'), join(half, 'test'), { recursive: true });
    writeFileSync(join(half, 'package.json'), JSON.stringify({ private: true, dependencies: WITH }));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], {
      cwd: half,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  });
  return folder;
}

/**
 * Modules that run in Node, with what the suite takes of MQTT.js taken of the package, and its servers speaking MQTT over
 * WebSocket where they spoke it over TCP.
 *
 * @param {string} folder
 */
export async function bundle(folder) {
  const suiteFolder = join(folder, 'test/node');
  const here = import.meta.dirname;
  /** @type {import('esbuild').Plugin} */
  const swapped = {
    name: 'the package in place of the original',
    setup(build) {
      build.onResolve({ filter: /^(\.\.\/\.\.\/src|src)(\/.*)?$/ }, ({ path }) =>
        /handlers\//.test(path)
          ? { path: join(here, 'mqttjs-handlers.mjs') }
          : /store$/.test(path)
            ? { path: 'store', namespace: 'store' }
            : { path: join(here, 'mqttjs-package.mjs') },
      );
      build.onResolve({ filter: /^\.\.\/\.\.\/dist\// }, ({ path }) => ({ path: join(here, path), external: true }));
      build.onLoad({ filter: /.*/, namespace: 'store' }, () => ({
        contents: "export { Store as default } from '../../src';",
        resolveDir: suiteFolder,
      }));
      // With its server and streams on it, which its module for `import` leaves out.
      build.onResolve({ filter: /^ws$/ }, () => ({ path: join(folder, 'node_modules/ws/index.js'), external: true }));
      build.onResolve({ filter: /^\.\/server$/ }, () => ({ path: join(here, 'mqttjs-server.mjs') }));
      build.onResolve({ filter: /^mqtt-connection$/ }, ({ importer }) =>
        importer.startsWith(here) ? undefined : { path: join(here, 'mqttjs-connection.mjs') },
      );
      build.onResolve({ filter: /^node:test$/ }, ({ importer }) =>
        importer.startsWith(here) ? undefined : { path: join(here, 'mqttjs-cases.mjs') },
      );
    },
  };
  await bundled({
    entryPoints: Object.keys(FILES).map((name) => join(suiteFolder, `${name}.ts`)),
    outdir: join(folder, 'run'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'error',
    plugins: [swapped],
    banner: {
      js: `import WebSocketOfNode from ${JSON.stringify(join(folder, 'node_modules/ws/index.js'))}; globalThis.WebSocket = WebSocketOfNode; const __dirname = ${JSON.stringify(suiteFolder)};`,
    },
  });
}

/**
 * @typedef {object} Case
 * @property {string} file
 * @property {string} protocol
 * @property {string} name with the names of what it is in
 * @property {boolean} passed
 * @property {string} error
 */

/**
 * @param {string} path
 * @param {string} file
 * @param {string} protocol
 * @param {string | undefined} only
 * @returns {Promise<Case[]>}
 */
async function casesOf(path, file, protocol, only) {
  /** @type {Case[]} */
  const cases = [];
  /** @type {string[]} */
  const open = [];
  const patterns = only === undefined ? undefined : [only.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')];
  const stream = runTests({ files: [path], concurrency: 1, ...(patterns && { testNamePatterns: patterns }) });
  stream.on('test:start', ({ name, nesting }) => {
    open.length = nesting;
    open[nesting] = name;
  });
  const ended = (/** @type {boolean} */ passed) => (/** @type {any} */ data) => {
    const { name, nesting, details, skip, todo } = data;
    if (details?.type === 'suite' || skip !== undefined || todo !== undefined || name === path) {
      return;
    }
    const full = [...open.slice(1, nesting), name].join(' > ');
    const cause = details?.error?.cause ?? details?.error;
    cases.push({
      file,
      protocol,
      name: full,
      passed,
      error: passed ? '' : String(cause?.message ?? cause).split('\n')[0],
    });
  };
  stream.on('test:pass', ended(true));
  stream.on('test:fail', ended(false));
  stream.on('data', () => {});
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject));
  return cases;
}

/**
 * @param {Case[]} cases
 * @param {{ all?: boolean, whole: boolean }} options
 */
function report(cases, { all, whole }) {
  const said = new Set();
  const reasonOf = (/** @type {Case} */ { name, file, protocol }) => {
    const found = REASONS.find(
      (it) =>
        name.includes(it.case) && (it.protocol === undefined || it.protocol === protocol) && (it.file ?? file) === file,
    );
    if (found) {
      said.add(found);
    }
    return found;
  };
  let right = true;
  const rows = cases.map((it) => ({ ...it, reason: reasonOf(it) }));
  for (const { name, protocol, passed, error, reason } of rows) {
    if (!passed) {
      console.log(`${reason ? '-   ' : 'FAIL'} ${protocol} ${name}\n       ${reason ? reason.because : error}`);
      right &&= reason !== undefined;
    } else if (all || reason?.always) {
      console.log(`ok   ${protocol} ${name}`);
    }
  }
  console.log('');
  console.log('                                      cases  passed  no browser meets it  others');
  for (const [file, protocol] of Object.entries(FILES)) {
    for (const own of [false, true]) {
      const part = rows.filter((it) => it.file === file && isOwn(it) === own);
      const name = own ? file : `abstract_client, ${protocol}`;
      const passed = part.filter((it) => it.passed).length;
      const never = part.filter(isNever).length;
      const counts = [part.length, passed, never, part.length - passed - never];
      console.log(`${name.padEnd(36)} ${counts.map((count) => String(count).padStart(7)).join('  ')}`);
    }
  }
  console.log('');
  for (const protocol of [...new Set(Object.values(FILES)), undefined]) {
    const part = rows.filter((it) => protocol === undefined || it.protocol === protocol);
    const passed = part.filter((it) => it.passed).length;
    const met = part.length - part.filter(isNever).length;
    const percent = ((100 * passed) / met).toFixed(1);
    console.log(`${protocol ?? 'both'}: ${passed} of the ${met} that a browser could meet, ${percent} %`);
  }
  for (const stale of whole ? REASONS.filter((it) => !said.has(it)) : []) {
    console.log(`FAIL there is no case "${stale.case}"`);
    right = false;
  }
  return right;
}

/** Whether it did not pass for what no browser meets. @param {Case & { reason?: { kind: keyof typeof KINDS } | undefined }} it */
function isNever({ passed, reason }) {
  return !passed && reason !== undefined && !KINDS[reason.kind].browser;
}

/** Whether it is of its file alone. @param {Case} it */
function isOwn({ name }) {
  const [suite = ''] = name.split(' > ');
  return !ABSTRACT.includes(suite);
}

/** What `abstract_client` has. */
const ABSTRACT = [
  'closing',
  'connecting',
  'handling offline states',
  'topic validations when subscribing',
  'offline messages',
  'publishing',
  'unsubscribing',
  'keepalive',
  'pinging',
  'subscribing',
  'receiving messages',
  'qos handling',
  'auto reconnect',
  'message id to subscription topic mapping',
];
