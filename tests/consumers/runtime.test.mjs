/** One runtime, named by the environment: a program that uses the packed package exchanges messages through a real broker. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { owned } from '../support/children.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';
import { program, RUNTIMES } from './runtimes.mjs';
import { env, workspace } from './workspace.mjs';

const runtime = RUNTIMES.find(({ tool }) => tool === process.env.WASMQTT_CONSUMER);
assert.ok(runtime, 'WASMQTT_CONSUMER names no runtime');
const folder = await workspace(runtime.tool, {
  'main.mjs': program(runtime, 'wasmqtt'),
  'slim.mjs': program(runtime, 'wasmqtt/slim'),
});
const broker = await startMosquitto();
const [command = '', ...args] = runtime.command;

/** Of what has no page and no storage. */
const MODES = { 'in the page': {}, ...(!runtime.socket && { 'in a worker': { worker: true } }) };

for (const [file, specifier] of Object.entries({ main: 'wasmqtt', ...(runtime.slim && { slim: 'wasmqtt/slim' }) })) {
  for (const [mode, options] of Object.entries(MODES)) {
    test(`a page exchanges messages: ${runtime.tool}, ${specifier}, ${mode}`, { timeout: 60_000 }, async () => {
      const peer = await connectPeer(broker);
      await peer.subscribe('from-page');
      const all = [...args, `${file}.mjs`, JSON.stringify([broker.url, options])];
      const child = owned(spawn(join(folder, 'node_modules', command), all, { cwd: folder, env }));
      let errors = '';
      child.stderr.setEncoding('utf8').on('data', (text) => {
        errors += text;
      });
      const ended = once(child, 'exit');
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      assert.equal((await lines.next()).value, 'ready', errors);
      await peer.publish('to-page', 'hello', { qos: 1 });
      assert.equal((await peer.next()).text, 'HELLO');
      // Where there are no workers it is told, and goes on without.
      assert.equal((await lines.next()).value, 'worker' in options && !runtime.workers ? 'unsupported' : 'alone');
      const [code] = await ended;
      assert.equal(code, 0, errors);
      await peer.end();
    });
  }
}
