/** `npm run chaos`: as many kills as one wants, and a table of what came of them. */

import { writeFileSync } from 'node:fs';
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
  --markdown FILE      what came of it, as a page of the documentation
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
      markdown: text,
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
    markdown: values.markdown,
  };
}

try {
  const { kills, each, seed, browser, durability, kinds, worker, share, stored, markdown } = options();
  const browsers = findBrowsers();
  const executable = browser === 'chrome' ? browsers.chromium : browsers.firefox;
  if (!executable) {
    throw new Error(`There is no ${browser}: npm test installs it`);
  }
  if (share) {
    await shared(kills, each, seed, stored, executable, markdown);
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
  const names = {
    published: 'page to broker',
    auto: 'broker to page',
    after: 'broker to page, acknowledged after the handler',
  };
  const tables = [
    '| killed | times |',
    '|---|---:|',
    ...Object.entries(by).map(([kind, count]) => `| ${kind} | ${count} |`),
    '',
    "| way | messages | lost | doubled | reordered | handled again | the broker's own slips |",
    '|---|---:|---:|---:|---:|---:|---:|',
    ...Object.entries(names).map(([key, name]) => {
      const { messages = 0, lost = 0, doubled = 0, reordered = 0, again = 0, broker = 0 } = all[key] ?? {};
      return `| ${name} | ${messages} | ${lost} | ${doubled} | ${reordered} | ${again} | ${broker} |`;
    }),
    '',
    'What is acknowledged as it comes can be lost with the page that had it open: at most as many messages a kill as the',
    'broker sends ahead, which is 20 here. Nothing else may be lost, doubled or out of order.',
    '',
    `Runs that failed: ${failed}.`,
  ];
  console.log(`\n${killed} kills\n\n${tables.join('\n')}`);
  if (markdown) {
    const how = `${browser}, durability ${durability}${worker ? ', engines in workers' : ''}, seeds from ${seed} on`;
    writeFileSync(markdown, page(`${killed} kills: ${how}.`, tables));
  }
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
 * @param {string | undefined} markdown a file
 */
async function shared(kills, each, seed, stored, executable, markdown) {
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
  const head = `| way | kills | ${columns.join(' | ')} | runs that failed |`;
  const tables = [head, `|---|${'---:|'.repeat(columns.length + 2)}`, ...rows];
  console.log(`\n${tables.join('\n')}`);
  if (markdown) {
    const how = `${stored ? ', with a stored session' : ''}, seeds from ${seed} on`;
    writeFileSync(markdown, page(`Pages that share a connection${how}.`, tables));
  }
}

/**
 * The page of the documentation.
 *
 * @param {string} what
 * @param {string[]} tables
 */
function page(what, tables) {
  return [
    '# Chaos',
    '',
    'Written by `npm run chaos -- --markdown FILE`: real pages, browsers, lines and mosquitto, killed at random while',
    'numbered messages go. What was said on the wires tells whose slip it was.',
    '',
    what,
    '',
    ...tables,
    '',
  ].join('\n');
}

/** @param {Record<string, number>} sum @param {Record<string, number>} more */
function add(sum, more) {
  for (const [key, value] of Object.entries(more)) {
    sum[key] = (sum[key] ?? 0) + value;
  }
}
process.exit();
