/**
 * What comes of it: the lines that are printed, and the page that is kept. It does not know how a test is found or run.
 */

import { relative } from 'node:path';
import { SPECS } from './data.mjs';
import { shortName } from './tests.mjs';

/**
 * @typedef {object} Row
 * @property {import('./data.mjs').Statement} statement
 * @property {import('./tests.mjs').Test[]} tests
 * @property {'passed' | 'failed' | 'without a test' | 'cannot be tested'} result
 */

/**
 * @param {ReadonlyMap<string, import('./data.mjs').Statement>} statements
 * @param {readonly import('./tests.mjs').Test[]} tests
 * @param {(test: import('./tests.mjs').Test) => boolean} passed
 * @returns {Row[]} of each statement that binds a client or that a test names, in the order of the tables
 */
export function rowsOf(statements, tests, passed) {
  /** @type {Row[]} */
  const rows = [];
  for (const statement of statements.values()) {
    const own = tests.filter(({ keys }) => keys.includes(statement.key));
    if (own.length > 0) {
      rows.push({ statement, tests: own, result: own.every(passed) ? 'passed' : 'failed' });
    } else if (statement.binds) {
      rows.push({ statement, tests: own, result: statement.reason ? 'cannot be tested' : 'without a test' });
    }
  }
  return rows;
}

/** The kinds of rows, each with a table. */
const KINDS = [
  {
    name: 'Statements that bind a client',
    of: (/** @type {Row} */ { statement }) => statement.binds && !isDuty(statement),
  },
  {
    name: 'Duties without a number, and breaches by the server',
    of: (/** @type {Row} */ { statement }) => isDuty(statement),
  },
  { name: 'Statements that bind the server only', of: (/** @type {Row} */ { statement }) => !statement.binds },
];

/**
 * @param {import('./data.mjs').Statement} statement
 */
function isDuty({ id }) {
  return id.startsWith('duty ');
}

/**
 * @param {readonly Row[]} rows
 * @returns {string[]}
 */
export function totals(rows) {
  return SPECS.flatMap((spec) =>
    KINDS.map(({ name, of }) => {
      const own = rows.filter((row) => row.statement.spec === spec && of(row));
      const count = (/** @type {Row['result']} */ result) => own.filter((row) => row.result === result).length;
      const results = /** @type {const} */ (['passed', 'failed', 'without a test', 'cannot be tested']);
      const parts = results.filter((result) => count(result) > 0).map((result) => `${count(result)} ${result}`);
      return own.length === 0 ? '' : `MQTT ${spec}, ${name.toLowerCase()}: ${own.length}, of which ${parts.join(', ')}`;
    }),
  ).filter((line) => line !== '');
}

/**
 * @param {readonly Row[]} rows
 * @returns {string[]}
 */
export function lines(rows) {
  return rows.map(({ statement, tests, result }) => {
    const mark = result === 'passed' ? 'ok    ' : result === 'cannot be tested' ? '-     ' : 'FAILED';
    const asks = statement.asks.length > 72 ? `${statement.asks.slice(0, 71)}…` : statement.asks;
    const what = tests.length > 0 ? tests.map(shortName).join(', ') : statement.reason || result;
    return `${mark}  ${statement.key.padEnd(28)}  ${asks.padEnd(72)}  ${what}`;
  });
}

/**
 * The page in `tests/conformance`.
 *
 * @param {readonly Row[]} rows
 */
export function page(rows) {
  const parts = [
    '# Conformance',
    '',
    'Every statement of MQTT 5.0 and 3.1.1 that binds a client, what it asks, and the tests that fail where this client',
    'breaks it. `npm run conformance` runs these tests and writes this page; it is not edited by hand. Which test proves',
    'which statement is read from the tests: each says it in a comment. The texts are in `statements.tsv` and, where the',
    'specification gives no number, in `duties.tsv`.',
    '',
    ...totals(rows).map((line) => `- ${line}`),
  ];
  for (const spec of SPECS) {
    for (const { name, of } of KINDS) {
      const own = rows.filter((row) => row.statement.spec === spec && of(row));
      if (own.length > 0) {
        parts.push(
          '',
          `## MQTT ${spec}: ${name.toLowerCase()}`,
          '',
          '| Statement | Asks | Tests | Result |',
          '|---|---|---|---|',
        );
        parts.push(...own.map(rowLine));
      }
    }
  }
  return `${parts.join('\n')}\n`;
}

/**
 * @param {Row} row
 */
function rowLine({ statement, tests, result }) {
  // Names of Rust are sentences with underscores.
  const sentence = (/** @type {import('./tests.mjs').Test} */ { name, runner }) =>
    runner === 'node' ? name : name.replace(/^.*::/, '').replaceAll('_', ' ');
  const links = tests.map((test) => `[${cell(sentence(test))}](${relative('tests/conformance', test.file)})`);
  const id = statement.id.replace(/^duty /, '');
  const what = links.length > 0 ? links.join('<br>') : cell(statement.reason);
  return `| ${id} | ${cell(statement.asks)} | ${what} | ${result} |`;
}

/**
 * @param {string} text
 */
function cell(text) {
  return text.replaceAll(/[|<>_*[\]`\\#]/g, '\\$&');
}
