/**
 * The types of the installed package in a stranger's strict TypeScript, of the oldest that is supported and of the
 * newest, which is the project's own. It does not run what they compile.
 */

import assert from 'node:assert/strict';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/site.mjs';
import { install, pack, run } from './stranger.mjs';

const folder = await install((await pack()).tarball);

/** How each finds modules, and which it makes. */
const RESOLUTIONS = /** @type {const} */ ([
  ['bundler', 'esnext'],
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
]);

/** Packages of `node_modules`, and what they are to compile; `await using` came with 5.2, and the newest has no `node10`. */
const COMPILERS = /** @type {const} */ ([
  ['typescript-5.0', ['whole.ts'], [...RESOLUTIONS, ['node10', 'esnext']]],
  ['typescript', ['whole.ts', 'using.ts'], RESOLUTIONS],
]);

for (const [compiler, files, resolutions] of COMPILERS) {
  const { version } = JSON.parse(await readFile(join(ROOT, 'node_modules', compiler, 'package.json'), 'utf8'));
  for (const [moduleResolution, module] of resolutions) {
    test(`a stranger's strict TypeScript ${version} compiles (${moduleResolution})`, async () => {
      const source = join(folder, `${compiler}-${moduleResolution}`);
      await mkdir(source);
      await cp(join(ROOT, 'tests/package/consumer'), source, { recursive: true });
      const compilerOptions = {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        noEmit: true,
        target: 'es2022',
        lib: ['es2022', 'dom', 'dom.iterable'],
        types: [],
        module,
        moduleResolution,
      };
      await writeFile(join(source, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
      const tsc = join(ROOT, 'node_modules', compiler, 'bin/tsc');
      await run(process.execPath, [tsc, '-p', source], folder).catch((error) => assert.fail(error.stdout));
    });
  }
}
