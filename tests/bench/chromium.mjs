/**
 * A Chromium by its own protocol over a pipe, with nothing observed but what is asked for: an observed network costs the
 * page 9 µs a frame. It does not know what the pages do.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { owned } from '../support/children.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ARGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--remote-debugging-pipe',
];

export async function startChromium() {
  const folder = await mkdtemp(join(tmpdir(), 'wasmqtt-bench-'));
  const child = owned(
    spawn(program(), [...ARGS, `--user-data-dir=${folder}`], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] }),
  );
  const gone = once(child, 'exit');
  const pipe = new Pipe(
    /** @type {import('node:stream').Writable} */ (child.stdio[3]),
    /** @type {import('node:stream').Readable} */ (child.stdio[4]),
  );
  gone.then(([code]) => pipe.fail(new Error(`Chromium ended with ${code}`)));
  return {
    version: (await pipe.send('Browser.getVersion', {})).product,
    /**
     * A page in a context, and so a process, of its own.
     *
     * @param {string} url
     */
    async open(url) {
      const { browserContextId } = await pipe.send('Target.createBrowserContext', {});
      const { targetId } = await pipe.send('Target.createTarget', { url: 'about:blank', browserContextId });
      const { sessionId } = await pipe.send('Target.attachToTarget', { targetId, flatten: true });
      const tab = new Tab(pipe, sessionId, browserContextId);
      await tab.load(url);
      return tab;
    },
    async close() {
      child.kill('SIGTERM');
      await gone;
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A page. Times are in microseconds. */
export class Tab {
  #pipe;
  #session;
  #context;

  /**
   * @param {Pipe} pipe
   * @param {string} session
   * @param {string} context
   */
  constructor(pipe, session, context) {
    this.#pipe = pipe;
    this.#session = session;
    this.#context = context;
  }

  /** @param {string} url a page that says that it is loaded by a global `loaded` */
  async load(url) {
    await this.#send('Page.enable');
    const loaded = this.#pipe.event(this.#session, 'Page.loadEventFired');
    await this.#send('Page.navigate', { url });
    await loaded;
    await this.#send('Page.disable');
    await this.#send('Performance.enable', { timeDomain: 'timeTicks' });
  }

  /**
   * What a function of the page's `bench` resolves with.
   *
   * @param {string} name
   * @param {unknown[]} args
   */
  async call(name, ...args) {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', {
      expression: `bench.${name}(...${JSON.stringify(args)})`,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) {
      const { exception, text } = exceptionDetails;
      throw new Error(`${name} failed in the page: ${exception?.description ?? exception?.value ?? text}`);
    }
    return result.value;
  }

  /**
   * What a piece of work takes: CPU time of the page's main thread, and time by the clock.
   *
   * @param {() => Promise<unknown>} work
   */
  async measure(work) {
    const before = await this.#times();
    await work();
    const after = await this.#times();
    return { cpu: after.cpu - before.cpu, wall: after.wall - before.wall };
  }

  async #times() {
    const { metrics } = await this.#send('Performance.getMetrics');
    const find = (/** @type {string} */ name) => {
      const metric = metrics.find((/** @type {{ name: string }} */ one) => one.name === name);
      if (metric === undefined) {
        throw new Error(`Chromium does not tell ${name}`);
      }
      return metric.value * 1e6;
    };
    return { cpu: find('ThreadTime'), wall: find('Timestamp') };
  }

  /** Bytes in use after a garbage collection: of the JavaScript heap, and of linear memory. */
  async memory() {
    await this.#send('HeapProfiler.collectGarbage');
    await this.#send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#send('Runtime.getHeapUsage');
    return { heap: usedSize, linear: await this.call('linearMemory') };
  }

  /**
   * A CPU profile, as the browser's own tools read it.
   *
   * @param {() => Promise<unknown>} work
   */
  async profile(work) {
    await this.#send('Profiler.enable');
    await this.#send('Profiler.setSamplingInterval', { interval: 200 });
    await this.#send('Profiler.start');
    await work();
    const { profile } = await this.#send('Profiler.stop');
    await this.#send('Profiler.disable');
    return profile;
  }

  async close() {
    await this.#pipe.send('Target.disposeBrowserContext', { browserContextId: this.#context });
  }

  /**
   * @param {string} method
   * @param {object} [params]
   */
  #send(method, params = {}) {
    return this.#pipe.send(method, params, this.#session);
  }
}

/** Messages are JSON, each ended by a zero. */
class Pipe {
  #out;
  #last = 0;
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  /** @type {Map<string, (value?: unknown) => void>} */
  #events = new Map();
  #failed = false;

  /**
   * @param {import('node:stream').Writable} out
   * @param {import('node:stream').Readable} input
   */
  constructor(out, input) {
    this.#out = out;
    /** @type {Buffer[]} */
    let pieces = [];
    out.on('error', () => {});
    input.on('data', (/** @type {Buffer} */ chunk) => {
      let rest = chunk;
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        pieces.push(rest.subarray(0, end));
        this.#take(JSON.parse(Buffer.concat(pieces).toString()));
        pieces = [];
        rest = rest.subarray(end + 1);
      }
      pieces.push(rest);
    });
  }

  /** @param {{ id?: number, sessionId?: string, method?: string, result?: object, error?: { message: string } }} message */
  #take({ id, sessionId, method, result, error }) {
    if (id === undefined) {
      const key = `${sessionId} ${method}`;
      this.#events.get(key)?.();
      this.#events.delete(key);
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) {
      waiting?.reject(new Error(error.message));
    } else {
      waiting?.resolve(result);
    }
  }

  /**
   * @param {string} method
   * @param {object} params
   * @param {string} [sessionId]
   * @returns {Promise<any>}
   */
  send(method, params, sessionId) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      if (this.#failed) {
        reject(new Error('Chromium has ended'));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#out.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    });
  }

  /**
   * The next such event.
   *
   * @param {string} session
   * @param {string} method
   */
  event(session, method) {
    return new Promise((resolve) => this.#events.set(`${session} ${method}`, resolve));
  }

  /** @param {Error} error */
  fail(error) {
    this.#failed = true;
    for (const { reject } of this.#waiting.values()) {
      reject(error);
    }
    this.#waiting.clear();
  }
}

/** @returns {string} */
function program() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const path = process.env.CHROME || paths.find((file) => existsSync(file));
  if (!path) {
    throw new Error('Chromium was not found: install it, or set CHROME to its path');
  }
  return path;
}
