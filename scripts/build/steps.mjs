/**
 * What every step of the build needs: running a tool, and skipping what has not changed. It does not know the steps.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * The environment in which cargo, rustc and wasmqtt-glue are found.
 *
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function environment() {
  if (!existsSync(join(root, 'scripts/setup.mjs'))) {
    return process.env;
  }
  const { toolEnv } = await import('../setup.mjs');
  return toolEnv();
}

/**
 * Runs a program in the project's folder, and gives what it printed; that is in the error, too.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export async function run(command, args, env) {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', (error) => {
      const remedy = 'npm start, npm test and npm run check install what is missing';
      reject(new Error(`${command} could not be started: ${error.message}\n${remedy}`));
    });
    child.once('close', resolve);
  });
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed:\n${output.trimEnd()}`);
  }
  return output.trimEnd();
}

/**
 * A hash over files, each given by its path or by a folder and a pattern for the names in it.
 *
 * @param {readonly (readonly [path: string, pattern?: RegExp])[]} sources
 */
export async function inputs(sources) {
  const hash = createHash('sha256');
  for (const [path, pattern] of sources) {
    for (const file of await files(join(root, path))) {
      if (!pattern || pattern.test(file)) {
        hash
          .update(`${relative(root, file)}\0`)
          .update(await readFile(file))
          .update('\0');
      }
    }
  }
  return hash.digest('hex');
}

/**
 * Runs a step unless it last ran with the same inputs and its outputs are there. True when it ran.
 *
 * @param {string} name
 * @param {{ inputs: string, outputs: readonly string[], run: () => Promise<void> }} step
 */
export async function stamped(name, step) {
  const stamp = join(root, 'target', `${name}.stamp`);
  const last = await readFile(stamp, 'utf8').catch(() => '');
  if (last === step.inputs && step.outputs.every((path) => existsSync(join(root, path)))) {
    return false;
  }
  await rm(stamp, { force: true });
  await step.run();
  await mkdir(dirname(stamp), { recursive: true });
  await writeFile(stamp, step.inputs);
  return true;
}

/**
 * The files below a path in a fixed order, without what the build itself writes.
 *
 * @param {string} path
 * @returns {Promise<string[]>}
 */
async function files(path) {
  const entries = await readdir(path, { withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOTDIR') {
      return undefined;
    }
    throw error;
  });
  if (!entries) {
    return [path];
  }
  const below = entries
    .filter((entry) => entry.name !== 'generated')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => files(join(path, entry.name)));
  return (await Promise.all(below)).flat();
}
