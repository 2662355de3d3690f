/** Code typed against `@types/paho-mqtt` compiles against `wasmqtt/paho`, too. It does not run it. */

import assert from 'node:assert/strict';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/site.mjs';
import { install, pack, run } from './stranger.mjs';

const folder = await install((await pack()).tarball);
await cp(join(ROOT, 'node_modules/@types/paho-mqtt'), join(folder, 'node_modules/@types/paho-mqtt'), {
  recursive: true,
});
const program = await readFile(join(ROOT, 'tests/package/paho/program.ts'), 'utf8');
const more = await readFile(join(ROOT, 'tests/package/paho/more.ts'), 'utf8');

for (const compiler of ['typescript-5.0', 'typescript']) {
  for (const [library, files] of /** @type {[string, Record<string, string>][]} */ ([
    ['paho-mqtt', { 'program.ts': program }],
    ['wasmqtt/paho', { 'program.ts': program, 'more.ts': more }],
  ])) {
    test(`${library} in ${compiler}`, async () => {
      const source = join(folder, `${compiler}-${library.replace('/', '-')}`);
      await mkdir(source);
      for (const [name, text] of Object.entries(files)) {
        await writeFile(join(source, name), text.replaceAll('LIBRARY', library));
      }
      const compilerOptions = {
        strict: true,
        exactOptionalPropertyTypes: true,
        esModuleInterop: true,
        noEmit: true,
        target: 'es2022',
        lib: ['es2022', 'dom', 'dom.iterable'],
        types: [],
        module: 'esnext',
        moduleResolution: 'bundler',
      };
      await writeFile(join(source, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
      const tsc = join(ROOT, 'node_modules', compiler, 'bin/tsc');
      await run(process.execPath, [tsc, '-p', source], folder).catch((error) => assert.fail(error.stdout));
    });
  }
}
