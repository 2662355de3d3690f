/**
 * The tests of every framework: those of `npm test`, and the dashboards in Rust, which take minutes to build the first
 * time. It does not know what is tested.
 */

import { join } from 'node:path';
import { buildStep } from './check.mjs';
import { root } from './setup/places.mjs';
import { run } from './setup/run.mjs';
import { main, PlainError, seconds } from './setup/say.mjs';
import { setup, toolEnv } from './setup.mjs';
import { count } from './test/groups.mjs';

const ALL = ['react', 'vue', 'svelte', 'solid', 'angular', 'rust'];
const LIMIT = 60 * 60_000;

await main(async () => {
  const named = process.argv.slice(2);
  const unknown = named.find((name) => !ALL.includes(name));
  if (unknown !== undefined) {
    throw new PlainError(`There is no framework '${unknown}': npm run frameworks -- ${ALL.join('|')}`);
  }
  await setup({ runner: false, broker: true, checks: false });
  const built = await buildStep();
  if (!built.ok) {
    console.log(built.output);
    return 1;
  }
  let [passed, failed] = [0, 0];
  for (const name of named.length > 0 ? named : ALL) {
    const file = name === 'rust' ? 'rust/examples.mjs' : `${name}.test.mjs`;
    const args = ['--test', '--test-force-exit', '--test-reporter=spec', join('tests/frameworks', file)];
    const env = { ...toolEnv(), NO_COLOR: '1', FORCE_COLOR: undefined };
    const outcome = await run(process.execPath, args, { cwd: root, env, limit: LIMIT });
    const counted = count(outcome.output);
    const good = outcome.ok && counted.passed > 0;
    console.log(`${good ? 'ok    ' : 'FAILED'}  ${name}: ${counted.passed} passed (${seconds(outcome.ms)})`);
    if (!good) {
      console.log(outcome.output.trimEnd());
    }
    passed += counted.passed;
    failed += good ? 0 : Math.max(counted.failed, 1);
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});
