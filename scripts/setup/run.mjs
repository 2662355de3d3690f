/**
 * Running other programs: a quick question with its answer, and a long run whose output is kept. A long run is the
 * head of its own process group, so that what it started ends with it; it does not know what the programs do.
 */

import { spawn, spawnSync } from 'node:child_process';

/** What is thrown by a run that ends because this process was told to end. */
export class Ended extends Error {}

/** Process groups to end when this process is told to end. */
const running = new Set();
const SIGNALS = /** @type {const} */ ({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 });
let ending = false;

/**
 * The trimmed standard output of a quick program, or undefined when it is not there or fails.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export function ask(command, args, env = process.env) {
  const { status, stdout } = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    timeout: 20_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * @typedef {object} Outcome
 * @property {boolean} ok
 * @property {string} output both streams, as they came
 * @property {number} ms
 */

/**
 * Runs a program to its end. A failure is an outcome, not an exception.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, limit?: number, silence?: number, onText?: (text: string) => void }}
 *   [options] `limit` and `silence` in milliseconds: how long it may take, and go without a word, before it is ended
 * @returns {Promise<Outcome>}
 */
export async function run(command, args, { env = process.env, cwd, limit, silence, onText } = {}) {
  if (ending) {
    throw new Ended();
  }
  const start = performance.now();
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  let late = '';
  const endAfter = (/** @type {number | undefined} */ ms, /** @type {string} */ why) =>
    ms &&
    setTimeout(() => {
      late = `${why} ${Math.ceil(ms / 1000)} s`;
      end(child.pid, 'SIGKILL');
    }, ms);
  const timer = endAfter(limit, 'it took more than');
  let silent = endAfter(silence, 'it said nothing for');
  const keep = (/** @type {string} */ text) => {
    output += text;
    onText?.(text);
    clearTimeout(silent);
    silent = endAfter(silence, 'it said nothing for');
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  if (child.pid !== undefined) {
    enter(child.pid);
  }
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      keep(`${command} could not be started: ${error.message}\n`);
      resolve(1);
    });
    child.once('exit', (status, signal) => {
      // What it left behind holds the streams open, and would run on.
      end(child.pid, 'SIGKILL');
      const done = () => resolve(signal ? 1 : status);
      child.once('close', done);
      // Nor is anything waited for that left the group and keeps the streams.
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        done();
      }, 3_000).unref();
    });
  });
  clearTimeout(timer);
  clearTimeout(silent);
  leave(child.pid);
  if (ending) {
    throw new Ended();
  }
  if (late) {
    const text = `\n${command} was ended: ${late}\n`;
    output += text;
    onText?.(text);
  }
  return { ok: code === 0 && !late, output, ms: performance.now() - start };
}

/**
 * @param {number | undefined} group
 * @param {NodeJS.Signals} signal
 */
function end(group, signal) {
  if (group === undefined) {
    return;
  }
  try {
    process.kill(-group, signal);
  } catch {
    // There is nobody left in it.
  }
}

/** As long as something runs, being told to end ends that, too. */
function enter(/** @type {number} */ group) {
  if (running.size === 0) {
    for (const signal of Object.keys(SIGNALS)) {
      process.on(signal, endAll);
    }
  }
  running.add(group);
}

function leave(/** @type {number | undefined} */ group) {
  running.delete(group);
  if (running.size === 0) {
    for (const signal of Object.keys(SIGNALS)) {
      process.off(signal, endAll);
    }
  }
}

function endAll(/** @type {keyof typeof SIGNALS} */ signal) {
  ending = true;
  const groups = [...running];
  for (const group of groups) {
    end(group, 'SIGTERM');
  }
  setTimeout(() => {
    for (const group of groups) {
      end(group, 'SIGKILL');
    }
    process.exit(128 + SIGNALS[signal]);
  }, 1_000);
}
