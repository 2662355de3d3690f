/** TypeScript to the modules of the package. It does not check types. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { minify } from 'terser';
import { ADDONS, MODULES, PARTS } from './entries.mjs';
import { inlineWasm, inlineWorker } from './inline.mjs';
import { root } from './steps.mjs';

/** What esbuild says of the bytes of each file in each module. */
export const METAFILE = 'target/bundle.json';

/** Makes all modules and parts. */
export async function bundle() {
  const client = await made([...MODULES, ...PARTS], [inlineWasm, inlineWorker, loadedLater(PARTS)]);
  const addons = await made(ADDONS, [loadedLater(PARTS), clientOutside]);
  const metafile = {
    inputs: { ...client.inputs, ...addons.inputs },
    outputs: { ...client.outputs, ...addons.outputs },
  };
  await writeFile(join(root, METAFILE), JSON.stringify(metafile));
}

/**
 * @param {readonly string[]} modules
 * @param {import('esbuild').Plugin[]} plugins
 */
async function made(modules, plugins) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: modules.map((name) => `src/npm/${name}.ts`),
    outdir: 'dist',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: await peers(),
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
    plugins,
    metafile: true,
  });
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
  return metafile;
}

/** The packages that a page has itself, with what lies in them. */
export async function peers() {
  const { peerDependencies = {} } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return Object.keys(peerDependencies);
}

/**
 * An import of a module with the client inside stays one: of the file beside the module.
 *
 * @type {import('esbuild').Plugin}
 */
const clientOutside = {
  name: 'client outside',
  setup(build) {
    const filter = new RegExp(`/(?:${MODULES.join('|')})\\.js$`);
    build.onResolve({ filter }, ({ path, resolveDir, kind }) => {
      const [, name] =
        MODULES.map((name) => [join(root, 'src/npm', `${name}.js`), name]).find(
          ([file]) => join(resolveDir, path) === file,
        ) ?? [];
      return name && kind !== 'entry-point' ? { path: `./${name}.js`, external: true } : undefined;
    });
  },
};

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
