/** Jest, with the built package in place of an installed one. */

import { fileURLToPath } from 'node:url';

const folder = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

// biome-ignore lint/style/noDefaultExport: what Jest asks for
export default {
  rootDir: folder('..'),
  roots: [folder('.')],
  cacheDirectory: folder('../../../target/jest'),
  testMatch: ['**/*.spec.mjs'],
  moduleNameMapper: {
    '^wasmqtt$': folder('../../../dist/index.js'),
    '^wasmqtt/(\\w+)$': folder('../../../dist/$1.js'),
  },
  transform: {},
  maxWorkers: 1,
};
