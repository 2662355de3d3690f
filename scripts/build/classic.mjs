/**
 * What a module needs to be a classic script: it does not have `import.meta`, and one that came from another origin does not
 * know from where, so that its `import()` finds nothing. It does not know what is in the script.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './steps.mjs';

/** The place of the script while it runs; in a worker, where `import()` knows better, none. */
const PLACE = `
const place = globalThis.document?.currentScript?.src;
export const scriptUrl = place || globalThis.location?.href;
export const beside = (file) => (place ? new URL(file, place).href : file);
`;

/**
 * A dynamic import of one of the parts becomes one of the file beside the script.
 *
 * @param {readonly string[]} parts
 * @returns {import('esbuild').Plugin}
 */
export function classic(parts) {
  return {
    name: 'classic script',
    setup(build) {
      const { initialOptions } = build;
      initialOptions.define = { ...initialOptions.define, 'import.meta.url': 'scriptUrl' };
      initialOptions.inject = [...(initialOptions.inject ?? []), 'script:place'];
      build.onResolve({ filter: /^script:place$/ }, ({ path }) => ({ path, namespace: 'script', sideEffects: false }));
      build.onLoad({ filter: /.*/, namespace: 'script' }, () => ({ contents: PLACE }));

      const later = new RegExp(`\\bimport\\('(?:\\.\\.?/)+((?:${parts.join('|')})\\.js)'\\)`, 'g');
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        return path.startsWith(join(root, 'src/npm'))
          ? { contents: text.replace(later, "import(beside('./$1'))"), loader: 'ts' }
          : undefined;
      });
    },
  };
}
