/** Every row with every contestant, interleaved, each in a fresh page of one Chromium. It does not know how they are shown. */

import { Mosquitto } from '../support/mosquitto-process.mjs';
import { startChromium } from './chromium.mjs';
import { contestants, weight } from './contestants.mjs';
import { startServer } from './server.mjs';
import { startSite } from './site.mjs';
import { steady } from './steady.mjs';

/**
 * @typedef {object} Results
 * @property {string} browser
 * @property {string} broker
 * @property {{ name: string, title: string, weight: { raw: number, gzip: number, brotli: number } }[]} contestants
 * @property {Record<string, Record<string, Record<string, number[]>>>} rows figures by row, contestant and figure
 * @property {Awaited<ReturnType<typeof steady>>} steady
 */

/**
 * @param {import('./options.mjs').Options} options
 * @param {(line: string) => void} say
 * @returns {Promise<{ results: Results, profiles: object[] }>}
 */
export async function measure(options, say) {
  const all = await contestants(options.contestants, options.vs);
  /** @type {(() => unknown)[]} */
  const endings = [];
  try {
    const site = await startSite(all);
    endings.push(site.close);
    const server = await startServer();
    endings.push(server.close);
    const broker = new Mosquitto({});
    endings.push(() => broker.remove());
    await broker.start();
    const chromium = await startChromium();
    endings.push(chromium.close);
    return await run({ all, site, server, broker, chromium }, options, say);
  } finally {
    for (const end of endings.reverse()) {
      await end();
    }
  }
}

/**
 * @typedef {object} Stage
 * @property {import('./contestants.mjs').Contestant[]} all
 * @property {Awaited<ReturnType<typeof startSite>>} site
 * @property {Awaited<ReturnType<typeof startServer>>} server
 * @property {Mosquitto} broker
 * @property {Awaited<ReturnType<typeof startChromium>>} chromium
 *
 * @param {Stage} stage
 * @param {import('./options.mjs').Options} options
 * @param {(line: string) => void} say
 */
async function run({ all, site, server, broker, chromium }, options, say) {
  /** @type {object[]} */
  const profiles = [];
  /** @type {Results} */
  const results = {
    browser: chromium.version,
    broker: `mosquitto ${broker.version}`,
    contestants: all.map((contestant) => ({
      name: contestant.name,
      title: contestant.title,
      weight: weight(contestant),
    })),
    rows: {},
    steady: [],
  };

  /**
   * A row with one contestant, once.
   *
   * @param {import('./rows.mjs').Row} row
   * @param {import('./contestants.mjs').Contestant} contestant
   */
  const once = async (row, contestant) => {
    const tab = await chromium.open(site.url);
    const module = `/${contestant.name}/contestant.js`;
    const said = { ...contestant.options, ...(row.version && { version: row.version }) };
    try {
      if (row.broker) {
        await tab.call('connect', module, broker.url, said);
        return await row.run({ tab, peer: /** @type {any} */ (undefined), scaled: scaled(options.scale) });
      }
      const next = server.next();
      const loading = await tab.measure(() => tab.call('connect', module, server.url, said));
      const peer = await next;
      try {
        if (row.load) {
          const { heap, linear } = await tab.memory();
          return { load: loading.cpu / 1000, ready: loading.wall / 1000, loadedHeap: heap, loadedLinear: linear };
        }
        /** @type {import('./rows.mjs').Figures} */
        let figures = {};
        const work = async () => {
          figures = await row.run({ tab, peer, scaled: scaled(options.scale) });
        };
        if (options.profile !== undefined && contestant.name === 'wasmqtt') {
          profiles.push(await tab.profile(work));
        } else {
          await work();
        }
        return figures;
      } finally {
        peer.end();
      }
    } finally {
      await tab.close();
    }
  };

  for (let rep = 1; rep <= options.reps; rep++) {
    for (const row of options.rows) {
      say(`${row.title}, ${rep} of ${options.reps}`);
      for (const contestant of all) {
        const without = (contestant.loadsOnly && !row.load) || (row.observed && !contestant.observed);
        if (without || !contestant.offers(row)) {
          continue;
        }
        const figures = await once(row, contestant).catch((error) => {
          throw new Error(`${row.name}, ${contestant.name}: ${error.message}`, { cause: error });
        });
        results.rows[row.name] ??= {};
        const byContestant = results.rows[row.name] ?? {};
        byContestant[contestant.name] ??= {};
        const kept = byContestant[contestant.name] ?? {};
        for (const [name, value] of Object.entries(figures)) {
          kept[name] = [...(kept[name] ?? []), value];
        }
      }
    }
  }

  if (options.minutes > 0) {
    say(`an even load on all at the same time, ${options.minutes} min`);
    const pages = await Promise.all(
      all
        .filter(({ loadsOnly }) => !loadsOnly)
        .map(async (contestant) => {
          const tab = await chromium.open(site.url);
          await tab.call('connect', `/${contestant.name}/contestant.js`, broker.url, contestant.options ?? {});
          return { contestant, tab };
        }),
    );
    results.steady = await steady(pages, options.minutes);
  }
  return { results, profiles };
}

/** @param {number} scale */
function scaled(scale) {
  return (/** @type {number} */ count) => Math.max(1, Math.round(count * scale));
}
