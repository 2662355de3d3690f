/**
 * Ends what a test file started, also when a test fails or the process is told to stop.
 * It does not know what is ended.
 */

import { after } from 'node:test';

/** @type {(() => unknown)[]} */
const endings = [];
/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();

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

process.once('exit', killAll);
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => process.exit(1));
}

/**
 * Runs `end` when all tests of the file are done, the last registered first.
 *
 * @param {() => unknown} end
 */
export function atEnd(end) {
  endings.push(end);
}

/**
 * Keeps a child process from outliving this one.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
export function owned(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

function killAll() {
  for (const child of children) {
    child.kill('SIGKILL');
  }
}
