/** `wasmqtt/topics`: matching, templates, and Topic Names that are put together. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from '../support/source.mjs';

/** @type {typeof import('../../src/npm/topics.ts')} */
const { fill, filterOf, isTopicFilter, isTopicName, join, matches, params, template, TopicError } =
  await source('topics');

const wrong = { name: 'TopicError', code: 'invalid-topic' };

test('a filter matches what the specification says (4.7)', () => {
  const cases = /** @type {const} */ ([
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/#', 'sport', true],
    ['#', 'a/b', true],
    ['sport/tennis/+', 'sport/tennis/player1', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+/+', '/finance', true],
    ['/+', '/finance', true],
    ['+', '/finance', false],
    ['#', '$SYS/monitor', false],
    ['+/monitor', '$SYS/monitor', false],
    ['$SYS/#', '$SYS/monitor', true],
    ['a', 'A', false],
    ['$share/group/a/+', 'a/b', true],
    ['$share/group/a/+', '$share/group/a/b', false],
    ['$share/group/#', '$SYS/monitor', false],
  ]);
  for (const [filter, topic, matched] of cases) {
    assert.equal(matches(filter, topic), matched, `${filter} ${topic}`);
  }
  assert.ok(isTopicName('a//b') && !isTopicName('a/+') && !isTopicName(''));
  assert.ok(isTopicFilter('a/+/#') && !isTopicFilter('a/b+') && !isTopicFilter('#/a'));
});

test('a template gives its filter, and its names what the topic has there', () => {
  assert.equal(filterOf('devices/:id/state'), 'devices/+/state');
  assert.equal(filterOf('files/:path*'), 'files/#');
  assert.equal(filterOf(':a/+/:b/#'), '+/+/+/#');
  assert.deepEqual(params('devices/:id/+', 'devices/7/state'), { id: '7' });
  assert.deepEqual(params('devices/:id/+', 'devices//state'), { id: '' });
  assert.deepEqual(params('files/:path*', 'files/a/b'), { path: 'a/b' });
  assert.deepEqual(params('files/:path*', 'files'), { path: '' });
  assert.deepEqual(params('a/b', 'a/b'), {});
  assert.deepEqual(
    params(':__proto__/:constructor', 'a/b'),
    Object.fromEntries([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]),
  );
  assert.equal(params('devices/:id/+', 'devices/7'), undefined);
  assert.equal(params(':first/b', '$SYS/b'), undefined);
  for (const template of [':', 'a/:', ':a/:a', ':a*/b', ':a-b', ':a b', 'a+/:b', '#/:a', '']) {
    assert.throws(() => filterOf(template), wrong, template);
    assert.throws(() => params(template, 'a'), wrong, template);
  }
});

test('a template that is filled is a Topic Name, and no value is more than its levels', () => {
  assert.equal(fill('devices/:id/state', { id: 7 }), 'devices/7/state');
  assert.equal(fill('files/:path*', { path: 'a/b' }), 'files/a/b');
  for (const id of ['a/b', '+', '#', 'a\0', 'a+']) {
    assert.throws(() => fill('devices/:id/state', { id }), wrong, id);
  }
  assert.throws(() => fill('files/:path*', { path: 'a/#' }), wrong);
  assert.throws(() => fill('devices/:id/state', /** @type {any} */ ({})), wrong);
  assert.throws(() => fill('devices/:toString', /** @type {any} */ ({})), wrong);
  assert.throws(() => fill('devices/:id/+', { id: 7 }), wrong);
});

test('a template is a value, and a level that begins with a colon is written with two', () => {
  const state = template('devices/:id/state');
  assert.equal(state.filter, 'devices/+/state');
  assert.deepEqual(state.params('devices/7/state'), { id: '7' });
  assert.equal(state.params('devices/7'), undefined);
  assert.equal(state.fill({ id: 7 }), 'devices/7/state');
  const shared = template('$share/group/devices/:id/:rest*');
  assert.equal(shared.filter, '$share/group/devices/+/#');
  assert.deepEqual(shared.params('devices/7/a/b'), { id: '7', rest: 'a/b' });
  assert.deepEqual(params('$share/group/:id', 'a'), { id: 'a' });
  assert.equal(filterOf('::id/:id/a::b'), ':id/+/a::b');
  assert.deepEqual(params('::id/:id', ':id/7'), { id: '7' });
  assert.equal(params('::id/:id', 'x/7'), undefined);
  assert.equal(fill('::id/:id', { id: 7 }), ':id/7');
  assert.throws(() => template(/** @type {string} */ (':')), wrong);
  assert.throws(() => template(/** @type {string} */ ('$share/:group/a')), wrong);
});

test('levels are joined, and each is one', () => {
  assert.equal(join('devices', 7, 'state'), 'devices/7/state');
  assert.equal(join('', 'a', ''), '/a/');
  for (const levels of [[], [''], ['a', 'b/c'], ['a', '+'], ['#'], ['a\0'], ['x'.repeat(65_536)]]) {
    assert.throws(() => join(...levels), wrong);
  }
  assert.ok(new TopicError('') instanceof TypeError);
  assert.equal(new TopicError('').url, 'https://wasmqtt.github.io/wasmqtt/errors#invalid-topic');
});
