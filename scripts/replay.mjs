/** Runs a recording of `wasmqtt/trace` through the engine: `npm run replay -- FILE`. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { environment } from './build/steps.mjs';
import { root } from './setup/places.mjs';
import { main, PlainError } from './setup/say.mjs';

await main(async () => {
  const [file] = process.argv.slice(2);
  if (!file || !existsSync(file)) {
    throw new PlainError('npm run replay -- FILE: a recording as JSON.stringify wrote it');
  }
  const args = ['test', '--quiet', '--locked', '--test', 'replay', '--', '--exact', '--nocapture'];
  const test = spawn('cargo', [...args, 'the_recording_that_was_asked_for_is_told_again'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...(await environment()), WASMQTT_REPLAY: resolve(file) },
  });
  const [code] = await once(test, 'close');
  return code ?? 1;
});
