/**
 * Pages that share one connection, and are killed, closed, reloaded, frozen and hang at moments that follow from a seed, while each
 * publishes numbered messages and hears those of all. What must be: a publish whose promise resolved has arrived, of QoS 2
 * once; a page that lives hears what arrives, of QoS 2 once; every promise of it settles.
 */

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAsync } from 'mqtt';
import puppeteer from 'puppeteer-core';
import { Line } from '../support/line.mjs';
import { Mosquitto } from '../support/mosquitto-process.mjs';
import { close, HOST, listen, portOf } from '../support/net.mjs';
import { Chance } from './chance.mjs';
import { Wire } from './tap.mjs';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const PAGES = 4;

/** What is done to a page, or to the line, and how often beside the others. */
export const SHARED_KINDS = /** @type {const} */ ({
  crash: 3,
  'crash of the leader': 4,
  close: 2,
  'close of the leader': 3,
  reload: 2,
  freeze: 2,
  'hang of the leader': 2,
  cut: 2,
});

/** @typedef {keyof typeof SHARED_KINDS} SharedKind */

/** How pages find each other; `worker` is the SharedWorker. */
export const WAYS = /** @type {const} */ ({
  worker: '',
  locks: 'delete globalThis.SharedWorker;',
  lease:
    "delete globalThis.SharedWorker; Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });",
});

const page = (/** @type {string} */ without) => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<title>chaos</title><script>${without}</script><script type="module">
  import { connect } from '/dist/index.js';
  const parameters = new URLSearchParams(location.search);
  const tell = (path, body) => fetch(path, { method: 'POST', body, keepalive: true }).catch(() => {});
  const session = parameters.get('stored') === 'true' ? { persist: 'indexeddb', name: 'shared', inUse: 'wait' } : undefined;
  const client = connect(parameters.get('line'), {
    share: 'chaos', session, keepAlive: 5, reconnect: { min: 20, max: 200 },
  });
  const take = async () => Number(await (await fetch('/take', { method: 'POST' })).text());
  // Of each time that it was there without a break: what it heard, and from which number on that must be all.
  const times = [{ from: Infinity, heard: [] }];
  const begin = async () => {
    const time = { from: Infinity, heard: [] };
    times.push(time);
    await client.publish('shared/2', 'here', { qos: 1 }).catch(() => {});
    time.from = await take();
  };
  Object.assign(globalThis, { client, times, publishing: true, settled: [], lost: 0, failed: [] });
  client.on('close', ({ error }) => failed.push('closed ' + error?.message));
  client.on('session-lost', () => globalThis.lost++);
  await client.subscribe('shared/#', (message) => times.at(-1).heard.push(message.text()), { qos: 2 }).ready;
  await begin();
  document.addEventListener('resume', begin);
  globalThis.hang = (ms) => {
    const end = Date.now() + ms;
    while (Date.now() < end);
    return begin();
  };
  globalThis.loaded = true;
  const publish = (number) => {
    const qos = number % 2 === 0 ? 2 : 1;
    return client.publish('shared/' + qos, String(number), { qos }).then(
      () => tell('/completed', String(number)),
      (error) => failed.push(number + ' ' + error.code),
    );
  };
  while (globalThis.publishing) {
    const first = await take();
    const all = Promise.all([0, 1, 2, 3, 4, 5].map((index) => publish(first + index)));
    settled.push(all);
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 200))]);
  }
</script>`;

/**
 * @param {{ seed: number, kills: number, way: keyof typeof WAYS, stored?: boolean, executable: string,
 *   hangs?: boolean, log?: ((line: string) => void) | undefined }} plan with `hangs: false` no page hangs
 */
export async function sharedChaos(plan) {
  const world = new World(plan);
  try {
    await world.begin();
    /** @type {Partial<Record<SharedKind, number>>} */
    const kills = {};
    const all = /** @type {SharedKind[]} */ (Object.keys(SHARED_KINDS));
    const kinds = all.filter((kind) => kind !== 'hang of the leader' || plan.hangs !== false);
    for (let kill = 1; kill <= plan.kills; kill++) {
      await world.progress(world.chance.within(5, 40));
      const kind = world.chance.pick(kinds, SHARED_KINDS);
      kills[kind] = (kills[kind] ?? 0) + 1;
      plan.log?.(`${kill}: ${kind}, ${world.arrived} have arrived`);
      await world.happens(kind);
    }
    return { kills, ...(await world.heal()) };
  } finally {
    await world.end();
  }
}

class World {
  #plan;
  chance;
  #broker = new Mosquitto({ persistence: true });
  #line = new Line(0);
  /** @type {import('puppeteer-core').Browser | undefined} */
  #browser;
  /** In the order in which they came. @type {import('puppeteer-core').Page[]} */
  #pages = [];
  #next = 0;
  /** @type {Set<number>} */
  #completed = new Set();
  /** What arrived, in its order. @type {string[]} */
  #seen = [];
  #lost = 0;
  #wire = new Wire(false, 5);
  #down = new Wire(true, 5);
  /** @type {import('mqtt').MqttClient | undefined} */
  #recorder;
  /** @type {Set<() => void>} */
  #waiting = new Set();
  #server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://site');
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        if (url.pathname === '/take') {
          this.#next += 6;
          response.end(String(this.#next - 6));
        } else {
          this.#completed.add(Number(body));
          response.end();
          this.#look();
        }
      });
    } else if (url.pathname.startsWith('/dist/')) {
      const file = createReadStream(join(DIST, normalize(url.pathname.slice('/dist'.length))));
      const type = url.pathname.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
      file.on('error', () => response.writeHead(404).end());
      file.once('open', () => {
        response.writeHead(200, { 'content-type': type });
        file.pipe(response);
      });
    } else {
      response.writeHead(200, { 'content-type': 'text/html' }).end(page(WAYS[this.#plan.way]));
    }
  });

  /** @param {Parameters<typeof sharedChaos>[0]} plan */
  constructor(plan) {
    this.#plan = plan;
    this.chance = new Chance(plan.seed);
  }

  async begin() {
    await this.#broker.start();
    this.#line = new Line(this.#broker.wsPort);
    this.#line.tap = () => {
      const both = [this.#wire.connection(), this.#down.connection()];
      return (bytes, down) => {
        for (const tap of both) {
          tap(bytes, down);
        }
      };
    };
    await this.#line.start();
    await listen(this.#server);
    this.#recorder = await connectAsync(this.#broker.tcpUrl, { protocolVersion: 5, clientId: 'recorder' });
    this.#recorder.on('message', (_, payload) => {
      this.#seen.push(payload.toString());
      this.#look();
    });
    await this.#recorder.subscribeAsync('shared/#', { qos: 2 });
    this.#browser = await puppeteer.launch({
      executablePath: this.#plan.executable,
      args: [
        '--no-sandbox',
        '--disable-dev-shm-usage',
        '--disable-gpu',
        '--disable-hang-monitor',
        '--disable-background-timer-throttling',
        '--disable-renderer-backgrounding',
        '--disable-backgrounding-occluded-windows',
      ],
      protocolTimeout: 120_000,
    });
    for (let index = 0; index < PAGES; index++) {
      await this.#open();
    }
  }

  get arrived() {
    return this.#seen.length;
  }

  /** Until so many more are complete. @param {number} count */
  async progress(count) {
    const goal = this.#completed.size + count;
    await this.#until(() => this.#completed.size >= goal, 'nothing is complete any more');
  }

  /** @param {SharedKind} kind */
  async happens(kind) {
    const leader = kind.endsWith('leader') ? await this.#leader() : undefined;
    const index = leader ? this.#pages.indexOf(leader) : this.chance.within(0, this.#pages.length - 1);
    const page = this.#pages[index];
    if (!page) {
      return;
    }
    if (kind === 'cut') {
      this.#line.cut();
      return;
    }
    if (kind === 'freeze') {
      const session = await page.createCDPSession();
      await session.send('Page.setWebLifecycleState', { state: 'frozen' });
      await this.progress(this.chance.within(1, 20));
      await session.send('Page.setWebLifecycleState', { state: 'active' });
      await session.detach();
      return;
    }
    if (kind === 'hang of the leader') {
      await page.evaluate(`hang(${this.chance.within(1_000, 9_000)})`);
      return;
    }
    this.#lost += Number(await page.evaluate('globalThis.lost').catch(() => 0));
    if (kind === 'reload') {
      await page.reload();
      await page.waitForFunction('globalThis.loaded', { polling: 20 });
      return;
    }
    this.#pages.splice(index, 1);
    if (kind.startsWith('crash')) {
      const gone = once(page, 'error');
      const session = await page.createCDPSession();
      session.send('Page.crash').catch(() => {});
      await gone;
    }
    await page.close().catch(() => {});
    await this.#open();
  }

  /** Nobody publishes any more, and all that was arrives. */
  async heal() {
    for (const page of this.#pages) {
      await page.evaluate('globalThis.publishing = false');
    }
    /** @type {string[]} */
    const failed = [];
    for (const page of this.#pages) {
      failed.push(.../** @type {string[]} */ (await page.evaluate('Promise.all(settled).then(() => failed)')));
      this.#lost += Number(await page.evaluate('globalThis.lost'));
    }
    const [first] = this.#pages;
    await first?.evaluate('client.publish("shared/2", "last", { qos: 2 })');
    await this.#until(() => this.#seen.includes('last'), 'the last message does not arrive');
    const seen = this.#seen;
    const set = new Set(seen);
    const even = (/** @type {string} */ text) => /^\d*[02468]$/.test(text);
    const twice = (/** @type {string[]} */ all) =>
      all.filter((text, at) => even(text) && all.indexOf(text) < at).length;
    const result = {
      completed: this.#completed.size,
      lost: [...this.#completed].filter((number) => !set.has(String(number))).length,
      doubled: twice(seen),
      failed: failed.length,
      heard: 0,
      unheard: 0,
      heardTwice: 0,
      sessionsLost: this.#lost,
      slips: [
        ...failed,
        ...seen
          .filter((text, at) => even(text) && seen.indexOf(text) < at)
          .map((text) => `${text} came twice: ${this.#wire.history.get(Number(text))?.join(', ')}`),
      ],
    };
    for (const page of this.#pages) {
      await page.waitForFunction('times.at(-1).heard.includes("last")', { polling: 50 });
      const { from, heard } = /** @type {{ from: number, heard: string[] }} */ (await page.evaluate('times.at(-1)'));
      const has = new Set(heard);
      const due = seen.filter((text) => even(text) && Number(text) >= from);
      result.heard += due.length;
      const missing = due.filter((text) => !has.has(text));
      result.unheard += missing.length;
      result.heardTwice += twice(heard);
      const again = heard.filter((text, at) => even(text) && heard.indexOf(text) < at);
      result.slips.push(
        ...again.map((text) => `heard twice: ${text}: ${this.#down.history.get(Number(text))?.join(', ')}`),
      );
      result.slips.push(...missing.map((text) => `a page that was there from ${from} on has not heard ${text}`));
    }
    return result;
  }

  async end() {
    this.#browser?.process()?.kill('SIGKILL');
    await this.#recorder?.endAsync(true).catch(() => {});
    await this.#line.stop();
    this.#server.closeAllConnections();
    await close(this.#server);
    await this.#broker.remove();
  }

  /** The page that has the connection, if one has. */
  async #leader() {
    for (const page of this.#pages) {
      if ((await page.evaluate('client.sharing?.place')) === 'this-page') {
        return page;
      }
    }
    return this.#pages[0];
  }

  async #open() {
    const page = await this.#browser?.newPage();
    if (page) {
      const query = new URLSearchParams({
        line: this.#line.url,
        stored: `${this.#plan.stored === true}`,
      });
      await page.goto(`http://${HOST}:${portOf(this.#server)}/?${query}`);
      await page.waitForFunction('globalThis.loaded', { polling: 20 });
      this.#pages.push(page);
    }
  }

  /** @param {() => boolean} condition @param {string} otherwise */
  async #until(condition, otherwise) {
    const end = Date.now() + 60_000;
    while (!condition()) {
      if (Date.now() > end) {
        const states = await Promise.all(
          this.#pages.map((page) =>
            page.evaluate('JSON.stringify([client.state, client.sharing, client.stats()])').catch(String),
          ),
        );
        throw new Error(`${otherwise}: ${states.join('; ')}`);
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

  #look() {
    for (const done of [...this.#waiting]) {
      done();
    }
  }
}
