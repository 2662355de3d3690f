/**
 * All files with tests, and where each runs: a target of Cargo's with the module of the file, or a file of Node's. It
 * does not know how a statement is named.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from '../setup/places.mjs';
import { scanRust, scanScript } from './scan.mjs';

/**
 * @typedef {import('./scan.mjs').Named & { runner: 'cargo' | 'browser' | 'node', target: string, id: string }} Test
 *   `target` is `lib`, the name of an integration test, or the folder in `tests`; `id` is what the runner calls it
 */

/**
 * @param {import('./scan.mjs').Tags} [tags]
 * @returns {{ tests: Test[], problems: string[] }}
 */
export function findTests(tags) {
  /** @type {Test[]} */
  const tests = [];
  /** @type {string[]} */
  const problems = [];
  for (const file of [...list('src', '.rs'), ...list('tests', '.rs'), ...list('tests', '.test.mjs')]) {
    const text = readFileSync(join(root, file), 'utf8');
    const rust = file.endsWith('.rs');
    const found = rust ? scanRust(text, file, file.startsWith('tests/'), tags) : scanScript(text, file, tags);
    problems.push(...found.problems);
    for (const named of found.named) {
      const place = rust ? placeOf(file) : { target: file.split('/')[1] ?? '', module: '' };
      if (place === undefined) {
        problems.push(`${file}:${named.line}: no test target has this file`);
        continue;
      }
      const id = place.module === '' ? named.name : `${place.module}::${named.name}`;
      const runner = rust ? (named.wasm ? 'browser' : 'cargo') : 'node';
      tests.push({ ...named, runner, target: place.target, id });
    }
  }
  return { tests, problems };
}

/**
 * @param {string} folder
 * @param {string} end
 */
function list(folder, end) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith(end) && !/\/(?:target|node_modules)\//.test(name))
    .sort();
}

/**
 * @param {string} file
 * @returns {{ target: string, module: string } | undefined}
 */
function placeOf(file) {
  const [top = '', ...rest] = file.replace(/\.rs$/, '').split('/');
  const path = ['mod', 'main', 'lib'].includes(rest.at(-1) ?? '') ? rest.slice(0, -1) : rest;
  if (top === 'src') {
    return { target: 'lib', module: path.join('::') };
  }
  const [target = '', ...inner] = path;
  if (rest.length === 1 || existsSync(join(root, 'tests', target, 'main.rs'))) {
    return { target, module: inner.join('::') };
  }
  // A folder that a file beside it takes in.
  const users = readdirSync(join(root, 'tests')).filter(
    (name) => name.endsWith('.rs') && readFileSync(join(root, 'tests', name), 'utf8').includes(`\nmod ${target};`),
  );
  const user = users.sort()[0];
  return user === undefined ? undefined : { target: basename(user, '.rs'), module: path.join('::') };
}

/**
 * A short name for tables.
 *
 * @param {Test} test
 */
export function shortName(test) {
  return test.runner === 'node' ? `${basename(dirname(test.file))}: ${test.name}` : `${test.target}::${test.id}`;
}
