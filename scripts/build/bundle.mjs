/** TypeScript to the two modules of the package. It does not check types. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './steps.mjs';

/**
 * @param {readonly string[]} modules
 */
export async function bundle(modules) {
  await build({
    absWorkingDir: root,
    entryPoints: modules.map((name) => `src/npm/${name}.ts`),
    outdir: 'dist',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
    plugins: [inlineWasm],
  });
}

/** `wasm:inline` is the WebAssembly, deflated, as base64. */
const inlineWasm = {
  name: 'wasm:inline',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^wasm:inline$/ }, ({ path }) => ({ path, namespace: path }));
    build.onLoad({ filter: /.*/, namespace: 'wasm:inline' }, async () => {
      const bytes = await readFile(join(root, 'dist/wasmqtt.wasm'));
      const base64 = deflateSync(bytes, { level: 9, memLevel: 9 }).toString('base64');
      return { contents: `export const base64 = '${base64}';` };
    });
  },
};
