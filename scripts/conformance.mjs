/**
 * Every statement of the specification that binds a client, with the tests that name it: runs them, prints a table and
 * writes the page. `--check` runs nothing and looks whether each statement has a test and the page is up to date.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTables } from './conformance/data.mjs';
import { lines, page, rowsOf, totals } from './conformance/page.mjs';
import { passing } from './conformance/run.mjs';
import { findTests } from './conformance/tests.mjs';
import { root, textOf } from './setup/places.mjs';
import { main, PlainError } from './setup/say.mjs';

const PAGE = join(root, 'tests/conformance/README.md');

await main(async () => {
  const [flag, ...rest] = process.argv.slice(2);
  if ((flag !== undefined && flag !== '--check') || rest.length > 0) {
    throw new PlainError(`conformance takes --check or nothing, but was given: ${process.argv.slice(2).join(' ')}`);
  }
  const { all, problems } = readTables();
  const found = findTests();
  problems.push(...found.problems);
  for (const { file, line, keys } of found.tests) {
    for (const key of keys.filter((one) => !all.has(one))) {
      problems.push(`${file}:${line}: there is no statement ${key}`);
    }
  }

  const passed = flag === undefined ? await passing(found.tests) : new Set(found.tests);
  const rows = rowsOf(all, found.tests, (test) => passed.has(test));
  for (const { statement, result } of rows) {
    if (result === 'without a test') {
      problems.push(`${statement.key} has neither a test nor a reason: ${statement.asks}`);
    }
  }
  const text = page(rows);
  if (flag === undefined) {
    console.log(`\n${lines(rows).join('\n')}`);
    writeFileSync(PAGE, text);
  } else if (textOf(PAGE) !== text) {
    problems.push('tests/conformance/README.md is not what the tests say: npm run conformance');
  }

  const failed = found.tests.filter((test) => !passed.has(test));
  const list = [...failed.map(({ file, name }) => `${file}: '${name}' failed or was not run`), ...problems];
  const named = `${rows.length} statements and duties, ${found.tests.length} tests that name them`;
  console.log([...(flag === undefined ? ['', ...totals(rows)] : [named]), ...list].join('\n'));
  return list.length === 0 ? 0 : 1;
});
