/**
 * Who is compared: a module for the page each, bundled as an application would, and what it weighs.
 * It does not know what is measured.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DIST = join(ROOT, 'dist');

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string} title
 * @property {object} [options] that its module hands on
 * @property {(qos: number) => boolean} offers
 * @property {boolean} loadsOnly whether it differs from another one only in how it is loaded
 * @property {Buffer} code the module of the page
 * @property {Buffer} [wasm] what is fetched beside it
 */

/**
 * @typedef {object} Kind
 * @property {string} title
 * @property {string} [module] of `contestants/`, when it has not the contestant's name
 * @property {string} [entry] of the package
 * @property {object} [options]
 * @property {number} [maximumQos]
 */

/** In the order in which they are shown. @type {Record<string, Kind>} */
const KINDS = {
  raw: { title: 'bare WebSocket' },
  usable: { title: 'floor' },
  mqttjs: { title: 'MQTT.js' },
  'mqttjs-tuned': { title: 'MQTT.js, tuned', module: 'mqttjs', options: { reschedulePings: false, writeCache: false } },
  paho: { title: 'Paho' },
  u8: { title: 'u8-mqtt', maximumQos: 1 },
  wasmqtt: { title: 'wasmqtt', entry: 'slim' },
  'wasmqtt-stored': { title: 'wasmqtt, session stored', module: 'wasmqtt', entry: 'slim', options: { stored: true } },
  'wasmqtt-worker': { title: 'wasmqtt, worker', module: 'wasmqtt', entry: 'slim', options: { worker: true } },
  'wasmqtt-one-file': { title: 'wasmqtt, one file', module: 'wasmqtt', entry: 'index' },
};

export const NAMES = Object.keys(KINDS);

/**
 * @param {readonly string[]} names
 * @param {string} [other] another build of the package, to be compared with this one
 * @returns {Promise<Contestant[]>}
 */
export async function contestants(names, other) {
  const kinds = names.flatMap((name) => {
    const kind = KINDS[name];
    return kind ? [{ name, dist: DIST, ...kind }] : [];
  });
  if (other !== undefined) {
    kinds.push({ name: 'other', title: 'the other build', module: 'wasmqtt', entry: 'slim', dist: other });
  }
  return Promise.all(
    kinds.map(async ({ name, title, module, entry, options, maximumQos = 2, dist }) => ({
      name,
      title,
      ...(options ? { options } : {}),
      offers: (qos) => qos <= maximumQos,
      loadsOnly: entry === 'index',
      code: await bundle(
        join(ROOT, `tests/bench/contestants/${module ?? name}.js`),
        entry && join(dist, `${entry}.js`),
        options === undefined,
      ),
      ...(entry === 'slim' ? { wasm: await readFile(join(dist, 'wasmqtt.wasm')) } : {}),
    })),
  );
}

/**
 * @param {string} file
 * @param {string} [entry] what `wasmqtt` is
 * @param {boolean} [first] only what is loaded at first: a bundler puts the rest into files of their own
 */
async function bundle(file, entry, first = false) {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [file],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    ...(entry ? { alias: { wasmqtt: entry } } : {}),
    ...(first ? { external: ['./session.js', './worker.js', './worker-session.js'] } : {}),
  });
  const [output] = outputFiles;
  if (output === undefined) {
    throw new Error(`${file} has no bundle`);
  }
  return Buffer.from(output.contents);
}

/**
 * Bytes of all that the page loads for it.
 *
 * @param {Contestant} contestant
 */
export function weight({ code, wasm }) {
  const files = wasm ? [code, wasm] : [code];
  const sum = (/** @type {(bytes: Buffer) => Buffer} */ pack) =>
    files.reduce((total, bytes) => total + pack(bytes).length, 0);
  return {
    raw: sum((bytes) => bytes),
    gzip: sum((bytes) => gzipSync(bytes, { level: 9 })),
    brotli: sum((bytes) => brotliCompressSync(bytes)),
  };
}
