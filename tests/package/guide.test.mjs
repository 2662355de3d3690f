/** The table of the guide to bundlers is that of the tools as they are now. It does not run them: `npm run consumers` does. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECTS } from '../consumers/projects.mjs';
import { RUNTIMES } from '../consumers/runtimes.mjs';
import { GUIDE, nameOf, written } from '../consumers/table.mjs';
import { TOOLS } from '../consumers/tools.mjs';
import { ROOT } from '../support/site.mjs';

const rows = written(await readFile(join(ROOT, GUIDE), 'utf8')).map((row) => row.slice(2, -2).split(' | '));

test('each way of each tool is in the table, in the version that is installed, and works', () => {
  const expected = [
    ...PROJECTS.flatMap(({ tool, ways }) =>
      ways.flatMap(({ name, pages = ['main', 'slim'] }) =>
        pages.map((page) => [tool, `${name}, wasmqtt${page === 'main' ? '' : '/slim'}`]),
      ),
    ),
    ...RUNTIMES.flatMap(({ tool, slim }) =>
      ['wasmqtt', ...(slim ? ['wasmqtt/slim'] : [])].map((entry) => [tool, entry]),
    ),
  ].map(([tool = '', what]) => [nameOf(tool, TOOLS[tool] ?? {}), what]);
  const found = rows.map(([tool, what]) => [tool, what]);
  assert.deepEqual(found.map(String).sort(), expected.map(String).sort());
  for (const row of rows) {
    assert.ok(row.slice(2).includes('yes') && !row.includes('**no**'), row.join());
  }
});
