/**
 * The end-to-end tests in one browser, with what could not be run there, and why. It sets up and builds what they need,
 * and does not know what they test.
 */

import { parseArgs } from 'node:util';
import { buildStep } from './check.mjs';
import { root } from './setup/places.mjs';
import { run } from './setup/run.mjs';
import { main, PlainError, seconds } from './setup/say.mjs';
import { setUpWebKit } from './setup/webkit.mjs';
import { setup, toolEnv } from './setup.mjs';
import { count, endToEnd, leftOut } from './test/groups.mjs';

const HELP = `npm run e2e -- [--browser NAME] [TEST …]
  --browser NAME   chromium, firefox or webkit; chromium
  TEST             names of files in tests/e2e without their ending, as reconnect; all of them`;

/** A file that says nothing for so long hangs. */
const SILENCE = 10 * 60_000;

await main(async () => {
  const { values, positionals: names } = parseArgs({
    options: { browser: { type: 'string', default: 'chromium' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const { browser } = values;
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (browser !== 'chromium' && browser !== 'firefox' && browser !== 'webkit') {
    throw new PlainError(`There is no browser '${browser}'.\n${HELP}`);
  }
  const wanted = await endToEnd(browser, names);
  await setup({ browsers: true, runner: false, checks: false });
  if (browser === 'webkit') {
    await setUpWebKit(console.log);
  }
  const built = await buildStep();
  console.log(built.output.trimEnd());
  if (!built.ok) {
    return 1;
  }
  const { ok, output, ms } = await run(wanted.command, wanted.args, {
    cwd: root,
    env: { ...toolEnv(), ...wanted.env },
    silence: SILENCE,
    onText: (text) => process.stdout.write(text),
  });
  const { passed, failed, skipped } = count(output);
  const left = leftOut(output);
  if (left.length > 0) {
    console.log(`\nLeft out in ${browser}:\n${left.map((line) => `  ${line}`).join('\n')}`);
  }
  console.log(`\n${browser}: ${passed} passed, ${failed} failed, ${skipped} left out (${seconds(ms)})`);
  return ok && passed > 0 && failed === 0 ? 0 : 1;
});
