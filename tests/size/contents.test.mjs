/** What is read from a module of WebAssembly: sections, functions with their names, and the module without either's. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { stripped } from '../../scripts/build/sections.mjs';
import { contents } from '../../scripts/size/functions.mjs';

/** Every kind of import stands before the functions, whose numbers begin after those imported. */
const TEXT = `(module
  (import "js" "first" (func $first (param i32)))
  (import "js" "table" (table $table 1 2 externref))
  (import "js" "memory" (memory $memory 1))
  (import "js" "global" (global $global (mut i32)))
  (import "js" "second" (func $second (result i32)))
  (func $small (export "small") (call $first (call $second)))
  (func $large (export "large") (result i32)
    (i32.store (i32.const 8) (i32.add (global.get $global) (i32.const 70000)))
    (i32.load (i32.const 8)))
  (data (i32.const 0) "some data"))`;

function made() {
  const module = binaryen.parseText(TEXT);
  module.setFeatures(binaryen.Features.ReferenceTypes | binaryen.Features.MutableGlobals);
  binaryen.setDebugInfo(true);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

test('functions have their names and their bytes', () => {
  const { functions, sections } = contents(made());
  assert.deepEqual(
    functions.map(({ name }) => name),
    ['small', 'large'],
  );
  const [small, large] = functions.map(({ bytes }) => bytes);
  assert.ok(small < large);
  // Section, its length, the count of functions.
  assert.equal(small + large + 3, sections.get('code'));
});

test('without names and producers the same module is left', () => {
  const bytes = made();
  const less = stripped(bytes);
  assert.ok(WebAssembly.validate(less));
  assert.ok(less.length < bytes.length);
  const { functions, sections } = contents(less);
  assert.deepEqual(
    functions.map(({ name }) => name),
    ['', ''],
  );
  const sum = [...sections.values()].reduce((total, size) => total + size, 0);
  assert.equal(sum + 8, less.length);
  assert.deepEqual([...sections], [...contents(bytes).sections]);
});

test('the compiler is read from the producers', () => {
  const text = (/** @type {string} */ it) => [it.length, ...new TextEncoder().encode(it)];
  const fields = [2, ...text('language'), 1, ...text('Rust'), ...text('')];
  const compilers = [
    ...text('processed-by'),
    2,
    ...text('rustc'),
    ...text('1.95.0 (1234)'),
    ...text('lld'),
    ...text('1'),
  ];
  const content = [...text('producers'), ...fields, ...compilers];
  const head = [0, 97, 115, 109, 1, 0, 0, 0];
  assert.equal(contents(Uint8Array.from([...head, 0, content.length, ...content])).rust, '1.95.0');
  assert.equal(contents(Uint8Array.from(head)).rust, '');
});

test('a module that is cut is refused', () => {
  const bytes = made();
  assert.throws(() => contents(bytes.subarray(0, bytes.length - 1)), RangeError);
});
