/** The modules of the package, and which lies in which file. It does not know how they are made. */

/** With the whole client inside; each has declarations. */
export const MODULES = ['index', 'slim'];

/** What those load when they are first needed. */
export const PARTS = ['session', 'worker', 'worker-session', 'share', 'share-worker', 'wire'];

/**
 * Modules for who imports them, each with declarations: `wasmqtt/NAME` is `src/npm/NAME.ts`. They leave the client
 * outside: what they import of `index` is that of the file beside them.
 *
 * @type {string[]}
 */
export const ADDONS = [
  'mqttjs',
  'testing',
  'react',
  'vue',
  'svelte',
  'solid',
  'topics',
  'payloads',
  'paho',
  'angular',
  'trace',
  'doctor',
];

/**
 * Classic scripts: `dist/NAME.global.js` is `src/npm/MODULE.ts` with all of the client inside, and its exports are those of one
 * global object. What is loaded later is beside it.
 *
 * @type {{ name: string, module: string, global: string }[]}
 */
export const GLOBALS = [
  { name: 'wasmqtt', module: 'index', global: 'wasmqtt' },
  { name: 'paho', module: 'paho/names', global: 'Paho' },
  { name: 'mqttjs', module: 'mqttjs/exports', global: 'mqtt' },
];

/** @param {{ name: string }} script */
export const globalFile = ({ name }) => `${name}.global.js`;
