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
 * @property {(row: import('./rows.mjs').Row) => boolean} offers whether it can do that
 * @property {boolean} loadsOnly whether it differs from another one only in how it is loaded
 * @property {boolean} observed whether the rows of who looks at packets are for it: of those who have no such thing, only the base
 * @property {Map<string, Buffer>} parts what is loaded when it is first used
 * @property {Buffer} code the module of the page
 * @property {Buffer} [beside] the package's own file, where that is not in it
 * @property {Buffer} [wasm] what is fetched beside it
 */

/**
 * @typedef {object} Kind
 * @property {string} title
 * @property {string} [module] of `contestants/`, when it has not the contestant's name
 * @property {string} [entry] of the package
 * @property {object} [options]
 * @property {number} [maximumQos]
 * @property {number} [maximumVersion] the protocol level of the latest that it speaks
 * @property {boolean} [observed]
 * @property {boolean} [bundled] false where the page's module imports the package's file as it is
 */

/** In the order in which they are shown. @type {Record<string, Kind>} */
const KINDS = {
  raw: { title: 'bare WebSocket', observed: true },
  usable: { title: 'floor', observed: true },
  mqttjs: { title: 'MQTT.js' },
  'mqttjs-tuned': { title: 'MQTT.js, tuned', module: 'mqttjs', options: { reschedulePings: false, writeCache: false } },
  paho: { title: 'Paho', maximumVersion: 4 },
  u8: { title: 'u8-mqtt', maximumQos: 1, maximumVersion: 4 },
  wasmqtt: { title: 'wasmqtt', entry: 'slim', observed: true },
  'wasmqtt-stored': { title: 'wasmqtt, session stored', module: 'wasmqtt', entry: 'slim', options: { stored: true } },
  'wasmqtt-worker': { title: 'wasmqtt, worker', module: 'wasmqtt', entry: 'slim', options: { worker: true } },
  'wasmqtt-unbundled': { title: 'wasmqtt, not bundled', module: 'wasmqtt', entry: 'slim', bundled: false },
  'wasmqtt-one-file': { title: 'wasmqtt, one file', module: 'wasmqtt', entry: 'index' },
};

/** Files of the package that are loaded when they are first used. */
const PARTS = ['session.js', 'worker.js', 'worker-session.js', 'share.js', 'wire.js', 'trace.js'];

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
    kinds.push({
      name: 'other',
      title: 'the other build',
      module: 'wasmqtt',
      entry: 'slim',
      observed: true,
      dist: other,
    });
  }
  return Promise.all(
    kinds.map(async ({ name, title, module, entry, options, observed = false, bundled = true, dist, ...limits }) => ({
      name,
      title,
      ...(options ? { options } : {}),
      offers: ({ qos = 0, version = 4 }) => qos <= (limits.maximumQos ?? 2) && version <= (limits.maximumVersion ?? 5),
      loadsOnly: entry === 'index' || !bundled,
      observed,
      code: await bundle(
        join(ROOT, `tests/bench/contestants/${module ?? name}.js`),
        entry && { wasmqtt: bundled ? join(dist, `${entry}.js`) : `./${entry}.js`, 'wasmqtt/trace': './trace.js' },
        [...(options === undefined ? PARTS : ['trace.js']), ...(bundled ? [] : [`${entry}.js`])],
      ),
      parts: new Map(
        entry
          ? await Promise.all(
              PARTS.map(async (file) => /** @type {const} */ ([file, await readFile(join(dist, file))])),
            )
          : [],
      ),
      ...(bundled ? {} : { beside: await readFile(join(dist, `${entry}.js`)) }),
      ...(entry === 'slim' ? { wasm: await readFile(join(dist, 'wasmqtt.wasm')) } : {}),
    })),
  );
}

/**
 * @param {string} file
 * @param {Record<string, string>} [alias] what the package's names are
 * @param {readonly string[]} [parts] files of their own, as a bundler makes them of what is loaded later
 */
async function bundle(file, alias, parts = []) {
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
    ...(alias ? { alias } : {}),
    external: parts.map((part) => `./${part}`),
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
export function weight({ code, beside, wasm }) {
  const files = [code, beside, wasm].filter((bytes) => bytes !== undefined);
  const sum = (/** @type {(bytes: Buffer) => Buffer} */ pack) =>
    files.reduce((total, bytes) => total + pack(bytes).length, 0);
  return {
    raw: sum((bytes) => bytes),
    gzip: sum((bytes) => gzipSync(bytes, { level: 9 })),
    brotli: sum((bytes) => brotliCompressSync(bytes)),
  };
}
