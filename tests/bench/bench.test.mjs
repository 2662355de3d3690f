/** The benchmark runs: small, but every row, and the package beside the two bare WebSockets. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { owned } from '../support/children.mjs';
import { ROWS } from './rows.mjs';

const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));
const COMPARED = ['raw', 'usable', 'wasmqtt'];

/** @param {string[]} args */
async function bench(...args) {
  const child = owned(spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }));
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, output, errors };
}

test('every row gives figures for every contestant, as a table and as JSON', { timeout: 600_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wasmqtt-bench-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'bench.json');
  const small = [
    '--reps',
    '1',
    '--scale',
    '0.01',
    '--minutes',
    '0.01',
    '--contestants',
    COMPARED.join(),
    '--json',
    file,
  ];
  const { code, output, errors } = await bench(...small);
  assert.equal(code, 0, errors);
  const { rows, contestants, steady } = JSON.parse(await readFile(file, 'utf8'));
  for (const { name, title, shown } of ROWS) {
    assert.match(output, new RegExp(`^\\| ${title} \\|`, 'm'));
    for (const contestant of COMPARED) {
      const [value] = rows[name][contestant][shown];
      assert.ok(value > 0, `${name}, ${contestant}: ${value}`);
    }
  }
  // Frames are shared where the bare WebSocket sends one a packet.
  const { raw, wasmqtt } = rows['publish-qos0'];
  assert.equal(raw.frames[0], 1);
  assert.ok(wasmqtt.frames[0] < 0.1, `${wasmqtt.frames[0]} frames a packet`);
  assert.deepEqual(
    contestants.map(({ weight }) => weight.brotli > 0 && weight.brotli < weight.raw),
    COMPARED.map(() => true),
  );
  assert.deepEqual(
    steady.map(({ contestant }) => contestant),
    COMPARED,
  );
});

test('an unknown row or contestant is an error that names it, with what there is', async () => {
  for (const args of [
    ['--only', 'nothing'],
    ['--contestants', 'nobody'],
  ]) {
    const { code, errors } = await bench(...args);
    assert.equal(code, 2);
    assert.match(errors, /there is no (nothing|nobody)\n\nnpm run bench/);
  }
});
