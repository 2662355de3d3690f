/**
 * Set-up, checks, build and every test; or, with the names of groups, those. It shows the output of what failed, and
 * does not know what is tested.
 */

import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { buildStep, check } from './check.mjs';
import { findBrowsers } from './setup/browsers.mjs';
import { root } from './setup/places.mjs';
import { run } from './setup/run.mjs';
import { main, PlainError, seconds } from './setup/say.mjs';
import { setup, toolEnv } from './setup.mjs';
import { count, GROUPS, leftOut, runsOf } from './test/groups.mjs';

/** For machines of a fifth of the usual speed, too: these are against what hangs. */
const LIMIT = 60 * 60_000;
const SILENCE = 10 * 60_000;
const logs = join(root, 'target/test-logs');

function chosen() {
  const names = process.argv.slice(2);
  const known = ['check', ...GROUPS.map(({ name }) => name)];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new PlainError(`There is no group '${unknown}': npm test -- ${known.join('|')}`);
  }
  return new Set(names.length > 0 ? names : known);
}

/**
 * @param {import('./test/groups.mjs').Run} each
 * @returns {Promise<{ passed: number, failed: number }>}
 */
async function test({ name, command, args, env }) {
  const file = join(logs, `${name.replace(/\W+/g, '-')}.log`);
  rmSync(file, { force: true });
  const { ok, output, ms } = await run(command, args, {
    cwd: root,
    env: { ...toolEnv(), CARGO_TERM_COLOR: 'never', NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
    limit: LIMIT,
    silence: SILENCE,
    onText: (text) => appendFileSync(file, text),
  });
  const { passed, failed, skipped } = count(output);
  const good = ok && passed > 0 && failed === 0;
  const without = skipped > 0 ? `, ${skipped} left out` : '';
  const line = `${good ? 'ok    ' : 'FAILED'}  ${name}: ${passed} passed, ${failed} failed${without} (${seconds(ms)})`;
  if (good) {
    console.log([line, ...leftOut(output).map((one) => `        left out: ${one}`)].join('\n'));
  } else {
    const none = ok && passed === 0 ? '\nIt ran no test.' : '';
    console.log(`\n---- ${name}\n${output.trimEnd()}${none}\n----\n${line}`);
  }
  // What ends without a failed test has failed all the same.
  return { passed, failed: good ? 0 : Math.max(failed, 1) };
}

await main(async () => {
  const names = chosen();
  const groups = GROUPS.filter(({ name }) => names.has(name));
  const some = (/** @type {keyof import('./test/groups.mjs').Group} */ need) => groups.some((group) => group[need]);
  await setup({
    browsers: some('browsers'),
    runner: some('runner'),
    broker: some('broker') ? 'certificates' : false,
    checks: names.has('check'),
    brokers: some('brokers'),
  });

  let passed = 0;
  let failed = 0;
  let built = true;
  if (names.has('check')) {
    console.log('\nChecks');
    const checked = await check(console.log);
    failed += checked.failed.length;
    built = checked.built;
  } else if (some('build')) {
    console.log('\nBuild');
    const outcome = await buildStep();
    built = outcome.ok;
    failed += built ? 0 : 1;
    console.log(outcome.output.trimEnd());
  }

  if (groups.length > 0) {
    console.log('\nTests');
    mkdirSync(logs, { recursive: true });
  }
  const browsers = findBrowsers();
  const waiting = (await Promise.all(groups.map((group) => runsOf(group, browsers)))).flat();
  const work = async (/** @type {import('./test/groups.mjs').Run[]} */ runs) => {
    for (let next = runs.shift(); next !== undefined; next = runs.shift()) {
      if (next.group.build && !built) {
        console.log(`FAILED  ${next.name}: not run, as there is no package to test`);
        failed += 1;
        continue;
      }
      const result = await test(next);
      passed += result.passed;
      failed += result.failed;
    }
  };
  const together = waiting.filter(({ group }) => !group.alone);
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, () => work(together)));
  await work(waiting.filter(({ group }) => group.alone));

  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});
