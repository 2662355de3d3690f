/**
 * npm run originals -- NAME: the tests of the client that `wasmqtt/NAME` stands in for, run against it, as a table; and programs that
 * people wrote for MQTT.js. They are fetched into the cache of the user, and are no part of this project. It does not know how they
 * run.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** What of other clients is run; each has a module beside this one with a function `run`. */
const ORIGINALS = ['mqttjs', 'paho', 'programs'];

const { values, positionals } = parseArgs({
  options: {
    from: { type: 'string' },
    only: { type: 'string' },
    all: { type: 'boolean' },
    mqtt: { type: 'string' },
    original: { type: 'boolean' },
  },
  allowPositionals: true,
});
const there = ORIGINALS.filter((name) => existsSync(join(import.meta.dirname, `${name}.mjs`)));
const names = positionals.length > 0 ? positionals : there;
if (names.some((name) => !there.includes(name))) {
  console.error(`usage: npm run originals -- [${there.join('|')}] [--from DIR] [--only TEXT] [--all]

--from DIR   the sources of the original, where they cannot be fetched; programs: a folder with them by their repositories' names
--only TEXT  the cases alone whose name has that text
--all        say those that pass, too
--mqtt 3     paho: with MQTT 3.1 in place of 3.1.1
--original   paho, programs: with the original itself`);
  process.exit(2);
}
for (const name of names) {
  const { run } = await import(`./${name}.mjs`);
  if (!(await run(values))) {
    process.exitCode = 1;
  }
}
// What was started for them ends with this.
process.exit();
