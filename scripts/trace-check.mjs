/**
 * The capture files of `wasmqtt/trace` in Wireshark's own dissector: installs tshark where it is missing (20 MB), which takes too
 * long for every `npm test`, and runs the tests that need it.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from './build.mjs';
import { install } from './setup/apt.mjs';
import { root, which } from './setup/places.mjs';
import { main, PlainError } from './setup/say.mjs';

const log = (/** @type {string} */ line) => console.log(line);

await main(async () => {
  if (!which('tshark') && !(await install(['tshark'], { log, what: 'tshark', usually: 'half a minute' }))) {
    throw new PlainError(
      'tshark, the command of Wireshark, is missing: install it, then run npm run trace-check again',
    );
  }
  await build({ log });
  const test = spawn(process.execPath, ['--test', '--test-force-exit', join(root, 'tests/trace/tshark.test.mjs')], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, WASMQTT_TSHARK: 'wanted' },
  });
  const [code] = await once(test, 'close');
  return code ?? 1;
});
