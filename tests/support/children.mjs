/**
 * Child processes that do not outlive this one, also when it is told to stop.
 * It does not know the tests.
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();

process.once('exit', () => {
  for (const child of children) {
    child.kill('SIGKILL');
  }
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => process.exit(1));
}

/**
 * Keeps a child process from outliving this one.
 *
 * @template {import('node:child_process').ChildProcess} T
 * @param {T} child
 */
export function owned(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}
