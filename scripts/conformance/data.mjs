/**
 * What has to be proven: the statements of the specification and the duties without a number, from the tables in
 * `tests/conformance`. It does not know the tests.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';

/**
 * @typedef {object} Statement
 * @property {string} key `id (spec)`, as a test names it but for the brackets
 * @property {string} spec `5.0` or `3.1.1`
 * @property {string} id `MQTT-4.3.3-8`, or `duty 3.2 connack`
 * @property {string} asks
 * @property {string} reason why no test can prove it; empty where one has to
 * @property {boolean} binds whether it binds a client, and so needs a test or a reason
 */

const ROLES = new Set(['client', 'both', 'sender', 'receiver']);
export const SPECS = /** @type {const} */ (['5.0', '3.1.1']);

/**
 * The rows of a table, by the names in its first line.
 *
 * @param {string} text
 * @returns {Record<string, string>[]}
 */
export function rows(text) {
  const [first = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const names = first.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

/**
 * @param {string} statements
 * @param {string} duties
 * @returns {{ all: Map<string, Statement>, problems: string[] }}
 */
export function read(statements, duties) {
  /** @type {Map<string, Statement>} */
  const all = new Map();
  /** @type {string[]} */
  const problems = [];
  const add = (/** @type {Statement} */ statement) => {
    if (!SPECS.some((spec) => spec === statement.spec) || statement.asks === '' || all.has(statement.key)) {
      problems.push(`${statement.key}: an unknown version, without a text, or twice`);
    }
    all.set(statement.key, statement);
  };
  for (const { spec = '', id = '', who = '', asks = '', reason = '' } of rows(statements)) {
    if (!ROLES.has(who) && who !== 'server') {
      problems.push(`${id} (${spec}): '${who}' is nobody`);
    }
    add({ key: `${id} (${spec})`, spec, id, asks, reason, binds: ROLES.has(who) });
  }
  for (const { spec = '', id = '', asks = '', reason = '' } of rows(duties)) {
    add({ key: `duty ${id} (${spec})`, spec, id: `duty ${id}`, asks, reason, binds: true });
  }
  return { all, problems };
}

/** Those of the project. */
export function readTables() {
  const text = (/** @type {string} */ name) => readFileSync(join(root, 'tests/conformance', name), 'utf8');
  return read(text('statements.tsv'), text('duties.tsv'));
}
