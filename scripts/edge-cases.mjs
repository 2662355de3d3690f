/**
 * Hostile, broken and borderline input: every row of the tables in tests/vectors, with what came of it. Rows with bytes
 * are run by `tests/vectors`; the others by the tests that name them. `--check` runs nothing and looks whether each row
 * has a test and the page is up to date.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rows as read } from './conformance/data.mjs';
import { passing } from './conformance/run.mjs';
import { findTests, shortName } from './conformance/tests.mjs';
import { root, textOf } from './setup/places.mjs';
import { run } from './setup/run.mjs';
import { main, PlainError, tail } from './setup/say.mjs';
import { toolEnv } from './setup.mjs';

const FOLDER = join(root, 'tests/vectors');
const PAGE = join(FOLDER, 'README.md');
const NATIVE = 'vectors::{errors, valid}';

/** `[case FRM-01]`. @type {import('./conformance/scan.mjs').Tags} */
const CASES = {
  mention: /\[case [^\]]*\]/,
  read: (comment) => ({
    keys: [...comment.matchAll(/\[case ([A-Z]{3}-\d+)\]/g)].map(([, id]) => id ?? ''),
    loose: [],
  }),
};

/**
 * @typedef {object} Row
 * @property {string} section
 * @property {string} id
 * @property {string} versions
 * @property {string} what
 * @property {string} note
 * @property {boolean} bytes
 */

/** @returns {Row[]} */
function table() {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.tsv'));
  const all = files.flatMap((name) => {
    const section = name.replace('.tsv', '');
    const lines = read(readFileSync(join(FOLDER, name), 'utf8'));
    return lines.map(({ id = '', versions = '', what = '', note = '', bytes = '' }) => {
      return { section, id, versions, what, note, bytes: bytes !== '' };
    });
  });
  return all.sort((a, b) => a.section.localeCompare(b.section) || a.id.localeCompare(b.id));
}

/** The rows with bytes that passed. */
async function withBytes() {
  const args = ['test', '--locked', '--test', 'vectors', '--', '--nocapture', 'errors::', 'valid::'];
  const { ok, output } = await run('cargo', args, { cwd: root, env: { ...toolEnv(), CARGO_TERM_COLOR: 'never' } });
  console.log(`${ok ? 'ok    ' : 'FAILED'}  rows with bytes`);
  if (!ok) {
    console.log(tail(output, 60));
  }
  return new Set([...output.matchAll(/^row (\S+) ok$/gm)].map(([, id]) => id));
}

await main(async () => {
  const [flag, ...rest] = process.argv.slice(2);
  if ((flag !== undefined && flag !== '--check') || rest.length > 0) {
    throw new PlainError(`edge-cases takes --check or nothing, but was given: ${process.argv.slice(2).join(' ')}`);
  }
  const rows = table();
  const known = new Set(rows.map(({ id }) => id));
  const { tests, problems } = findTests(CASES);
  for (const { file, line, keys } of tests) {
    problems.push(...keys.filter((key) => !known.has(key)).map((key) => `${file}:${line}: there is no row ${key}`));
  }
  const testsOf = (/** @type {Row} */ row) => tests.filter(({ keys }) => keys.includes(row.id));
  const checks = flag === '--check';
  const passed = checks ? new Set(tests) : await passing(tests);
  const native = checks ? known : await withBytes();

  const results = rows.map((row) => {
    const own = testsOf(row);
    const names = [...(row.bytes ? [NATIVE] : []), ...own.map(shortName)];
    const good = (!row.bytes || native.has(row.id)) && own.every((test) => passed.has(test));
    return { row, names, result: names.length === 0 ? 'without a test' : good ? 'passed' : 'FAILED' };
  });
  for (const { row, result } of results) {
    if (result !== 'passed') {
      problems.push(`${row.id} ${result}: ${row.what}`);
    }
  }
  const text = page(results);
  if (checks) {
    if (textOf(PAGE) !== text) {
      problems.push('tests/vectors/README.md is not what the tests say: npm run edge-cases');
    }
  } else {
    for (const { row, result } of results) {
      console.log(`${row.id}  ${row.versions.padEnd(9)}  ${result.padEnd(7)}  ${row.what}`);
    }
    writeFileSync(PAGE, text);
  }
  const good = results.filter(({ result }) => result === 'passed').length;
  console.log([`${good} of ${rows.length} rows ${checks ? 'have a test' : 'passed'}`, ...problems].join('\n'));
  return problems.length === 0 ? 0 : 1;
});

/** @param {{ row: Row, names: string[], result: string }[]} results */
function page(results) {
  const sections = [...new Set(results.map(({ row }) => row.section))];
  const escaped = (/** @type {string} */ text) => text.replaceAll('|', '\\|');
  const line = (/** @type {(typeof results)[number]} */ { row, names, result }) => {
    const what = row.note ? `${row.what} (${row.note})` : row.what;
    return `| ${row.id} | ${row.versions} | ${escaped(what)} | ${escaped(names.join(', '))} | ${result} |`;
  };
  return [
    '# Hostile, broken and borderline input',
    '',
    'Written by `npm run edge-cases`. Rows with bytes go through the whole engine: whole, cut at every place, and byte by',
    'byte. A breach is one error of the right kind with the right reason code in DISCONNECT, nothing is delivered after it,',
    'and the next connection works; what is valid does what the row says. The bytes are in the tables of this folder.',
    '',
    '| section | rows | passed |',
    '|---|---|---|',
    ...sections.map((section) => {
      const own = results.filter(({ row }) => row.section === section);
      return `| ${section} | ${own.length} | ${own.filter(({ result }) => result === 'passed').length} |`;
    }),
    ...sections.flatMap((section) => [
      '',
      `## ${section}`,
      '',
      '| row | MQTT | what | tests | result |',
      '|---|---|---|---|---|',
      ...results.filter(({ row }) => row.section === section).map(line),
    ]),
    '',
  ].join('\n');
}
