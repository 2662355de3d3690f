/**
 * A real mosquitto for the tests of one file.
 * It does not know who connects.
 */

import { atEnd } from './cleanup.mjs';
import { Mosquitto } from './mosquitto-process.mjs';

/**
 * Starts one and stops it at the end of the file.
 *
 * @param {import('./mosquitto-process.mjs').MosquittoOptions} [options]
 */
export async function startMosquitto(options = {}) {
  const broker = new Mosquitto(options);
  atEnd(() => broker.remove());
  await broker.start();
  return broker;
}
