/**
 * The checks: formatting, lints, documentation and types, of Rust and of TypeScript, that every statement of the
 * specification and every edge case has a test, and that the package is within its budget of bytes. `--fix` formats and
 * mends what can be mended instead; it runs no test.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup/places.mjs';
import { run } from './setup/run.mjs';
import { main, PlainError, seconds } from './setup/say.mjs';
import { setup, toolEnv } from './setup.mjs';

const WASM = ['--target', 'wasm32-unknown-unknown'];
const GLUE = ['--manifest-path', 'scripts/glue/Cargo.toml'];
const DENY = ['--', '-D', 'warnings'];

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<import('./setup/run.mjs').Outcome>} run
 */

/**
 * Two lists that have nothing to wait for in each other. The types need what the build makes of the Rust code.
 *
 * @returns {Step[][]}
 */
function steps() {
  const env = {
    ...toolEnv(),
    CARGO_TERM_COLOR: 'never',
    NO_COLOR: '1',
    RUSTDOCFLAGS: '-Dwarnings',
    // What is for a page is compiled alone; the rest runs with the native tests.
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: 'true',
  };
  const cargo = (/** @type {string} */ name, /** @type {string[]} */ ...args) => ({
    name,
    run: () => run('cargo', args, { env, cwd: root }),
  });
  const node = (/** @type {string} */ name, /** @type {string} */ script, /** @type {string[]} */ ...args) => ({
    name,
    run: () => run(process.execPath, [join('node_modules', script), ...args], { env, cwd: root }),
  });
  const projects = ['tsconfig.json', 'www/tsconfig.json'].filter((file) => existsSync(join(root, file)));
  return [
    [
      cargo('rustfmt', 'fmt', '--check'),
      cargo('rustfmt, glue', 'fmt', ...GLUE, '--check'),
      cargo('clippy', 'clippy', '--locked', '--all-targets', ...DENY),
      cargo('clippy, wasm32', 'clippy', '--locked', ...WASM, '--all-targets', ...DENY),
      cargo('clippy, wasm32, debug', 'clippy', '--locked', ...WASM, '--all-targets', '--features', 'debug', ...DENY),
      cargo('clippy, wasm32, no features', 'clippy', '--locked', ...WASM, '--lib', '--no-default-features', ...DENY),
      cargo('rustdoc', 'doc', '--locked', '--no-deps'),
      cargo('rustdoc, wasm32', 'doc', '--locked', '--no-deps', ...WASM),
      cargo('examples in the documentation, wasm32', 'test', '--locked', '--doc', ...WASM),
    ],
    [
      node('biome', '@biomejs/biome/bin/biome', 'ci', '--colors=off', '.'),
      { name: 'build', run: buildStep },
      {
        name: 'size: within the budget',
        run: () => run(process.execPath, ['scripts/size.mjs', '--check'], { env, cwd: root }),
      },
      ...projects.map((file) => node(`tsc, ${file}`, 'typescript/bin/tsc', '--noEmit', '-p', file)),
      cargo('clippy, glue', 'clippy', ...GLUE, '--target-dir', 'target/glue', '--locked', ...DENY),
      ...['conformance', 'edge-cases'].map((name) => ({
        name: `${name}: every one has a test`,
        run: () => run(process.execPath, [`scripts/${name}.mjs`, '--check'], { env, cwd: root }),
      })),
    ],
  ];
}

/** The build as a step: what it says and how it fails are its output. */
export async function buildStep() {
  const start = performance.now();
  /** @type {string[]} */
  const lines = [];
  let ok = true;
  try {
    const { build } = await import('./build.mjs');
    await build({ log: (line) => lines.push(line) });
  } catch (error) {
    ok = false;
    lines.push(error instanceof Error ? error.message : String(error));
  }
  return { ok, output: `${lines.join('\n')}\n`, ms: performance.now() - start };
}

/**
 * Runs every check, the later ones also after a failure.
 *
 * @param {(line: string) => void} log
 * @returns {Promise<{ failed: string[], built: boolean }>}
 */
export async function check(log) {
  /** @type {string[]} */
  const failed = [];
  const lane = async (/** @type {Step[]} */ list) => {
    for (const step of list) {
      const { ok, output, ms } = await step.run();
      log(`${ok ? 'ok    ' : 'FAILED'}  ${step.name} (${seconds(ms)})`);
      if (!ok) {
        failed.push(step.name);
      }
      if (!ok || step.name === 'build') {
        log(output.trimEnd());
      }
    }
  };
  await Promise.all(steps().map(lane));
  return { failed, built: !failed.includes('build') };
}

async function fix() {
  const env = toolEnv();
  const biome = join('node_modules', '@biomejs/biome/bin/biome');
  const outcomes = [
    await run('cargo', ['fmt'], { env, cwd: root }),
    await run('cargo', ['fmt', ...GLUE], { env, cwd: root }),
    await run(process.execPath, [biome, 'check', '--write', '.'], { env, cwd: root }),
  ];
  for (const { output } of outcomes) {
    process.stdout.write(output);
  }
  return outcomes.every(({ ok }) => ok) ? 0 : 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    const [flag, ...rest] = process.argv.slice(2);
    if ((flag !== undefined && flag !== '--fix') || rest.length > 0) {
      throw new PlainError(`check takes --fix or nothing, but was given: ${process.argv.slice(2).join(' ')}`);
    }
    await setup({ browsers: false, broker: false });
    if (flag === '--fix') {
      return fix();
    }
    const { failed } = await check(console.log);
    console.log(failed.length === 0 ? 'Every check passed' : `Failed: ${failed.join('; ')}`);
    return failed.length === 0 ? 0 : 1;
  });
}
