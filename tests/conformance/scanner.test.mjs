/**
 * What the conformance run reads from tests: which test names which statement, and what is written wrongly. It does not
 * know the real tests. Tags stand in braces here, since this file is read, too.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from '../../scripts/conformance/data.mjs';
import { scanRust, scanScript, statementsIn } from '../../scripts/conformance/scan.mjs';

const tags = (/** @type {string} */ text) => text.replaceAll('{', '[').replaceAll('}', ']');
const block = (/** @type {string} */ text) => tags(text).replaceAll('<', '{').replaceAll('>', '}');

test('several statements may stand before one version', () => {
  const { keys, loose } = statementsIn(tags('{MQTT-1.2.3-4} {duty 3.2 connack} (5.0), {MQTT-1.2.3-5} (3.1.1)'));
  assert.deepEqual(keys, ['MQTT-1.2.3-4 (5.0)', 'duty 3.2 connack (5.0)', 'MQTT-1.2.3-5 (3.1.1)']);
  assert.deepEqual(loose, []);
});

test('a range and a statement without a version are no tags', () => {
  assert.deepEqual(statementsIn(tags('{MQTT-1.2.3-4} to {MQTT-1.2.3-6} (5.0)')).loose, ['MQTT-1.2.3-4']);
  assert.deepEqual(statementsIn(tags('{MQTT-1.2.3-4}.')).loose, ['MQTT-1.2.3-4']);
});

test('a Rust test is known by its modules, and other functions are none', () => {
  const text = block(
    [
      'mod inner <',
      '    /// {MQTT-1.2.3-4} (5.0)',
      '    #[test]',
      '    fn proves() <>',
      '>',
      '/// {MQTT-1.2.3-5} (5.0)',
      '#[wasm_bindgen_test]',
      'async fn proves_more() <>',
      '/// {MQTT-1.2.3-6} (5.0)',
      'fn helps() <>',
      '// {MQTT-1.2.3-7} (5.0)',
    ].join('\n'),
  );
  const { named, problems } = scanRust(text, 'a.rs', true);
  const found = named.map(({ name, line, wasm, keys }) => ({ name, line, wasm, keys }));
  assert.deepEqual(found, [
    { name: 'inner::proves', line: 4, wasm: false, keys: ['MQTT-1.2.3-4 (5.0)'] },
    { name: 'proves_more', line: 8, wasm: true, keys: ['MQTT-1.2.3-5 (5.0)'] },
  ]);
  assert.equal(problems.length, 2);
  assert.deepEqual(scanRust(text, 'a.rs', false).problems, [], 'code may name the statement it obeys');
});

test('a test in JavaScript is known by its name, on whatever line that stands', () => {
  const text = tags(
    [
      '// {MQTT-1.2.3-4} (5.0)',
      "test('one', () => 1);",
      '/** {MQTT-1.2.3-5} (5.0) */',
      'pageTest(',
      "  'two',",
      ');',
      "test('three {MQTT-1.2.3-6} (5.0)', () => 1);",
      '// {MQTT-1.2.3-7} (5.0)',
      'const a = 1;',
    ].join('\n'),
  );
  const { named, problems } = scanScript(text, 'a.test.mjs');
  assert.deepEqual(
    named.map(({ name, keys }) => [name, ...keys]),
    [
      ['one', 'MQTT-1.2.3-4 (5.0)'],
      ['two', 'MQTT-1.2.3-5 (5.0)'],
      [tags('three {MQTT-1.2.3-6} (5.0)'), 'MQTT-1.2.3-6 (5.0)'],
    ],
  );
  assert.equal(problems.length, 1);
});

test('a table with a statement twice, or for nobody, is told of', () => {
  const head = 'spec\tid\twho\tasks\treason\n';
  const { all, problems } = read(
    `${head}5.0\tMQTT-1.2.3-4\tboth\tA\t\n5.0\tMQTT-1.2.3-4\tnone\tB\t\n`,
    'spec\tid\tasks\n3.1.1\t3.2 connack\tC\n',
  );
  assert.equal(problems.length, 2);
  assert.deepEqual([...all.keys()], ['MQTT-1.2.3-4 (5.0)', 'duty 3.2 connack (3.1.1)']);
});
