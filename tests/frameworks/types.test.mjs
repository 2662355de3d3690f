/** The types of each framework's module in a strict application. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from '../support/site.mjs';
import { temporary } from './build.mjs';

test('a strict application in each framework compiles, and what is wrong in it does not', async () => {
  const folder = await temporary();
  await cp(join(ROOT, 'tests/frameworks/types'), folder, { recursive: true });
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    // Those of the package are checked, too; what is wrong in those of a framework is not looked for.
    skipLibCheck: false,
    noEmit: true,
    jsx: 'react-jsx',
    target: 'es2022',
    lib: ['es2022', 'dom', 'dom.iterable', 'esnext.disposable'],
    types: [],
    module: 'esnext',
    moduleResolution: 'bundler',
    paths: { wasmqtt: [join(ROOT, 'dist/index.d.ts')], 'wasmqtt/*': [join(ROOT, 'dist/*.d.ts')] },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['usage.tsx'] }));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder], { cwd: ROOT }).catch(
    (error) => error,
  );
  const ours = stdout.split('\n').filter((line) => /error TS/.test(line) && !/node_modules/.test(line));
  assert.deepEqual(ours, []);
  assert.doesNotMatch(stdout, /TS6053|TS5\d\d\d/);
});
