/**
 * What the fuzzing script is asked for. It does not know how it is done.
 */

import { PlainError } from '../setup/say.mjs';

/** In the order in which they run. */
export const TARGETS = ['decoder', 'chopper', 'engine'];

/**
 * @param {readonly string[]} args names of targets, `--minutes N` for all of them together, `--keep`
 */
export function optionsOf(args) {
  const options = { targets: /** @type {string[]} */ ([]), minutes: 15, keep: false };
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--minutes') {
      at += 1;
      options.minutes = Number(args[at]);
    } else if (arg === '--keep') {
      options.keep = true;
    } else if (TARGETS.includes(arg)) {
      options.targets.push(arg);
    } else {
      throw new PlainError(`There is no '${arg}': npm run fuzz -- [${TARGETS.join('|')}] [--minutes N] [--keep]`);
    }
  }
  if (!(options.minutes > 0)) {
    throw new PlainError('--minutes takes a number above 0: of all targets together');
  }
  if (options.targets.length === 0) {
    options.targets = [...TARGETS];
  }
  return options;
}
