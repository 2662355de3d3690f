/**
 * The long run of the simulation: `npm run simulate -- [--seeds N] [--from N] [--mutants]`, on all cores. It ends with one
 * line; a seed that breaks a promise is made small and told. With `--mutants` the simulation itself is tested. It does not
 * know what is simulated.
 */

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { root } from './setup/places.mjs';
import { run } from './setup/run.mjs';
import { main, PlainError, seconds } from './setup/say.mjs';
import { setup, toolEnv } from './setup.mjs';
import { testMutants } from './simulate/mutants.mjs';

const BUILD = ['test', '--locked', '--profile', 'simulate', '--test', 'model'];
const RUN = ['--', '--ignored', '--exact', 'long', '--nocapture'];
const NAMES = ['seeds', 'events', 'sessions', 'crashes', 'messages'];

function options() {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({ options: { seeds: text, from: text, mutants: { type: 'boolean' } } });
  const whole = (
    /** @type {string} */ name,
    /** @type {string | undefined} */ value,
    /** @type {number} */ otherwise,
  ) => {
    const number = Number(value ?? otherwise);
    if (!Number.isSafeInteger(number) || number < 0) {
      throw new PlainError(`--${name} takes a whole number`);
    }
    return number;
  };
  return {
    seeds: whole('seeds', values.seeds, 200_000),
    from: whole('from', values.from, 0),
    mutants: values.mutants === true,
  };
}

/**
 * Some seeds, in a process of their own.
 *
 * @param {number} from
 * @param {number} seeds
 * @param {(runs: number) => void} progress
 * @returns {Promise<{ figures: number[], output: string }>} no figures where a promise was broken
 */
async function simulate(from, seeds, progress) {
  const env = { ...toolEnv(), FROM: `${from}`, SEEDS: `${seeds}`, RUST_BACKTRACE: '0' };
  const child = spawn('cargo', [...BUILD, ...RUN], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      const runs = /progress (\d+)/.exec(chunk)?.[1];
      if (runs) {
        progress(Number(runs));
      }
    });
  }
  await new Promise((resolve) => child.once('close', resolve));
  const figures = /^done (.*)$/m.exec(output)?.[1]?.split(' ').map(Number) ?? [];
  return { figures, output };
}

await main(async () => {
  const { seeds, from, mutants } = options();
  await setup({ browsers: false, runner: false, broker: false, checks: false, brokers: false });
  if (mutants) {
    return testMutants();
  }
  console.log('Building the simulation (half a minute the first time)');
  const built = await run('cargo', [...BUILD, '--no-run'], { cwd: root, env: toolEnv() });
  if (!built.ok) {
    throw new PlainError(`The simulation could not be built:\n${built.output}`);
  }
  const begin = performance.now();
  const parts = Math.max(1, availableParallelism());
  const each = Math.ceil(seeds / parts);
  const runs = Array.from({ length: parts }, () => 0);
  let said = begin;
  const outcomes = await Promise.all(
    runs.map((_, part) =>
      simulate(from + part * each, Math.min(each, seeds - part * each), (count) => {
        runs[part] = count;
        if (performance.now() - said > 10_000) {
          said = performance.now();
          const all = runs.reduce((sum, number) => sum + number, 0);
          console.log(`  ${all.toLocaleString('en')} of ${seeds.toLocaleString('en')} seeds`);
        }
      }),
    ),
  );
  const broken = outcomes.filter(({ figures }) => figures.length === 0);
  for (const { output } of broken) {
    console.log(output.trimEnd());
  }
  const figures = NAMES.map((name, at) => {
    const sum = outcomes.reduce((total, outcome) => total + (outcome.figures[at] ?? 0), 0);
    return `${sum.toLocaleString('en')} ${name}`;
  });
  console.log(`${figures.join(', ')}, ${broken.length} violations (${seconds(performance.now() - begin)})`);
  return broken.length === 0 ? 0 : 1;
});
