/** A module of the package's source, TypeScript as it is, for what is no entry of its own. It needs no build. */

import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../../scripts/setup/places.mjs';

/**
 * @param {readonly string[]} names of files in `src/npm`, without `.ts`; what they export is given as one
 * @returns {Promise<any>}
 */
export async function source(...names) {
  const contents = names.map((name) => `export * from './${name}.js';`).join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(root, 'src/npm'), loader: 'ts' },
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')}`);
}
