/** vitest, with the built package in place of an installed one. */

import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

const dist = (/** @type {string} */ name) => fileURLToPath(new URL(`../../../dist/${name}.js`, import.meta.url));

// biome-ignore lint/style/noDefaultExport: what vitest asks for
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  cacheDir: fileURLToPath(new URL('../../../target/vitest', import.meta.url)),
  plugins: [react(), vue(), svelte({ configFile: false })],
  resolve: {
    alias: [
      { find: /^wasmqtt$/, replacement: dist('index') },
      { find: /^wasmqtt\/(\w+)$/, replacement: dist('$1') },
    ],
    conditions: ['browser'],
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['vitest/environment.js'],
    include: ['vitest/**/*.spec.*', 'examples/**/*.spec.*'],
    exclude: [],
    maxWorkers: 1,
    isolate: true,
    reporters: ['json'],
  },
});
