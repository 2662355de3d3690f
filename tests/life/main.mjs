/** `npm run life`: what takes minutes, or a hundred tabs. Each part prints its figures; one that is not kept ends with an error. */

import { parseArgs } from 'node:util';
import { findBrowsers } from '../../scripts/setup/browsers.mjs';
import { crowd } from './crowd.mjs';
import { hidden } from './hidden.mjs';
import { tabs } from './tabs.mjs';
import { wakes } from './wakes.mjs';

/** @type {Record<string, (plan: { executable: string, minutes: number, count: number }) => Promise<boolean>>} */
const PARTS = { tabs, hidden, crowd, wakes };

const USAGE = `npm run life -- [options] [part …]
  parts          ${Object.keys(PARTS).join(', ')}; all of them
  --minutes N    that pages are hidden, or idle; 10
  --count N      of tabs that share, and half as many of the crowd; 100`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '10' }, count: { type: 'string', default: '100' } },
});
const names = positionals.length > 0 ? positionals : Object.keys(PARTS);
const [minutes, count] = [Number(values.minutes), Number(values.count)];
const executable = findBrowsers().chromium;
if (!names.every((name) => name in PARTS) || !(minutes > 0) || !(count > 1)) {
  console.error(USAGE);
  process.exit(2);
}
if (!executable) {
  console.error('There is no Chromium: npm test installs it');
  process.exit(2);
}
for (const name of names) {
  console.log(`\n## ${name}`);
  const kept = await PARTS[name]?.({ executable, minutes, count });
  if (!kept) {
    console.log(`${name}: not kept`);
    process.exitCode = 1;
  }
}
process.exit();
