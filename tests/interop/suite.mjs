/**
 * Every scenario against one broker, in every version that both know: one test each. What came of it is written down
 * for the table. It does not know what the scenarios do.
 */

import { appendFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startBrowser } from '../support/browser.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';
import { deviationOf } from './deviations.mjs';
import { SCENARIOS } from './scenarios/index.mjs';

/**
 * @typedef {4 | 5} Protocol
 *
 * @typedef {object} Running
 * @property {string} version
 * @property {string} url
 * @property {string} tcpUrl
 * @property {{ username: string, password: string }} [login] of everybody
 * @property {{ url: string, username: string, password: string }} [secured] where a password is needed
 * @property {{ url: string, username: string, password: string }} [scram]
 * @property {{ url: string } & Record<string, unknown>} [limited] with what CONNACK announces there
 *
 * @typedef {object} Broker
 * @property {string} name
 * @property {readonly Protocol[]} protocols
 * @property {Record<string, string>} lacks features that it does not have, and how that is known
 * @property {number} [concurrency] scenarios at a time, where it does not bear several
 * @property {() => Promise<Running>} start
 *
 * @typedef {object} Scenario
 * @property {string} feature
 * @property {readonly Protocol[]} protocols
 * @property {keyof Running} [needs]
 * @property {(context: Context) => Promise<void>} run
 *
 * @typedef {Awaited<ReturnType<typeof context>>} Context
 */

const NAMES = { 4: '3.1.1', 5: '5.0' };
const LIMIT = 60_000;

/** Milliseconds after which a broker that is known to do otherwise has done so. */
const PATIENCE = 15_000;

/** Scenarios at a time: slow ones wait for the broker, not for the machine. */
const CONCURRENCY = 4;

/** Runs them. */
export async function suite(/** @type {Broker} */ broker) {
  const running = await broker.start();
  const { open } = await startBrowser();
  await note({ broker: broker.name, version: running.version });
  for (const protocol of broker.protocols) {
    describe(`${broker.name} ${NAMES[protocol]}`, { concurrency: broker.concurrency ?? CONCURRENCY }, () => {
      for (const scenario of SCENARIOS) {
        const { feature, needs } = scenario;
        const cell = { broker: broker.name, protocol: NAMES[protocol], feature };
        const lacks = broker.lacks[feature];
        if (!scenario.protocols.includes(protocol)) {
          continue;
        }
        if (lacks || (needs && !running[needs])) {
          it(`${feature}: not there`, () => note({ ...cell, result: 'lacks', why: lacks ?? 'it announces none' }));
          continue;
        }
        it(feature, { timeout: LIMIT }, async () => {
          const deviation = deviationOf(cell);
          try {
            const run = once(broker, running, protocol, feature, open, scenario);
            await (deviation ? Promise.race([run, late()]) : run);
          } catch (error) {
            if (deviation) {
              await note({ ...cell, result: 'deviates', why: deviation });
              return;
            }
            await note({ ...cell, result: 'failed', why: String(error) });
            throw error;
          }
          if (deviation) {
            await note({ ...cell, result: 'failed', why: 'the deviation is gone' });
            throw new Error(`it does what it should, so its deviation is to be struck out: ${deviation}`);
          }
          await note({ ...cell, result: 'ok' });
        });
      }
    });
  }
}

async function late() {
  await pause(PATIENCE, undefined, { ref: false });
  throw new Error('what was waited for did not come');
}

async function once(broker, running, protocol, feature, open, scenario) {
  const { page } = await open();
  try {
    await scenario.run(await context(broker, running, protocol, feature, page));
  } finally {
    await page.close().catch(() => {});
  }
}

/** What a scenario has at hand. */
async function context(broker, running, protocol, feature, page) {
  const topic = `interop/${feature.replaceAll(/\W+/g, '-')}/${protocol}`;
  const id = (/** @type {string} */ name) => `${name}-${protocol}-${feature.replaceAll(/\W+/g, '')}`.slice(0, 23);
  const login = running.login ?? {};
  return {
    broker,
    running,
    protocol,
    five: protocol === 5,
    page,
    /** Two levels at least, and its own. */
    topic,
    id,
    /** Connects the page, as `client` there or under another name. */
    connect: (options = {}, url = running.url, name = 'client') =>
      page.evaluate(
        async (url, options, name) => {
          globalThis[name] = wasmqtt.connect(url, options);
          const server = await globalThis[name].ready;
          return { ...server };
        },
        url,
        { protocol, ...login, ...options },
        name,
      ),
    /** Somebody else's client, in the same version. */
    peer: (options = {}) => connectPeer(running, { protocolVersion: protocol, ...login, ...options }),
    /** A line to the broker that can be cut. */
    line: async () => {
      const { port, pathname } = new URL(running.url);
      const line = await startProxy(Number(port));
      return Object.assign(line, { address: line.url.replace(/\/$/, pathname) });
    },
  };
}

export async function note(/** @type {object} */ cell) {
  if (process.env.INTEROP_RESULTS) {
    await appendFile(process.env.INTEROP_RESULTS, `${JSON.stringify(cell)}\n`);
  }
}
