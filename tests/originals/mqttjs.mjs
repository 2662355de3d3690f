/**
 * The client suite of MQTT.js over WebSocket, with `wasmqtt/mqttjs` in place of its client: what passes, and of each other
 * case why it does not.
 */

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run as runTests } from 'node:test';
import { build } from 'esbuild';
import { makeCached } from '../../scripts/setup/cached.mjs';
import { cache, root } from '../../scripts/setup/places.mjs';
import { KINDS, REASONS } from './mqttjs-reasons.mjs';

const TAG = 'v5.14.1';
const NAME = `mqttjs-${TAG}`;

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
    mkdirSync(half, { recursive: true });
    if (from === undefined) {
      await fetched(half);
    } else if (existsSync(join(resolve(from), 'test/node/abstract_client.ts'))) {
      cpSync(join(resolve(from), 'test'), join(half, 'test'), { recursive: true });
    } else {
      throw new Error(`${from} has no test/node/abstract_client.ts: is it a checkout of MQTT.js ${TAG}?`);
    }
    writeFileSync(join(half, 'package.json'), JSON.stringify({ private: true, dependencies: WITH }));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], {
      cwd: half,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  });
  return folder;
}

/** @param {string} into */
async function fetched(into) {
  const url = `https://codeload.github.com/mqttjs/MQTT.js/tar.gz/refs/tags/${TAG}`;
  const response = await fetch(url).catch((cause) => {
    throw new Error(`${url} cannot be fetched: give a checkout of that tag by --from DIR`, { cause });
  });
  if (!response.ok) {
    throw new Error(`${url} answers ${response.status}: give a checkout of that tag by --from DIR`);
  }
  const archive = join(into, 'archive.tar.gz');
  writeFileSync(archive, Buffer.from(await response.arrayBuffer()));
  execFileSync('tar', ['-xzf', archive, '--strip-components=1', '-C', into]);
  rmSync(archive);
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
            : { path: join(root, 'dist/mqttjs.js'), external: true },
      );
      build.onLoad({ filter: /.*/, namespace: 'store' }, () => ({
        contents: "export { Store as default } from '../../src';",
        resolveDir: suiteFolder,
      }));
      // With its server and streams on it, which its module for `import` leaves out.
      build.onResolve({ filter: /^ws$/ }, () => ({ path: join(folder, 'node_modules/ws/index.js'), external: true }));
      build.onResolve({ filter: /^\.\/server$/ }, () => ({ path: join(here, 'mqttjs-server.mjs') }));
      build.onResolve({ filter: /^node:test$/ }, ({ importer }) =>
        importer.startsWith(here) ? undefined : { path: join(here, 'mqttjs-cases.mjs') },
      );
    },
  };
  await build({
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
  const sums = { cases: 0, passed: 0, never: 0 };
  for (const [file, protocol] of Object.entries(FILES)) {
    for (const own of [false, true]) {
      const part = rows.filter((it) => it.file === file && isOwn(it) === own);
      const name = own ? file : `abstract_client, ${protocol}`;
      const passed = part.filter((it) => it.passed).length;
      const never = part.filter((it) => !it.passed && it.reason && !KINDS[it.reason.kind].browser).length;
      console.log(
        `${name.padEnd(36)} ${[part.length, passed, never, part.length - passed - never].map((n) => String(n).padStart(7)).join('  ')}`,
      );
      sums.cases += part.length;
      sums.passed += passed;
      sums.never += never;
    }
  }
  const met = sums.cases - sums.never;
  const percent = ((100 * sums.passed) / met).toFixed(1);
  console.log(`\n${sums.passed} of the ${met} that a browser could meet: ${percent} %`);
  for (const stale of whole ? REASONS.filter((it) => !said.has(it)) : []) {
    console.log(`FAIL there is no case "${stale.case}"`);
    right = false;
  }
  return right;
}

/** Whether it is of that file alone. @param {Case} it */
function isOwn({ file, name }) {
  const [suite = ''] = name.split(' > ');
  return file === 'websocket_client' ? !ABSTRACT.includes(suite) : !ABSTRACT.includes(suite);
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
