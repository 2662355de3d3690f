/**
 * A broker as a child process with a folder of its own. It does not know which broker.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { owned } from '../../support/children.mjs';
import { atEnd } from '../../support/cleanup.mjs';
import { HOST } from '../../support/net.mjs';

/** Milliseconds until a broker has to take connections. */
const PATIENCE = 60_000;

/** A folder that is removed at the end of the file. */
export async function folder(/** @type {string} */ name) {
  const path = await mkdtemp(join(tmpdir(), `wasmqtt-${name}-`));
  atEnd(() => rm(path, { recursive: true, force: true }));
  return path;
}

/**
 * Starts a program, waits until all ports take connections, and ends it at the end of the file.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, files?: Record<string, string>, ports: readonly number[] }} options
 */
export async function startProcess(program, args, { cwd, env, files = {}, ports }) {
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(cwd, name), text);
  }
  const child = owned(
    spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-4000);
    });
  }
  const gone = new Promise((resolve) => {
    child.once('error', (error) => resolve(String(error)));
    child.once('exit', (code) => resolve(`it ended with ${code}`));
  });
  atEnd(async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      child.kill('SIGKILL');
      await gone;
    }
  });
  const deadline = performance.now() + PATIENCE;
  for (const port of ports) {
    for (;;) {
      const outcome = await Promise.race([reached(port), gone]);
      if (outcome === true) {
        break;
      }
      if (typeof outcome === 'string' || performance.now() > deadline) {
        throw new Error(`${program} does not listen on port ${port}: ${outcome}\n${output}`);
      }
    }
  }
  return child;
}

/** Whether the port takes a connection; a little later where it does not. */
async function reached(/** @type {number} */ port) {
  const socket = connect(port, HOST);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Nothing tells of a port that begins to listen.
    await pause(50);
    return false;
  } finally {
    socket.destroy();
  }
}
