/** When the package is over its budget, and what is named then. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetOf, compare, withSizes } from '../../scripts/size/budget.mjs';

const BUDGET = {
  rust: '1.95.0',
  totals: {
    'index.js': { raw: 115_000, gzip: 71_000, brotli: 69_000 },
    'slim.js': { raw: 43_000, gzip: 16_000, brotli: 14_000 },
    'wasmqtt.wasm': { raw: 123_000, gzip: 58_000, brotli: 50_000 },
    'session.js': { raw: 7_000, gzip: 3_000, brotli: 2_500 },
    'worker.js': { raw: 8_000, gzip: 4_000, brotli: 3_500 },
    'worker-session.js': { raw: 9_000, gzip: 5_000, brotli: 4_500 },
    'share.js': { raw: 9_000, gzip: 5_000, brotli: 4_500 },
    'share-worker.js': { raw: 9_000, gzip: 5_000, brotli: 4_500 },
    'wire.js': { raw: 9_000, gzip: 5_000, brotli: 4_500 },
  },
  sections: { code: 108_000, data: 9_000 },
  modules: { 'client::ending': 5_600, 'codec::wire': 1_200 },
  functions: { 'client::ending::lost': 3_400, 'client::ending::end': 1_300 },
  files: { 'src/npm/api/client.ts': 4_900, 'src/npm/api/options.ts': 3_900 },
};

/** A report that is the budget but for what is given. @param {(report: typeof BUDGET) => void} change */
function changed(change) {
  const report = structuredClone(BUDGET);
  change(report);
  return report;
}

test('what is as large as the budget, or 2 % larger or smaller, is within it', () => {
  assert.deepEqual(compare(BUDGET, BUDGET), { problems: [], notes: [] });
  for (const factor of [0.981, 1.019]) {
    const report = changed(({ totals }) => {
      for (const size of Object.values(totals)) {
        size.raw *= factor;
        size.brotli *= factor;
      }
    });
    assert.deepEqual(compare(report, BUDGET).problems, []);
  }
});

test('the WebAssembly has grown: sections, modules and functions are named with their growth, the largest first', () => {
  const report = changed(({ totals, sections, modules, functions }) => {
    totals['wasmqtt.wasm'].raw += 3_000;
    sections.code += 3_000;
    modules['codec::wire'] += 200;
    modules['client::ending'] += 2_800;
    functions['client::ending::lost'] += 1_000;
    functions['client::ending::end'] -= 100;
    functions['client::ending::late'] = 1_900;
    functions['client::ending::tiny'] = 40;
  });
  assert.deepEqual(compare(report, BUDGET).problems, [
    'wasmqtt.wasm has grown: raw 123000 -> 126000, +2.4 %',
    '  sections, in bytes:',
    '      +3000  code (108000 -> 111000)',
    '  modules, in bytes:',
    '      +2800  client::ending (5600 -> 8400)',
    '       +200  codec::wire (1200 -> 1400)',
    '  functions, in bytes:',
    '      +1900  client::ending::late (under 500 -> 1900)',
    '      +1000  client::ending::lost (3400 -> 4400)',
    '       -100  client::ending::end (1300 -> 1200)',
  ]);
});

test('brotli alone may grow too much, and files of TypeScript are named', () => {
  const report = changed(({ totals, files }) => {
    totals['slim.js'].brotli += 300;
    files['src/npm/api/new.ts'] = 800;
  });
  assert.deepEqual(compare(report, BUDGET).problems, [
    'slim.js has grown: brotli 14000 -> 14300, +2.1 %',
    '  files, in bytes:',
    '       +800  src/npm/api/new.ts (0 -> 800)',
  ]);
});

test('a budget that has become too wide is told, so that what is won is not lost again', () => {
  const report = changed(({ totals }) => {
    totals['slim.js'].raw -= 1_000;
  });
  assert.deepEqual(compare(report, BUDGET).problems, [
    'slim.js is smaller than the budget: raw 43000 -> 42000, -2.3 %',
  ]);
});

test("another compiler's WebAssembly is not judged, the TypeScript is", () => {
  const report = changed((it) => {
    it.rust = '1.96.0';
    it.totals['wasmqtt.wasm'].raw += 30_000;
    it.totals['index.js'].raw += 30_000;
    it.totals['slim.js'].raw += 3_000;
  });
  const { problems, notes } = compare(report, BUDGET);
  assert.deepEqual(problems, ['slim.js has grown: raw 43000 -> 46000, +7.0 %']);
  assert.deepEqual(notes, ['Built by Rust 1.96.0, the budget is of 1.95.0: the WebAssembly is not judged.']);
});

test('the one file may be 12 % over the two in brotli', () => {
  const report = changed(({ totals }) => {
    totals['index.js'].brotli = 72_000;
  });
  const { problems } = compare(report, report);
  assert.deepEqual(problems, ['index.js is +12.5 % over slim.js and wasmqtt.wasm in brotli: +12.0 % at most']);
});

test('the budget holds the larger functions only', () => {
  const report = changed(({ functions }) => {
    functions['codec::wire::put_u16'] = 52;
  });
  assert.deepEqual(budgetOf(report), BUDGET);
});

test("README's rows are written from the budget, and must be there", () => {
  const row = (/** @type {string} */ sizes) =>
    [
      '(Rust 1.90)',
      `| \`wasmqtt\`: one module, with the WebAssembly deflated inside | ${sizes}`,
      '| `wasmqtt/slim`: the module | 1 | 2 | 3 |',
      '| `wasmqtt/slim`: `wasmqtt.wasm`, compiled while it arrives | 1 | 2 | 3 |',
      '| beside either module, with the first `session` that is stored: its store and an engine of its own | 1 | 2 | 3 |',
      '| beside either module, with the first `worker` | 1 | 2 | 3 |',
      '| beside either module, with the first `worker` whose session is stored: an engine of its own | 1 | 2 | 3 |',
      '| beside either module, with the first `share`; where a page leads, `session.js` too | 1 | 2 | 3 |',
      '| the same in a SharedWorker, with an engine of its own; once for all pages | 1 | 2 | 3 |',
      '| beside either module, with the first listener for packets | 1 | 2 | 3 |',
    ].join('\n');
  assert.equal(
    withSizes(row('1 | 2 | 3 |'), BUDGET),
    [
      '(Rust 1.95)',
      '| `wasmqtt`: one module, with the WebAssembly deflated inside | 115 000 | 71 000 | 69 000 |',
      '| `wasmqtt/slim`: the module | 43 000 | 16 000 | 14 000 |',
      '| `wasmqtt/slim`: `wasmqtt.wasm`, compiled while it arrives | 123 000 | 58 000 | 50 000 |',
      '| beside either module, with the first `session` that is stored: its store and an engine of its own | 7 000 | 3 000 | 2 500 |',
      '| beside either module, with the first `worker` | 8 000 | 4 000 | 3 500 |',
      '| beside either module, with the first `worker` whose session is stored: an engine of its own | 9 000 | 5 000 | 4 500 |',
      '| beside either module, with the first `share`; where a page leads, `session.js` too | 9 000 | 5 000 | 4 500 |',
      '| the same in a SharedWorker, with an engine of its own; once for all pages | 9 000 | 5 000 | 4 500 |',
      '| beside either module, with the first listener for packets | 9 000 | 5 000 | 4 500 |',
    ].join('\n'),
  );
  assert.throws(() => withSizes('| nothing |', BUDGET), /no row of sizes/);
});
