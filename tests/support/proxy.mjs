/**
 * A line with faults for the tests of one file.
 * It does not know what the bytes mean.
 */

import { atEnd } from './cleanup.mjs';
import { Line } from './line.mjs';

export { Line };

/**
 * Starts one and stops it at the end of the file.
 *
 * @param {number} target
 */
export async function startProxy(target) {
  const proxy = new Line(target);
  await proxy.start();
  atEnd(() => proxy.stop());
  return proxy;
}
