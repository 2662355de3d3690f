/** TypeScript to the modules and classic scripts of the package. It does not check types. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { minify } from 'terser';
import { classic } from './classic.mjs';
import { ADDONS, GLOBALS, globalFile, MODULES, PARTS } from './entries.mjs';
import { ABSENT, inlineWasm, inlineWorker } from './inline.mjs';
import { root } from './steps.mjs';

/** What esbuild says of the bytes of each file in each module. */
export const METAFILE = 'target/bundle.json';

/**
 * Chromium compiles the functions of a file that begins so while it loads, in another thread: else each when it is first called, in
 * the page's. CPU time of the main thread from nothing to CONNACK, with a bare WebSocket at 2.4 to 2.9 ms: `slim.js` 16.1 ms
 * without and 11.3 with it, `index.js` 17.7 and 12.6 (`npm run bench -- --only load`). Parts are too small to be compiled elsewhere.
 */
const COMPILED_WHILE_LOADED = '//# allFunctionsCalledOnLoad\n';

/** Makes all modules and parts. */
export async function bundle() {
  const all = [
    await made(sources([...MODULES, ...PARTS]), [inlineWasm, inlineWorker, loadedLater(PARTS)]),
    await made(sources(ADDONS), [loadedLater(PARTS), clientOutside]),
  ];
  for (const script of GLOBALS) {
    const name = globalFile(script).replace(/\.js$/, '');
    all.push(await made({ [name]: `src/npm/${script.module}.ts` }, [inlineWasm, classic(PARTS)], script.global));
  }
  const metafile = {
    inputs: Object.assign({}, ...all.map(({ inputs }) => inputs)),
    outputs: Object.assign({}, ...all.map(({ outputs }) => outputs)),
  };
  await writeFile(join(root, METAFILE), JSON.stringify(metafile));
}

/** @param {readonly string[]} names */
const sources = (names) => Object.fromEntries(names.map((name) => [name, `src/npm/${name}.ts`]));

/**
 * @param {Record<string, string>} entryPoints the source of each file
 * @param {import('esbuild').Plugin[]} plugins
 * @param {string} [globalName] of a classic script
 */
async function made(entryPoints, plugins, globalName) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist',
    bundle: true,
    format: globalName ? 'iife' : 'esm',
    ...(globalName && { globalName }),
    platform: 'browser',
    target: 'es2022',
    external: await peers(),
    define: ABSENT,
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
    plugins,
    metafile: true,
  });
  for (const name of Object.keys(entryPoints)) {
    // esbuild alone: 13.7 kB of brotli for `slim.js`; with terser after it 13.2, and 13.5 without what it made smaller first.
    const file = join(root, 'dist', `${name}.js`);
    const options = { ecma: 2022, module: !globalName, compress: { passes: 3, directives: false } };
    const { code } = await minify(
      await readFile(file, 'utf8'),
      /** @type {import('terser').MinifyOptions} */ (options),
    );
    const hint = [...PARTS, ...ADDONS].includes(name) ? '' : COMPILED_WHILE_LOADED;
    await writeFile(file, hint + code);
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
