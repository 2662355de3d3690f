/**
 * How the page is built: Preact's JSX, the built package under its own name, everything below `target/www`.
 * It does not know how the page is served.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

// Vite takes the default export of its configuration and nothing else.
export default defineConfig({
  root: path('.'),
  // The first that fits is taken.
  resolve: {
    alias: {
      'wasmqtt/doctor': path('../dist/doctor.js'),
      'wasmqtt/trace': path('../dist/trace.js'),
      wasmqtt: path('../dist/index.js'),
    },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: path('../target/www'),
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    chunkSizeWarningLimit: 1_000,
  },
});
