/**
 * The long run of the fuzzers: `npm run fuzz -- [target...] [--minutes N] [--keep]`. A finding is made small, put into
 * the corpus and fails the run; with `--keep` what reached new code is kept, too. It does not know what is checked.
 */

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, cargoFuzz, setUpFuzzing, work } from './fuzz/cargo-fuzz.mjs';
import { keep, keepFinding, LONGEST, layOut } from './fuzz/corpus.mjs';
import { optionsOf } from './fuzz/options.mjs';
import { root } from './setup/places.mjs';
import { main, seconds } from './setup/say.mjs';

/** What libFuzzer says now and then, and at the end. */
const NEWS = /^#\d+\t+(?:pulse|DONE|INITED) .*$|^stat::number_of_executed_units: \d+$/gm;
const LIMITS = ['-max_len=800', '-timeout=20', '-rss_limit_mb=2048', '-detect_leaks=0', '-print_final_stats=1'];

/**
 * @param {string} target
 * @param {number} allowed in seconds
 */
async function fuzz(target, allowed) {
  const seeds = join(work, target, 'seeds');
  const found = join(work, target, 'corpus');
  const artifacts = join(work, target, 'artifacts/');
  rmSync(artifacts, { recursive: true, force: true });
  mkdirSync(found, { recursive: true });
  mkdirSync(artifacts, { recursive: true });
  const count = layOut(target, seeds);
  console.log(`\n${target}: ${count} inputs to begin with, for ${seconds(allowed * 1000)}`);
  const { ok, output } = await cargoFuzz(
    'run',
    [target, found, seeds, '--', `-max_total_time=${allowed}`, `-artifact_prefix=${artifacts}`, ...LIMITS],
    { onText: tell },
  );
  const names = readdirSync(artifacts);
  if (ok && names.length === 0) {
    return 0;
  }
  const said = /panicked at[\s\S]{0,2000}/.exec(output)?.[0].split('\n').slice(0, 8).join('\n    ');
  console.log(`  FAILED: ${said ?? output.trimEnd().split('\n').slice(-20).join('\n    ')}`);
  for (const name of names) {
    const small = await minimise(target, join(artifacts, name), artifacts);
    const kept = relative(root, keepFinding(target, small));
    console.log(`  kept as ${kept}; to see what it does: FUZZ_TRACE=1 cargo test --test fuzz -- --nocapture`);
  }
  return 1;
}

/** @param {string} text */
function tell(text) {
  for (const line of text.match(NEWS) ?? []) {
    console.log(`  ${line}`);
  }
}

/**
 * The smallest input that is found in half a minute and fails, too.
 *
 * @param {string} target
 * @param {string} path
 * @param {string} folder
 */
async function minimise(target, path, folder) {
  const small = `${path}.small`;
  const args = ['-minimize_crash=1', '-max_total_time=30', `-exact_artifact_path=${small}`];
  await cargoFuzz('run', [target, path, '--', ...args, `-artifact_prefix=${folder}`], { limit: 120_000 });
  return existsSync(small) ? small : path;
}

/**
 * @param {string} target
 */
async function merge(target) {
  const least = join(work, target, 'least');
  rmSync(least, { recursive: true, force: true });
  mkdirSync(least, { recursive: true });
  const from = [join(work, target, 'corpus'), join(work, target, 'seeds')];
  await cargoFuzz('run', [target, least, ...from, '--', '-merge=1', `-max_len=${LONGEST}`]);
  console.log(`${target}: ${keep(target, least)} inputs reach all that was reached`);
}

await main(async () => {
  const { targets, minutes, keep: keeps } = optionsOf(process.argv.slice(2));
  await setUpFuzzing(console.log);
  for (const target of targets) {
    await build(target);
  }
  let failed = 0;
  for (const target of targets) {
    failed += await fuzz(target, Math.ceil((minutes * 60) / targets.length));
    if (keeps) {
      await merge(target);
    }
  }
  console.log(failed === 0 ? '\nNothing was found' : `\nFindings in ${failed} of ${targets.length} targets`);
  return failed === 0 ? 0 : 1;
});
