/**
 * Ends what a test file started, also when a test fails or the process is told to stop.
 * It does not know what is ended.
 */

import { after } from 'node:test';
import './children.mjs';

/** @type {(() => unknown)[]} */
const endings = [];

/** Milliseconds that the end of a file may take. */
const PATIENCE = 30_000;

after(async () => {
  const timer = setTimeout(() => {
    console.error('what the tests started does not end');
    process.exit(1);
  }, PATIENCE);
  for (const end of endings.splice(0).reverse()) {
    await end();
  }
  // What still runs then keeps the process alive, but not for ever.
  timer.unref();
});

/**
 * Runs `end` when all tests of the file are done, the last registered first.
 *
 * @param {() => unknown} end
 */
export function atEnd(end) {
  endings.push(end);
}
