/**
 * A window of WebKit's, with what the tests use of puppeteer's `Page`. Calls into the page are started, and asked for
 * until they have settled, as a driver does one thing at a time and several may be under way.
 * It does not know the tests.
 */

import { EventEmitter } from 'node:events';
import { inPage } from './in-page.js';
import { DriverError } from './session.mjs';

/** Milliseconds between two questions: the first, and the longest. */
const SOON = 2;
const LONGEST = 32;
const PATIENCE = 30_000;

const IN_PAGE = `(${inPage})()`;

export class WebKitPage extends EventEmitter {
  #session;
  #window;
  #url = 'about:blank';
  #document = 0;
  #next = 1;
  #closed = false;
  #asking = false;
  /** Listeners of what comes next. */
  #awaited = new Set();
  /** Wakes whoever waits to ask. */
  #sooner = () => {};
  /** @type {Map<number, { document: number, resolve: (value: unknown) => void, reject: (error: Error) => void }>} */
  #calls = new Map();

  /**
   * @param {import('./session.mjs').Session} session
   * @param {string} window
   */
  constructor(session, window) {
    super();
    this.#session = session;
    this.#window = window;
  }

  /** What the page says is heard when it is asked: it is from now on, until that has come. */
  once(/** @type {string} */ type, /** @type {(...told: any[]) => void} */ listener) {
    super.once(type, listener);
    this.#awaited.add(listener);
    super.once(type, () => this.#awaited.delete(listener));
    this.#ask();
    return this;
  }

  url() {
    return this.#url;
  }

  /** @param {string} url */
  async goto(url) {
    await this.#navigate('/url', { url });
  }

  async reload() {
    await this.#navigate('/refresh', {});
  }

  async goBack() {
    await this.#navigate('/back', {});
  }

  async bringToFront() {
    await this.#command('GET', '/title');
  }

  isClosed() {
    return this.#closed;
  }

  async close() {
    if (!this.#closed) {
      this.#closed = true;
      await this.#command('DELETE', '/window');
      this.#lose(() => true);
    }
  }

  /**
   * @param {string | ((...args: any[]) => unknown)} run
   * @param {unknown[]} args
   * @returns {Promise<any>}
   */
  async evaluate(run, ...args) {
    const id = this.#next++;
    const called =
      typeof run === 'string'
        ? `() => (${run})`
        : `() => (${method(String(run))})(${args.map((arg) => literal(arg)).join(', ')})`;
    const call = new Promise((resolve, reject) => this.#calls.set(id, { document: 0, resolve, reject }));
    // Whoever waits for it hears of it.
    call.catch(() => {});
    try {
      const waiting = this.#calls.get(id);
      const seen = await this.#script(`const page = ${IN_PAGE}; page.call(${id}, ${called}); return page.fetch();`);
      if (waiting) {
        waiting.document = seen.document;
      }
      this.#take(seen);
    } catch (error) {
      this.#calls.delete(id);
      throw error;
    }
    this.#ask();
    return call;
  }

  /**
   * @param {string | ((...args: any[]) => unknown)} test
   * @param {{ timeout?: number }} [options]
   * @param {unknown[]} args
   */
  async waitForFunction(test, { timeout = PATIENCE } = {}, ...args) {
    const until = Date.now() + timeout;
    while (!(await this.evaluate(test, ...args))) {
      if (timeout > 0 && Date.now() > until) {
        throw new Error(`Waiting failed: ${timeout}ms exceeded`);
      }
      await new Promise((resolve) => setTimeout(resolve, LONGEST));
    }
  }

  /** @param {string} selector */
  async waitForSelector(selector) {
    await this.waitForFunction(`document.querySelector(${JSON.stringify(selector)}) !== null`);
  }

  /**
   * @param {string} selector
   * @param {(element: Element) => unknown} run
   */
  $eval(selector, run) {
    return this.evaluate(`(${run})(document.querySelector(${JSON.stringify(selector)}))`);
  }

  /** By the element itself: no mouse goes there. @param {string} selector */
  async click(selector) {
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  /** What the page has said so far is told, too. */
  async heard() {
    if (!this.#closed) {
      this.#take(await this.#script(`return ${IN_PAGE}.fetch();`));
    }
  }

  /**
   * @param {string} path
   * @param {object} body
   */
  async #navigate(path, body) {
    await this.heard().catch(() => {});
    await this.#command('POST', path, body);
    this.#url = await this.#command('GET', '/url');
    await this.heard();
  }

  async #ask() {
    if (this.#asking) {
      this.#sooner();
      return;
    }
    this.#asking = true;
    let pause = SOON;
    while (this.#calls.size + this.#awaited.size > 0 && !this.#closed) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, pause);
        this.#sooner = () => {
          clearTimeout(timer);
          pause = SOON;
          resolve(undefined);
        };
      });
      pause = Math.min(pause * 2, LONGEST);
      const before = this.#calls.size;
      try {
        this.#take(await this.#script(`return ${IN_PAGE}.fetch();`));
      } catch (error) {
        // A window that is gone; of a page that is on its way to another one nothing is known yet.
        if (error instanceof DriverError && !error.gone) {
          continue;
        }
        this.#lose(() => true);
      }
      if (this.#calls.size < before) {
        pause = SOON;
      }
    }
    this.#asking = false;
  }

  /** @param {{ document: number, settled: { id: number, value?: string, error?: string }[], told: { type: string, level: string, text: string }[] }} seen */
  #take({ document, settled, told }) {
    if (document !== this.#document) {
      this.#document = document;
      this.#lose((call) => call.document !== 0 && call.document !== document);
    }
    for (const { id, value, error } of settled) {
      const call = this.#calls.get(id);
      this.#calls.delete(id);
      if (error === undefined) {
        call?.resolve(value === undefined || value === null ? undefined : JSON.parse(value, revive));
      } else {
        call?.reject(new Error(error));
      }
    }
    for (const { type, level, text } of told) {
      this.emit(type, type === 'console' ? { type: () => level, text: () => text } : thrown(text));
    }
  }

  /** @param {(call: { document: number }) => boolean} which */
  #lose(which) {
    for (const [id, call] of this.#calls) {
      if (which(call)) {
        this.#calls.delete(id);
        call.reject(new Error('The page that was asked is gone'));
      }
    }
  }

  /** @param {string} script */
  #script(script) {
    return this.#command('POST', '/execute/sync', { script, args: [] });
  }

  /**
   * @param {'GET' | 'POST' | 'DELETE'} method
   * @param {string} path
   * @param {object} [body]
   */
  #command(method, path, body) {
    return this.#session.command(method, path, body, this.#window);
  }
}

/** What the page threw, with the stack that it had there. @param {string} text */
function thrown(text) {
  return Object.assign(new Error(text), { stack: text });
}

/** A function of an object written `name() {}`. @param {string} text */
function method(text) {
  return /^(?:async\s+)?(?:function\b|\(|[\w$]+\s*=>)/.test(text) ? text : `function ${text}`;
}

/** @param {unknown} value */
function literal(value) {
  if (value === undefined || typeof value === 'number') {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
}

/**
 * @param {string} _
 * @param {any} value
 */
function revive(_, value) {
  if (typeof value?.$number !== 'string') {
    return value;
  }
  return value.big ? BigInt(value.$number) : Number(value.$number);
}
