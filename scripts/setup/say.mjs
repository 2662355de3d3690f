/**
 * What the scripts print: one line when something begins, one when it is done, one sentence and its remedy when it
 * cannot be. It does not know what is done.
 */

import { Ended } from './run.mjs';

/** Something that the machine lacks and that the set-up cannot provide: a sentence, and what to do about it. */
export class SetupError extends Error {
  /**
   * @param {string} sentence
   * @param {string} remedy
   */
  constructor(sentence, remedy) {
    super(sentence);
    this.name = 'SetupError';
    this.remedy = remedy;
  }
}

/** A mistake of whoever called the script, or a failure that is told completely by its message. */
export class PlainError extends Error {}

/**
 * @param {number} ms
 */
export function seconds(ms) {
  if (ms < 59_950) {
    return `${(ms / 1000).toFixed(1)} s`;
  }
  const whole = Math.round(ms / 1000);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/**
 * Says what begins and how long it usually takes, then how long it took.
 *
 * @template T
 * @param {(line: string) => void} log
 * @param {string} what
 * @param {string} usually
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function timed(log, what, usually, work) {
  log(`${what} (usually ${usually})`);
  const start = performance.now();
  const result = await work();
  log(`  took ${seconds(performance.now() - start)}`);
  return result;
}

/**
 * The end of some output, indented, for showing below a sentence.
 *
 * @param {string} output
 * @param {number} [lines]
 */
export function tail(output, lines = 25) {
  const all = output.trimEnd().split('\n');
  return all
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join('\n');
}

/**
 * Runs a script's main function; what goes wrong is told without a stack unless it is a mistake of the script.
 *
 * @param {() => Promise<number | void>} run resolves with the exit code
 */
export async function main(run) {
  try {
    process.exitCode = (await run()) ?? 0;
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof Ended) {
      console.error('\nStopped');
    } else if (error instanceof SetupError) {
      console.error(`\n${error.message}\n${error.remedy}`);
    } else if (error instanceof PlainError) {
      console.error(error.message);
    } else {
      console.error(error);
    }
  }
}
