/** TypeScript to the two modules of the package. It does not check types. */

import { build } from 'esbuild';
import { inlineWasm } from './inline.mjs';
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
