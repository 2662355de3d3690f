/**
 * Where the programs are that the scenarios run: on the search path, or where the set-up put them. It does not know
 * what they are run for.
 */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { venv } from '../../scripts/setup/brokers.mjs';
import { findTool, mqttv5Tool, rmqttdTool } from '../../scripts/setup/cargo-tools.mjs';
import { which } from '../../scripts/setup/places.mjs';

/** A program on the search path. */
export function program(/** @type {string} */ name) {
  const path = which(name) ?? which(`/usr/lib/erlang/bin/${name}`);
  if (!path) {
    throw new Error(`${name} was not found: npm run interop installs it`);
  }
  return path;
}

/** A program of the Python environment. */
export function python(name = 'python3') {
  return join(venv, 'bin', name);
}

/** The version of a Python package. */
export function pythonVersion(/** @type {string} */ name) {
  const script = `from importlib.metadata import version; print(version('${name}'))`;
  return execFileSync(python(), ['-c', script], { encoding: 'utf8' }).trim();
}

/** A program that cargo built. */
export function built(/** @type {'mqttv5' | 'rmqttd'} */ name) {
  const folder = findTool(name === 'mqttv5' ? mqttv5Tool : rmqttdTool);
  if (!folder) {
    throw new Error(`${name} was not found: npm run interop builds it`);
  }
  return join(folder, name);
}
