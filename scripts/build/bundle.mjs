/** TypeScript to the two modules of the package. It does not check types. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { minify } from 'terser';
import { inlineWasm, inlineWorker } from './inline.mjs';
import { root } from './steps.mjs';

/** What esbuild says of the bytes of each file in each module. */
export const METAFILE = 'target/bundle.json';

/**
 * @param {readonly string[]} modules
 * @param {readonly string[]} parts those of them that the others load when they are first needed
 */
export async function bundle(modules, parts) {
  const { metafile } = await build({
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
    plugins: [inlineWasm, inlineWorker, loadedLater(parts)],
    metafile: true,
  });
  await writeFile(join(root, METAFILE), JSON.stringify(metafile));
  for (const name of modules) {
    // esbuild alone: 13.7 kB of brotli for `slim.js`; with terser after it 13.2, and 13.5 without what it made smaller first.
    const file = join(root, 'dist', `${name}.js`);
    const options = { ecma: 2022, module: true, compress: { passes: 3 } };
    const { code } = await minify(
      await readFile(file, 'utf8'),
      /** @type {import('terser').MinifyOptions} */ (options),
    );
    await writeFile(file, code ?? '');
  }
}

/**
 * A dynamic import of one of these stays one: of the file beside the module.
 *
 * @param {readonly string[]} parts
 * @returns {import('esbuild').Plugin}
 */
function loadedLater(parts) {
  return {
    name: 'loaded later',
    setup(build) {
      const filter = new RegExp(`/(?:${parts.join('|')})\\.js$`);
      build.onResolve({ filter }, ({ path, kind }) =>
        kind === 'dynamic-import' ? { path: `./${path.split('/').at(-1)}`, external: true } : undefined,
      );
    },
  };
}
