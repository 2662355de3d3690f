/**
 * What `node:test` gives the suite: the same, but a case or a hook that hangs fails after a while, and what a server of the suite
 * throws is the failure of the case that runs.
 */

import { AsyncResource } from 'node:async_hooks';
import * as test from 'node:test';

const LIMIT = 6000;

/** Of the case that runs: `node:test` knows by it whose an exception is. */
let scope = new AsyncResource('none');

/**
 * Runs something for the case that runs. By itself it would be for who made the server: a whole suite, which would end.
 *
 * @param {() => unknown} run
 */
export function inCase(run) {
  return scope.runInAsyncScope(() => {
    try {
      return run();
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
      return true;
    }
  });
}

/** What the case that runs has to end, if one does. @type {{ clients: End[], servers: End[] } | undefined} */
let ends;

/** @typedef {() => unknown} End */

/** Before the suite has a clock of its own. */
const later = globalThis.setTimeout;

/** Milliseconds that ending may take. */
const ENDING = 1000;

/**
 * Ends something after the case that runs, if one does: what failed would be in the way of those after it. Clients end first, as
 * many a case ends its server when its client has ended.
 *
 * @param {'clients' | 'servers'} what
 * @param {End} end
 */
export function afterCase(what, end) {
  ends?.[what].push(end);
}

/** @param {End[]} some */
function allOf(some) {
  return Promise.allSettled(some.map(async (end) => end()));
}

/** @param {any} run @returns {any} */
function noted(run) {
  const begin = (/** @type {any} */ context) => {
    scope = new AsyncResource('case');
    const mine = { clients: [], servers: [] };
    ends = mine;
    context.after(() => {
      ends = undefined;
      const ended = allOf(mine.clients).then(() => allOf(mine.servers));
      return Promise.race([ended, new Promise((resolve) => later(resolve, ENDING))]);
    });
  };
  // It has `done` where it takes it.
  return run.length > 1
    ? (/** @type {unknown} */ context, /** @type {unknown} */ done) => {
        begin(context);
        return run(context, done);
      }
    : (/** @type {unknown} */ context) => {
        begin(context);
        return run(context);
      };
}

/** The suite ends the process after its last case, which is to be told of before. */
const { exit } = process;
process.exit = /** @type {any} */ ((/** @type {number} */ code) => later(() => exit.call(process, code), ENDING));

/** @param {(name: string, options: object, run: unknown) => unknown} own */
const limited =
  (own) =>
  /** @param {string} name @param {any} [second] @param {any} [third] */
  (name, second, third) => {
    const [options, run] = typeof second === 'function' ? [{}, second] : [second ?? {}, third];
    return own(name, { timeout: LIMIT, ...options }, run && noted(run));
  };

/** @param {(run: any, options: object) => unknown} own */
const hook =
  (own) =>
  /** @param {any} run */
  (run) =>
    own(run, { timeout: LIMIT });

export const it = Object.assign(limited(/** @type {any} */ (test.it)), { skip: test.it.skip });
export const describe = test.describe;
export const before = hook(test.before);
export const after = hook(test.after);
export const beforeEach = hook(test.beforeEach);
export const afterEach = hook(test.afterEach);
