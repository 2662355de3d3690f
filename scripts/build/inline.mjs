/**
 * `wasm:inline` and `wasm:session`: the WebAssembly inside a module, as text: deflated (zlib) by zopfli, as base64. It does not know who
 * inflates it.
 *
 * What was tried, as `slim.js` and the text behind it, in kB; brotli 5 is about what servers take on the fly. "Over" is
 * brotli 11 against that of the two files.
 *
 * | text                                              |   raw | gzip 9 | brotli 5 | brotli 11 |  over |
 * |---------------------------------------------------|------:|-------:|---------:|----------:|------:|
 * | none: the two files                               | 165.9 |   74.1 |     70.7 |      64.5 |     – |
 * | base64 of deflate, zlib's best                    | 120.2 |   75.0 |     74.0 |      72.7 | 1.128 |
 * | **base64 of deflate, zopfli**                     | 115.3 |   71.4 |     70.5 |      69.1 | 1.072 |
 * | base64 of the bytes                               | 206.8 |   90.1 |     86.9 |      78.9 | 1.224 |
 * | hex of the bytes                                  | 288.7 |   79.8 |     78.7 |      67.7 | 1.050 |
 * | code points 0 to 255, as UTF-8                    | 188.8 |   75.8 |     72.8 |      65.7 | 1.019 |
 * | ASCII, `\xNN` for what is not printable           | 367.7 |   83.6 |     85.1 |      69.8 | 1.083 |
 * | ASCII, the 88 commonest bytes one character each  | 174.3 |   74.0 |     71.6 |      66.0 | 1.023 |
 * | ASCII, yEnc with the best shift                   | 189.3 |   75.1 |     72.5 |      66.3 | 1.028 |
 * | base64 of LZMA, and its decoder (1.4 kB)          | 109.4 |   66.9 |     65.9 |      64.1 | 0.995 |
 *
 * Texts that are left to the server to compress win with brotli 11 alone, and lose with everything else; one that is not
 * ASCII is at the mercy of the page's charset and of minifiers. LZMA wins everywhere but takes 34 ms of the main thread the
 * first time (Node, 2 cores), where the browser's own inflate takes none.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zlibAsync } from '@gfx/zopfli';
import { minify } from 'terser';
import { root } from './steps.mjs';
import { SESSION } from './wasm.mjs';

/**
 * Of the glue that wasm-bindgen makes, what takes a response or a request is left out: it is given what is compiled already.
 * Nothing of the package names these two as values.
 */
export const ABSENT = { Response: 'undefined', Request: 'undefined' };

export const inlineWasm = {
  name: 'wasm',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^wasm:(inline|session)$/ }, ({ path }) => ({ path, namespace: 'wasm' }));
    build.onLoad({ filter: /.*/, namespace: 'wasm' }, async ({ path }) => {
      const bytes = await readFile(join(root, path === 'wasm:session' ? SESSION : 'dist/wasmqtt.wasm'));
      const base64 = Buffer.from(await zlibAsync(bytes, {})).toString('base64');
      return { contents: `export const base64 = '${base64}';` };
    });
  },
};

/** `worker:plain` and `worker:session`: the scripts of workers, as text. */
export const inlineWorker = {
  name: 'worker',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^worker:(plain|session)$/ }, ({ path }) => ({ path, namespace: 'worker' }));
    build.onLoad({ filter: /.*/, namespace: 'worker' }, async ({ path }) => {
      const { outputFiles } = await build.esbuild.build({
        absWorkingDir: root,
        entryPoints: [`src/npm/${path.replace(':', '/')}.ts`],
        bundle: true,
        format: 'iife',
        platform: 'browser',
        target: 'es2022',
        define: ABSENT,
        minify: true,
        legalComments: 'none',
        logLevel: 'error',
        plugins: [inlineWasm],
        write: false,
      });
      const { code } = await minify(outputFiles[0]?.text ?? '', { ecma: 2022, compress: { passes: 3 } });
      return { contents: `export const script = ${JSON.stringify(code)};` };
    });
  },
};
