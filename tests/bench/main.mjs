/** `npm run bench`: the package beside others and beside a bare WebSocket, in a real browser. */

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.mjs';
import { readOptions, USAGE } from './options.mjs';
import { page, report } from './report.mjs';

const DIST = join(fileURLToPath(new URL('../../', import.meta.url)), 'dist/slim.js');

/** @type {import('./options.mjs').Options} */
let options;
try {
  options = readOptions(process.argv.slice(2));
  if (!existsSync(DIST)) {
    throw new Error('there is no built package: run npm run build first');
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  process.exit(2);
}

const { results, profiles } = await measure(options, (line) => console.error(line));
const text = report(results);
console.log(`${results.browser}, ${results.broker}, ${options.reps} repetitions\n\n${text}`);
if (options.json) {
  await writeFile(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
}
if (options.markdown) {
  await writeFile(options.markdown, page(results, options.reps));
}
if (options.profile) {
  for (const [index, profile] of profiles.entries()) {
    const file = index === 0 ? options.profile : options.profile.replace(/(\.\w+)?$/, `-${index + 1}$1`);
    await writeFile(file, JSON.stringify(profile));
  }
}
