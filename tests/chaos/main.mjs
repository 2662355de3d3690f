/** `npm run chaos`: as many kills as one wants, and a table of what came of them. */

import { parseArgs } from 'node:util';
import { findBrowsers } from '../../scripts/setup/browsers.mjs';
import { chaos, KINDS } from './run.mjs';
import { sharedChaos, WAYS } from './shared.mjs';

const USAGE = `npm run chaos -- [options]
  --kills N            in all; 100
  --each N             in one run, with a browser and a broker of its own; 50
  --seed N             of the first run; the time
  --durability NAME    relaxed or strict; relaxed
  --browser NAME       chrome, or firefox, which has no command to crash a page; chrome
  --worker             engines in workers
  --share              pages that share a connection, in all the ways in which they can
  --stored             with --share: and a stored session
  --without KIND,…     of ${Object.keys(KINDS).join(', ')}`;

/** @typedef {import('./run.mjs').Kind} Kind */

function options() {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({
    options: {
      kills: text,
      each: text,
      seed: text,
      durability: text,
      browser: text,
      without: text,
      worker: { type: 'boolean' },
      share: { type: 'boolean' },
      stored: { type: 'boolean' },
    },
  });
  const whole = (/** @type {string | undefined} */ value, /** @type {number} */ otherwise) => {
    const number = Number(value ?? otherwise);
    if (!Number.isSafeInteger(number) || number < 1) {
      throw new Error(USAGE);
    }
    return number;
  };
  const browser = values.browser ?? 'chrome';
  const durability = values.durability ?? 'relaxed';
  if ((browser !== 'chrome' && browser !== 'firefox') || (durability !== 'relaxed' && durability !== 'strict')) {
    throw new Error(USAGE);
  }
  const without = values.without?.split(',') ?? [];
  const kinds = /** @type {Kind[]} */ (Object.keys(KINDS)).filter(
    (kind) => !without.includes(kind) && (kind !== 'crash' || browser === 'chrome'),
  );
  return {
    kills: whole(values.kills, 100),
    each: whole(values.each, 50),
    seed: whole(values.seed, Date.now() % 1_000_000),
    durability: /** @type {'relaxed' | 'strict'} */ (durability),
    browser: /** @type {'chrome' | 'firefox'} */ (browser),
    kinds,
    worker: values.worker === true,
    share: values.share === true,
    stored: values.stored === true,
  };
}

try {
  const { kills, each, seed, browser, durability, kinds, worker, share, stored } = options();
  const browsers = findBrowsers();
  const executable = browser === 'chrome' ? browsers.chromium : browsers.firefox;
  if (!executable) {
    throw new Error(`There is no ${browser}: npm test installs it`);
  }
  if (share) {
    await shared(kills, each, seed, stored, executable);
    process.exit();
  }
  /** @type {Record<string, number>} */
  const by = {};
  /** @type {Record<string, Record<string, number>>} */
  const all = {};
  let failed = 0;
  for (let done = 0, run = seed; done < kills; done += each, run++) {
    const plan = { seed: run, kills: Math.min(each, kills - done), kinds, durability, browser, executable, worker };
    try {
      const result = await chaos(plan);
      add(by, result.kills);
      for (const [name, figures] of Object.entries({
        published: result.published,
        auto: result.auto,
        after: result.after,
      })) {
        all[name] ??= {};
        add(all[name], figures);
      }
      console.log(`seed ${run}: ${JSON.stringify(result)}`);
    } catch (error) {
      failed++;
      console.log(`seed ${run}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const killed = Object.values(by).reduce((sum, count) => sum + count, 0);
  console.log(`\n${killed} kills\n\n| killed | times |\n|---|---:|`);
  for (const [kind, count] of Object.entries(by)) {
    console.log(`| ${kind} | ${count} |`);
  }
  console.log(
    "\n| way | messages | lost | doubled | reordered | handled again | the broker's own slips |\n|---|---:|---:|---:|---:|---:|---:|",
  );
  const names = {
    published: 'page to broker',
    auto: 'broker to page',
    after: 'broker to page, acknowledged after the handler',
  };
  for (const [key, name] of Object.entries(names)) {
    const { messages = 0, lost = 0, doubled = 0, reordered = 0, again = 0, broker = 0 } = all[key] ?? {};
    console.log(`| ${name} | ${messages} | ${lost} | ${doubled} | ${reordered} | ${again} | ${broker} |`);
  }
  console.log(`\nRuns that failed: ${failed}.`);
  const broken = Object.values(all).some(({ doubled, reordered }) => (doubled ?? 0) + (reordered ?? 0) > 0);
  process.exitCode = failed > 0 || broken || (all.published?.lost ?? 0) + (all.after?.lost ?? 0) > 0 ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

/**
 * So many kills in each way.
 *
 * @param {number} kills
 * @param {number} each
 * @param {number} seed
 * @param {boolean} stored
 * @param {string} executable
 */
async function shared(kills, each, seed, stored, executable) {
  const columns = /** @type {const} */ ([
    'completed',
    'lost',
    'doubled',
    'failed',
    'heard',
    'unheard',
    'heardTwice',
    'sessionsLost',
  ]);
  /** @type {string[]} */
  const rows = [];
  for (const way of /** @type {(keyof typeof WAYS)[]} */ (Object.keys(WAYS))) {
    /** @type {Record<string, number>} */
    const all = {};
    let [killed, failed] = [0, 0];
    for (let done = 0, run = seed; done < kills; done += each, run++) {
      try {
        const plan = { seed: run, kills: Math.min(each, kills - done), way, stored, executable };
        const { kills: by, slips, ...figures } = await sharedChaos(plan);
        killed += Object.values(by).reduce((sum, count) => sum + count, 0);
        add(all, figures);
        console.log(`${way}, seed ${run}: ${JSON.stringify({ ...figures, by, slips })}`);
      } catch (error) {
        failed++;
        console.log(`${way}, seed ${run}: ${error instanceof Error ? error.message : error}`);
      }
    }
    rows.push(`| ${way} | ${killed} | ${columns.map((name) => all[name] ?? 0).join(' | ')} | ${failed} |`);
    const { lost = 0, doubled = 0, unheard = 0 } = all;
    if (lost + (way === 'lease' ? 0 : doubled + unheard) + (all.failed ?? 0) + failed > 0) {
      process.exitCode = 1;
    }
  }
  console.log(
    `\n| way | kills | ${columns.join(' | ')} | runs that failed |\n|---|${'---:|'.repeat(columns.length + 2)}`,
  );
  console.log(rows.join('\n'));
}

/** @param {Record<string, number>} sum @param {Record<string, number>} more */
function add(sum, more) {
  for (const [key, value] of Object.entries(more)) {
    sum[key] = (sum[key] ?? 0) + value;
  }
}
process.exit();
