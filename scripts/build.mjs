/**
 * Builds the npm package into `dist`: Rust to WebAssembly, TypeScript to two bundles and their types.
 * It does not install anything: `setup.mjs` does.
 */

import { pathToFileURL } from 'node:url';
import { bundle, METAFILE } from './build/bundle.mjs';
import { declarations } from './build/declarations.mjs';
import { ADDONS, GLOBALS, globalFile, MODULES, PARTS } from './build/entries.mjs';
import { FOLDERS, folders } from './build/folders.mjs';
import { lines, measured } from './build/sizes.mjs';
import { environment, inputs, stamped } from './build/steps.mjs';
import { ENGINES, wasm } from './build/wasm.mjs';

/** @type {[string][]} */
const WASM = ENGINES.flatMap(({ glue, module }) => [[module], [`${glue}/wasmqtt.js`], [`${glue}/wasmqtt.d.ts`]]);

/** @type {[string][]} */
const MANIFESTS = [['Cargo.toml'], ['Cargo.lock'], ['package-lock.json']];

/**
 * Builds what has changed.
 *
 * @param {{ log?: (line: string) => void }} [options]
 */
export async function build({ log = console.log } = {}) {
  const env = await environment();
  const built = await stamped('wasm', {
    inputs: await inputs([
      ['src', /\.rs$/],
      ['scripts/build/wasm.mjs'],
      ['scripts/build/sections.mjs'],
      ['scripts/glue', /\.(rs|toml|lock)$/],
      ...MANIFESTS,
    ]),
    outputs: [...WASM.flat(), ...ENGINES.map(({ named }) => named)],
    run: () => wasm({ log, env }),
  });
  const bundled = await stamped('package', {
    inputs: await inputs([
      ['src/npm'],
      ['scripts/build'],
      ['scripts/build.mjs'],
      ['tsconfig.json'],
      ...MANIFESTS,
      ...WASM,
    ]),
    outputs: [
      ...[...MODULES, ...ADDONS].flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]),
      ...PARTS.map((name) => `dist/${name}.js`),
      ...GLOBALS.map((script) => `dist/${globalFile(script)}`),
      ...FOLDERS.map((name) => `${name}/package.json`),
      METAFILE,
    ],
    run: async () => {
      log('package: bundling and writing types');
      await bundle();
      await declarations([...MODULES, ...ADDONS], env);
      await folders();
    },
  });
  if (!built && !bundled) {
    log('package: up to date');
  }
  for (const line of lines(await measured())) {
    log(line);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await build();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
