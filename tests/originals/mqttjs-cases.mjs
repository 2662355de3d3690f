/** What `node:test` gives the suite: the same, but a case or a hook that hangs fails after a while. */

import * as test from 'node:test';

const LIMIT = 6000;

/** @param {(name: string, options: object, run: unknown) => unknown} own */
const limited =
  (own) =>
  /** @param {string} name @param {any} [second] @param {any} [third] */
  (name, second, third) => {
    const [options, run] = typeof second === 'function' ? [{}, second] : [second ?? {}, third];
    return own(name, { timeout: LIMIT, ...options }, run);
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
