/**
 * The interoperation tests with every broker, or with those named, and the table of what came of them: on the screen
 * and, where all brokers took part, as tests/interop/README.md. It does not know what is tested.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildStep } from './check.mjs';
import { pageOf, rowsOf, tableOf } from './interop/table.mjs';
import { setUpBrokers } from './setup/brokers.mjs';
import { root } from './setup/places.mjs';
import { run } from './setup/run.mjs';
import { main, PlainError, seconds, tail } from './setup/say.mjs';
import { setup, toolEnv } from './setup.mjs';
import { count } from './test/groups.mjs';

const folder = join(root, 'tests/interop');
const LIMIT = 10 * 60_000;

/** The test files by the names of their brokers, the scripted one first. */
function files() {
  const found = new Map();
  for (const weight of ['quick', 'heavy']) {
    for (const file of readdirSync(join(folder, weight)).sort()) {
      found.set(file.replace('.test.mjs', ''), { weight, path: join('tests/interop', weight, file) });
    }
  }
  return found;
}

await main(async () => {
  const all = files();
  const named = process.argv.slice(2);
  const unknown = named.find((name) => !all.has(name));
  if (unknown !== undefined) {
    throw new PlainError(`There is no broker '${unknown}': npm run interop -- ${[...all.keys()].join('|')}`);
  }
  const wanted = [...all].filter(([name]) => named.length === 0 || named.includes(name));
  await setup({ runner: false, broker: 'certificates', checks: false });
  await setUpBrokers(console.log, { heavy: wanted.some(([, { weight }]) => weight === 'heavy') });
  const built = await buildStep();
  if (!built.ok) {
    console.log(built.output);
    return 1;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'wasmqtt-interop-'));
  const results = join(scratch, 'results');
  writeFileSync(results, '');
  let [passed, failed] = [0, 0];
  try {
    for (const [name, { path }] of wanted) {
      const args = ['--test', '--test-force-exit', '--test-reporter=spec', path];
      const env = { ...toolEnv(), INTEROP_RESULTS: results, NO_COLOR: '1', FORCE_COLOR: undefined };
      const outcome = await run(process.execPath, args, { cwd: root, env, limit: LIMIT });
      const counted = count(outcome.output);
      const good = outcome.ok && counted.passed > 0;
      console.log(`${good ? 'ok    ' : 'FAILED'}  ${name} (${seconds(outcome.ms)})`);
      if (!good) {
        console.log(tail(outcome.output, 60));
      }
      passed += counted.passed;
      failed += good ? 0 : Math.max(counted.failed, 1);
    }
    const rows = rowsOf(readFileSync(results, 'utf8'));
    console.log(`\n${tableOf(rows)}`);
    if (named.length === 0 && failed === 0) {
      writeFileSync(join(folder, 'README.md'), pageOf(rows));
      console.log('\nWritten: tests/interop/README.md');
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});
