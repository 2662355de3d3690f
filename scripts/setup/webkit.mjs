/**
 * WebKitGTK with the program that drives it, and the display that it needs. It does not know what runs in it.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { install } from './apt.mjs';
import { which } from './places.mjs';
import { SetupError } from './say.mjs';

/** Below these it has a folder of its own, on Debian one more below the name of the machine's kind. */
const LIBRARIES = ['/usr/lib', '/usr/libexec'];

export function findWebKit() {
  return { driver: which('WebKitWebDriver'), display: which('Xvfb'), browser: miniBrowser() };
}

/**
 * @param {(line: string) => void} log
 */
export async function setUpWebKit(log) {
  const there = () => Object.values(findWebKit()).every(Boolean);
  if (!there()) {
    await install(['webkit2gtk-driver', 'xvfb'], { log, what: 'WebKitGTK and a display', usually: '40 seconds' });
  }
  if (!there()) {
    throw new SetupError(
      'WebKitGTK, its driver or Xvfb is missing and could not be had.',
      'On Debian or Ubuntu: apt-get install webkit2gtk-driver xvfb',
    );
  }
}

/** The browser that the driver starts; it is on no search path. */
function miniBrowser() {
  const folders = (/** @type {string} */ place) => {
    try {
      return readdirSync(place).map((name) => join(place, name));
    } catch {
      return [];
    }
  };
  return LIBRARIES.flatMap(folders)
    .flatMap((folder) => [folder, ...(folder.endsWith('-linux-gnu') ? folders(folder) : [])])
    .filter((folder) => /\/webkit2?gtk-[\d.]+$/.test(folder))
    .map((folder) => which(join(folder, 'MiniBrowser')))
    .findLast(Boolean);
}
