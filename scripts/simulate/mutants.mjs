/**
 * The simulation is tested: each mutation of the engine in `tests/model/mutants.json` has to be caught within the seeds of
 * `npm test`. All of them are built at once, into a copy of the crate where a variable says which one is alive; the crate
 * itself knows nothing of them. It does not know what the mutations do.
 */

import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';
import { run } from '../setup/run.mjs';
import { PlainError, seconds } from '../setup/say.mjs';
import { toolEnv } from '../setup.mjs';

const copy = join(root, 'target/mutants');
const BUILD = ['test', '--locked', '--profile', 'simulate', '--test', 'model'];

/** Code of the copy that says which mutation is alive. */
const SWITCH = `
#[doc(hidden)]
pub mod mutant {
    use core::sync::atomic::{AtomicU32, Ordering};
    /// Its number, from 1 on.
    pub static ALIVE: AtomicU32 = AtomicU32::new(0);
    #[inline]
    pub(crate) fn is(number: u32) -> bool {
        ALIVE.load(Ordering::Relaxed) == number
    }
}
`;

/** @typedef {{ name: string, file: string, from: string, to: string }} Mutation */

/** @returns {Promise<number>} 0 where each was caught */
export async function testMutants() {
  /** @type {Mutation[]} */
  const mutations = JSON.parse(await readFile(join(root, 'tests/model/mutants.json'), 'utf8'));
  await write(mutations);
  const env = { ...toolEnv(), CARGO_TARGET_DIR: join(root, 'target'), RUSTFLAGS: '--cfg mutants', RUST_BACKTRACE: '0' };
  console.log(`Building ${mutations.length} mutations (half a minute the first time)`);
  const built = await run('cargo', [...BUILD, '--no-run'], { cwd: copy, env });
  if (!built.ok) {
    throw new PlainError(`The mutations could not be built:\n${built.output}`);
  }
  const begin = performance.now();
  const waiting = mutations.map(({ name }, at) => ({ name, number: at + 1 }));
  let survived = 0;
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const args = [...BUILD, '--', '--ignored', '--exact', 'mutant', '--nocapture'];
      const { output } = await run('cargo', args, { cwd: copy, env: { ...env, MUTANT: `${next.number}` } });
      const [, seed, why] = /^caught (\d+) (.*)$/m.exec(output) ?? [];
      survived += seed === undefined ? 1 : 0;
      console.log(
        seed === undefined ? `SURVIVED  ${next.name}\n${output}` : `caught by seed ${seed}: ${next.name} (${why})`,
      );
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, work));
  console.log(`# pass ${mutations.length - survived}\n# fail ${survived}`);
  console.log(
    `${mutations.length - survived} of ${mutations.length} mutations caught (${seconds(performance.now() - begin)})`,
  );
  return survived === 0 ? 0 : 1;
}

/**
 * The crate, with all mutations in it.
 *
 * @param {readonly Mutation[]} mutations
 */
async function write(mutations) {
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  for (const path of ['Cargo.lock', 'README.md', 'src', 'tests/model']) {
    await cp(join(root, path), join(copy, path), { recursive: true });
  }
  const manifest = await readFile(join(root, 'Cargo.toml'), 'utf8');
  await writeFile(join(copy, 'Cargo.toml'), `${manifest}\n[workspace]\n`);
  const lib = join(copy, 'src/lib.rs');
  await writeFile(lib, (await readFile(lib, 'utf8')) + SWITCH);
  for (const [at, { name, file, from, to }] of mutations.entries()) {
    const path = join(copy, 'src', file);
    const text = await readFile(path, 'utf8');
    if (text.split(from).length !== 2) {
      throw new PlainError(`The mutation '${name}' has to find its text once in src/${file}`);
    }
    await writeFile(
      path,
      text.replace(from, () => to.replaceAll('{M}', `crate::mutant::is(${at + 1})`)),
    );
  }
}
