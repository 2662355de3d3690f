/**
 * Pages, a browser, lines and a broker that are killed at moments and in ways that follow from a seed, while numbered
 * messages go from a page to two others. What came of the messages is the ledger's to say.
 */

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAsync } from 'mqtt';
import puppeteer from 'puppeteer-core';
import { Line } from '../support/line.mjs';
import { Mosquitto } from '../support/mosquitto-process.mjs';
import { close, HOST, listen, portOf } from '../support/net.mjs';
import { Chance } from './chance.mjs';
import { Ledger } from './ledger.mjs';
import { PAGES, UNHEARD } from './pages.mjs';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
/** @typedef {'publisher' | 'auto' | 'after'} Role */
const ROLES = /** @type {const} */ (['publisher', 'auto', 'after']);

/** What can be killed, and how often beside the others. */
export const KINDS = /** @type {const} */ ({
  crash: 4,
  reload: 4,
  close: 3,
  browser: 2,
  broker: 2,
  'broker-kill': 1,
  cut: 4,
  'cut in a packet': 4,
  freeze: 2,
  strand: 3,
  slow: 3,
  refuse: 2,
});

/** @typedef {keyof typeof KINDS} Kind */

/**
 * @typedef {object} Plan
 * @property {number} seed
 * @property {number} kills
 * @property {readonly Kind[]} kinds
 * @property {'relaxed' | 'strict'} durability
 * @property {'chrome' | 'firefox'} browser
 * @property {string} executable
 * @property {boolean} [worker] whether engines are in workers
 * @property {(line: string) => void} [log]
 */

/** @param {Plan} plan */
export async function chaos(plan) {
  const world = new World(plan);
  try {
    await world.begin();
    for (let kill = 1; kill <= plan.kills; kill++) {
      await world.progress(world.chance.within(3, 30));
      const kind = world.chance.pick(plan.kinds, KINDS);
      world.kills[kind] = (world.kills[kind] ?? 0) + 1;
      plan.log?.(`${kill}: ${kind}`);
      await world.happens(kind);
    }
    await world.heal();
    const { ledger, kills, killsOf } = world;
    return {
      kills,
      killsOf,
      published: ledger.published,
      auto: ledger.subscribed('auto'),
      after: ledger.subscribed('after'),
      slips: ledger.slips,
    };
  } finally {
    await world.end();
  }
}

class World {
  ledger = new Ledger();
  /** @type {Partial<Record<Kind, number>>} */
  kills = {};
  /** Of each page how often it, or its browser, was killed. @type {Record<Role, number>} */
  killsOf = { publisher: 0, auto: 0, after: 0 };
  #plan;
  chance;
  /** It drops nothing by itself: as it comes, what waits for a slow page beyond a thousand is gone. */
  #broker = new Mosquitto({
    persistence: true,
    config: [`max_inflight_messages ${UNHEARD}`, 'max_queued_messages 0'],
  });
  /** @type {Partial<Record<Role, Line>>} */
  #lines = {};
  /** @type {Partial<Record<Role, import('puppeteer-core').Page>>} */
  #pages = {};
  /** @type {import('puppeteer-core').Browser | undefined} */
  #browser;
  #profile = '';
  /** @type {import('mqtt').MqttClient | undefined} */
  #recorder;
  #server = createServer((request, response) => this.#serve(request, response));
  /** @type {Set<() => void>} */
  #waiting = new Set();

  /** @param {Plan} plan */
  constructor(plan) {
    this.#plan = plan;
    this.chance = new Chance(plan.seed);
  }

  async begin() {
    await this.#broker.start();
    await listen(this.#server);
    for (const role of ROLES) {
      const line = new Line(this.#broker.wsPort);
      line.tap = () => this.ledger.wires[role].connection();
      await line.start();
      this.#lines[role] = line;
    }
    const properties = { sessionExpiryInterval: 3600 };
    this.#recorder = await connectAsync(this.#broker.tcpUrl, {
      protocolVersion: 5,
      clientId: 'recorder',
      clean: false,
      properties,
      reconnectPeriod: 50,
    });
    this.#recorder.on('error', () => {});
    this.#recorder.on('message', (_, payload) => {
      this.ledger.seen.push(Number(payload));
      this.#look();
    });
    await this.#recorder.subscribeAsync('chaos/#', { qos: 2 });
    this.#profile = await mkdtemp(join(tmpdir(), 'wasmqtt-chaos-'));
    await this.#launch();
    // Both listen before the first message goes.
    await this.#open('auto');
    await this.#open('after');
    for (const role of /** @type {const} */ (['auto', 'after'])) {
      await this.#pages[role]?.waitForFunction('client.state === "connected"', { polling: 50 });
      await this.#pages[role]?.evaluate('client.flush().then(() => client.ping())');
    }
    await this.#open('publisher');
  }

  /** Until so many more messages are promised. @param {number} count */
  async progress(count) {
    const goal = this.ledger.promised.size + count;
    await this.#until(() => this.ledger.promised.size >= goal, 'no message is promised any more');
  }

  /** @param {Kind} kind */
  async happens(kind) {
    const role = ROLES[this.chance.within(0, 2)] ?? 'publisher';
    const line = this.#lines[role];
    const page = this.#pages[role];
    switch (kind) {
      case 'crash': {
        this.killsOf[role]++;
        const crashed = page && once(page, 'error');
        const session = await page?.createCDPSession();
        session?.send('Page.crash').catch(() => {});
        await crashed;
        await page?.close().catch(() => {});
        return this.#open(role);
      }
      case 'reload':
        this.killsOf[role]++;
        await page?.reload();
        return;
      case 'close':
        this.killsOf[role]++;
        await page?.close();
        return this.#open(role);
      case 'browser': {
        const browser = this.#browser;
        const gone = browser && once(browser, 'disconnected');
        browser?.process()?.kill('SIGKILL');
        await gone;
        await this.#launch();
        for (const each of ROLES) {
          this.killsOf[each]++;
          await this.#open(each);
        }
        return;
      }
      case 'broker':
        return this.#broker.restart();
      case 'broker-kill':
        await this.#broker.kill();
        return this.#broker.start();
      case 'cut':
        return line?.cut();
      case 'cut in a packet':
        return line?.cutInside();
      case 'freeze': {
        line?.blackhole();
        // The others go on, unless it is the publisher that is frozen: what it promises is stored all the same.
        await this.progress(this.chance.within(3, 20));
        return line?.restore();
      }
      case 'strand':
        return line?.strand();
      case 'slow': {
        line?.slow();
        await this.progress(this.chance.within(3, 20));
        return line?.restore();
      }
      case 'refuse': {
        line?.refuse();
        line?.cut();
        await this.progress(this.chance.within(3, 20));
        return line?.restore();
      }
    }
  }

  /** Everything works, nobody publishes any more, and what was promised arrives. */
  async heal() {
    for (const line of Object.values(this.#lines)) {
      line.restore();
    }
    const { publisher, auto, after } = this.#pages;
    await publisher?.evaluate('publishing = false');
    await publisher?.waitForFunction('client.pending().then((all) => all.length === 0)', {
      timeout: 180_000,
      polling: 100,
    });
    await this.#until(() => this.ledger.isSettled, 'what was promised does not arrive').catch(() => {});
    // What the broker sends to the pages after that is behind all that it has for them.
    await publisher?.evaluate('client.publish("chaos/2", String(1e9), { qos: 2 })');
    const all = () => [this.ledger.heard.auto, this.ledger.heard.after].every((all) => all.includes(1e9));
    await this.#until(() => all() && this.ledger.seen.includes(1e9), 'the last message does not arrive');
    await publisher?.evaluate('client.publish("chaos/1", String(1e9 + 1), { qos: 1 })');
    const last = () => [this.ledger.heard.auto, this.ledger.heard.after].every((all) => all.includes(1e9 + 1));
    await this.#until(() => last() && this.ledger.seen.includes(1e9 + 1), 'the last message does not arrive');
    await Promise.all([publisher, auto, after].map((page) => page?.evaluate('client.close()')));
  }

  async end() {
    this.#browser?.process()?.kill('SIGKILL');
    await this.#recorder?.endAsync(true).catch(() => {});
    for (const line of Object.values(this.#lines)) {
      await line.stop();
    }
    this.#server.closeAllConnections();
    await close(this.#server);
    await this.#broker.remove();
    if (this.#profile) {
      await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    }
  }

  async #launch() {
    const { browser, executable } = this.#plan;
    const args =
      browser === 'chrome'
        ? [
            '--no-sandbox',
            '--disable-dev-shm-usage',
            '--disable-gpu',
            '--disable-hang-monitor',
            '--disable-background-timer-throttling',
            '--disable-renderer-backgrounding',
            '--disable-backgrounding-occluded-windows',
          ]
        : [];
    this.#browser = await puppeteer.launch({
      browser,
      executablePath: executable,
      userDataDir: this.#profile,
      args,
      protocolTimeout: 120_000,
    });
    this.#pages = {};
  }

  /** @param {Role} role */
  async #open(role) {
    const page = await this.#browser?.newPage();
    this.#pages[role] = page;
    const query = new URLSearchParams({
      line: this.#lines[role]?.url ?? '',
      durability: this.#plan.durability,
      worker: `${this.#plan.worker === true}`,
    });
    await page?.goto(`http://${HOST}:${portOf(this.#server)}/${role}.html?${query}`);
  }

  /**
   * @param {() => boolean} condition
   * @param {string} otherwise
   */
  async #until(condition, otherwise) {
    const end = Date.now() + 180_000;
    while (!condition()) {
      if (Date.now() > end) {
        throw new Error(`${otherwise}: ${await this.#states()}`);
      }
      await new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.#waiting.delete(done);
          resolve(undefined);
        };
        const timer = setTimeout(done, 1_000);
        this.#waiting.add(done);
      });
    }
  }

  /** What the pages say of themselves. */
  async #states() {
    const states = ROLES.map(async (role) => {
      const page = this.#pages[role];
      const state = page?.evaluate('client.state + " " + JSON.stringify(client.stats())');
      const late = new Promise((resolve) => setTimeout(resolve, 5_000, 'no answer'));
      return `${role}: ${await Promise.race([state?.catch(String), late])}`;
    });
    return (await Promise.all(states)).join('; ');
  }

  #look() {
    for (const look of [...this.#waiting]) {
      look();
    }
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #serve(request, response) {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://chaos');
    const page = PAGES[/** @type {keyof typeof PAGES} */ (pathname)];
    if (page) {
      response.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-store' }).end(page);
      return;
    }
    if (pathname.startsWith('/dist/')) {
      response.writeHead(200, { 'content-type': 'text/javascript' });
      createReadStream(join(DIST, normalize(pathname.slice(5)))).pipe(response);
      return;
    }
    let body = '';
    try {
      for await (const chunk of request) {
        body += chunk;
      }
    } catch {
      // The page was killed while it spoke.
      return;
    }
    const number = Number(body);
    const { ledger } = this;
    if (pathname === '/take') {
      response.end(`${ledger.take(10)}`);
      return;
    }
    if (pathname === '/promised') {
      ledger.promised.add(number);
    } else if (pathname === '/completed') {
      ledger.completed.add(number);
    } else if (pathname === '/heard') {
      (searchParams.get('who') === 'auto' ? ledger.heard.auto : ledger.heard.after).push(number);
    }
    response.end();
    this.#look();
  }
}
