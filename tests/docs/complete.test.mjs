/** What the types have the guides tell: no option, method or event is left out, and none is told of that is not there. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/site.mjs';
import { textOf } from './blocks.mjs';

const declared = (/** @type {string} */ name) => readFileSync(join(ROOT, 'dist/api', `${name}.d.ts`), 'utf8');

/**
 * The names in an interface or a class, without those that it has of others.
 *
 * @param {string} text
 * @param {RegExp} head
 */
function members(text, head) {
  const begin = text.search(head);
  assert.ok(begin >= 0, `there is no ${head}`);
  const body = text.slice(begin, text.indexOf('\n}', begin));
  const names = [...body.matchAll(/^ {4}(?:readonly |get )?'?([a-z][\w-]*)'?[?(<:]/gm)].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => name !== 'constructor');
}

/**
 * @param {string} page
 * @param {readonly string[]} names
 */
function tells(page, names) {
  const text = textOf(page);
  assert.ok(names.length > 0);
  assert.deepEqual(
    names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text)),
    [],
    page,
  );
}

for (const name of ['ConnectOptions', 'Will', 'ReconnectOptions', 'QueueOptions', 'WebSocketOptions']) {
  test(`each option of ${name} is in the page of options`, () => {
    tells('docs/options.md', members(declared('connection'), new RegExp(`^export interface ${name}\\b`, 'm')));
  });
}

test('each option of a session is in the page of sessions', () => {
  tells('docs/offline.md', members(declared('connection'), /^export interface SessionOptions\b/m));
});

test('each method of a client is in its page', () => {
  tells('docs/client.md', members(declared('client'), /^export declare class Client\b/m));
});

for (const name of ['PublishOptions', 'SubscribeOptions', 'CloseOptions', 'Message', 'ClientEventMap', 'WaitOptions']) {
  test(`each name of ${name} is in the page of the client`, () => {
    tells('docs/client.md', members(declared('types'), new RegExp(`^export interface ${name}\\b`, 'm')));
  });
}

test('the page of options tells of no other', () => {
  const rows = [...textOf('docs/options.md').matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  );
  const known = members(declared('connection'), /^export interface ConnectOptions\b/m);
  assert.deepEqual([...rows].sort(), [...known].sort());
});
