/**
 * Where things are: the project, the cache folder of the user's, and programs on the search path. It does not know
 * which programs are needed.
 */

import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What is built once and serves every copy of the project on this machine. */
export const cache = resolve(
  process.env.WASMQTT_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'wasmqtt'),
);

/** The search path, with the folders behind it that a fresh shell or a plain user may lack. */
export function searchPath() {
  const cargoHome = process.env.CARGO_HOME || join(homedir(), '.cargo');
  const more = [join(cargoHome, 'bin'), '/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin'];
  const given = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...new Set([...given, ...more])];
}

/**
 * The full path of a program, or undefined. An absolute path is taken as it is.
 *
 * @param {string | undefined} name
 * @param {readonly string[]} [folders]
 */
export function which(name, folders = searchPath()) {
  if (!name) {
    return undefined;
  }
  const candidates = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
  return candidates.find(isProgram);
}

/**
 * @param {string} path
 */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * A file's text, or undefined when it is not there.
 *
 * @param {string} path
 */
export function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
