/**
 * Builds the npm package into `dist`: Rust to WebAssembly, TypeScript to two bundles and their types.
 * It does not install anything: `setup.mjs` does.
 */

import { pathToFileURL } from 'node:url';
import { bundle } from './build/bundle.mjs';
import { declarations } from './build/declarations.mjs';
import { sizes } from './build/sizes.mjs';
import { environment, inputs, root, stamped } from './build/steps.mjs';
import { wasm } from './build/wasm.mjs';

/** Files of the package, beside which there are declarations. */
const MODULES = ['index', 'slim'];

/** @type {[string][]} */
const WASM = [['dist/wasmqtt.wasm'], ['src/npm/generated/wasmqtt.js'], ['src/npm/generated/wasmqtt.d.ts']];

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
      ['scripts/glue', /\.(rs|toml|lock)$/],
      ...MANIFESTS,
    ]),
    outputs: WASM.flat(),
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
    outputs: MODULES.flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]),
    run: async () => {
      log('package: bundling and writing types');
      await bundle(MODULES);
      await declarations(MODULES, env);
    },
  });
  if (!built && !bundled) {
    log('package: up to date');
  }
  for (const line of await sizes(['index.js', 'slim.js', 'wasmqtt.wasm'].map((name) => `${root}/dist/${name}`))) {
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
