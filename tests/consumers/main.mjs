/**
 * `npm run consumers`: what each tool and runtime makes of the packed package, as a table; `--write` puts it into the guide,
 * where nothing failed. The first time it installs the tools into the cache.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from '../../scripts/build.mjs';
import { root } from '../../scripts/setup/places.mjs';
import { run } from '../../scripts/setup/run.mjs';
import { main, PlainError, seconds } from '../../scripts/setup/say.mjs';
import { setup, toolEnv } from '../../scripts/setup.mjs';
import { MODES } from '../package/application.mjs';
import { LOWEST } from './lowest.mjs';
import { PROJECTS } from './projects.mjs';
import { RUNTIMES } from './runtimes.mjs';
import { GUIDE, rowsOf, tableOf, withRows } from './table.mjs';
import { TOOLS, tool } from './tools.mjs';

/** Milliseconds: for slow machines. */
const LIMIT = 60 * 60_000;
const DRY_RUNS = /** @type {const} */ ({
  'npm publish --dry-run': ['npm', 'publish', '--dry-run'],
  'cargo publish --dry-run': ['cargo', 'publish', '--dry-run', '--allow-dirty', '--locked'],
});

const projects = PROJECTS.map(({ tool }) => tool);
const lowest = Object.keys(LOWEST);
const names = [...projects, ...RUNTIMES.map(({ tool }) => tool), ...lowest, ...Object.keys(DRY_RUNS)];
const args = process.argv.slice(2);
const write = args.includes('--write');
const chosen = args.filter((name) => name !== '--write');

/** @typedef {import('./table.mjs').Result} Result */

/**
 * What the tests of one consumer say.
 *
 * @param {string} output of the reporter `spec`
 * @returns {Result[]}
 */
function resultsOf(output) {
  const modes = Object.keys(MODES).join('|');
  const line = new RegExp(`^([✔✖]) a page exchanges messages: (.*?), (${modes}) \\(`, 'gm');
  const [all = ''] = output.split('✖ failing tests:');
  return [...all.matchAll(line)].map(([, mark, consumer = '', mode = '']) => ({ consumer, mode, ok: mark === '✔' }));
}

/** @param {string} name */
async function consumer(name) {
  await tool(name, console.log);
  const file = projects.includes(name) ? 'project' : lowest.includes(name) ? 'lowest' : 'runtime';
  const { ok, output, ms } = await run(
    process.execPath,
    ['--test', '--test-force-exit', '--test-reporter=spec', `tests/consumers/${file}.test.mjs`],
    { cwd: root, env: { ...toolEnv(), NO_COLOR: '1', FORCE_COLOR: undefined, WASMQTT_CONSUMER: name }, limit: LIMIT },
  );
  const results = resultsOf(output);
  const good = ok && (results.length > 0 || file === 'lowest');
  const count = file === 'lowest' ? '' : `: ${results.filter(({ ok }) => ok).length} of ${results.length}`;
  console.log(`${good ? 'ok    ' : 'FAILED'}  ${name}${count} (${seconds(ms)})`);
  if (!good) {
    console.log(output.trimEnd());
  }
  return { good, results };
}

/** @param {keyof typeof DRY_RUNS} name */
async function dryRun(name) {
  const [command, ...rest] = DRY_RUNS[name];
  const { ok, output, ms } = await run(command, rest, { cwd: root, env: toolEnv(), limit: LIMIT });
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name} (${seconds(ms)})`);
  if (!ok) {
    console.log(output.trimEnd());
  }
  return ok;
}

await main(async () => {
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new PlainError(
      `There is no consumer '${unknown}': npm run consumers -- [--write] ${names.map((name) => `'${name}'`).join(' ')}`,
    );
  }
  await setup({ browsers: true, runner: false, broker: true, checks: false });
  await build();
  let failed = 0;
  /** @type {Result[]} */
  const results = [];
  for (const name of chosen.length > 0 ? chosen : names) {
    if (name in DRY_RUNS) {
      failed += (await dryRun(/** @type {keyof typeof DRY_RUNS} */ (name))) ? 0 : 1;
    } else {
      const one = await consumer(name);
      failed += one.good ? 0 : 1;
      results.push(...one.results);
    }
  }
  if (results.length > 0) {
    const modes = Object.keys(MODES);
    const rows = rowsOf(results, modes, TOOLS);
    console.log(`\n${tableOf(rows, modes)}`);
    if (write && failed === 0) {
      const guide = join(root, GUIDE);
      await writeFile(guide, withRows(await readFile(guide, 'utf8'), rows, modes, TOOLS));
    }
  }
  return failed === 0 ? 0 : 1;
});
