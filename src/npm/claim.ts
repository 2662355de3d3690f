/**
 * A client identifier that the application chose, held against other clients of this origin while a client lives: one
 * Web Lock for each server. Where there are no Web Locks (a page that is no secure context, a sandboxed frame), nobody is
 * held off. It does not know what the identifier is for.
 */

import { ignore } from './deferred.js';
import { MqttError } from './errors.js';

/** Milliseconds in which a client that is ending, or a page that is being left, may still let go. */
const GRACE = 1000;

/** A lock that is held, until it is let go. */
type Release = () => void;

export class Claim {
  readonly #names: readonly string[];
  #releases: Release[] = [];
  #waiting: AbortController | undefined;
  #off: () => void = ignore;

  /**
   * A page in the back/forward cache lets the identifier go: `holds` is told so, and when it has it again. Where another
   * page took it meanwhile, `lost` is called.
   */
  constructor(
    urls: readonly string[],
    clientId: string,
    holds: (holds: boolean) => void,
    lost: (error: MqttError) => void,
  ) {
    // In one order, so that two clients with several servers in common do not each wait for the other.
    this.#names = clientId === '' ? [] : [...new Set(urls.map((url) => `wasmqtt:${clientId}@${placeOf(url)}`))].sort();
    if (this.#names.length === 0) {
      return;
    }
    const page: { addEventListener?: typeof addEventListener } = globalThis;
    const listening = new AbortController();
    const listen = (type: 'pagehide' | 'pageshow', act: () => void): void =>
      page.addEventListener?.(type, (event) => event.persisted && act(), { signal: listening.signal });
    // A page that holds a lock is not kept in the back/forward cache.
    listen('pagehide', () => {
      this.#letGo();
      holds(false);
    });
    listen('pageshow', () => this.take().then((taken) => taken && holds(true), lost));
    this.#off = () => listening.abort();
  }

  /** False where it was let go meanwhile. Rejects with code `taken-over` where another client has the identifier. */
  async take(): Promise<boolean> {
    const locks = globalThis.navigator?.locks;
    const waiting = new AbortController();
    this.#waiting = waiting;
    for (const name of locks ? this.#names : []) {
      const release = await hold(locks, name, waiting);
      if (this.#waiting !== waiting) {
        release?.();
        return false;
      }
      if (release) {
        this.#releases.push(release);
      }
    }
    return true;
  }

  /** For good. */
  release(): void {
    this.#off();
    this.#letGo();
  }

  #letGo(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.abort();
    for (const release of this.#releases.splice(0)) {
      release();
    }
  }
}

/** The lock, or nothing where there are none here. */
function hold(locks: LockManager, name: string, waiting: AbortController): Promise<Release | undefined> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      waiting.abort();
    }, GRACE);
    const held = (): Promise<void> =>
      new Promise((release) => {
        clearTimeout(timer);
        resolve(release);
      });
    const failed = (): void => {
      clearTimeout(timer);
      if (late) {
        reject(heldByAnother());
      } else {
        // Let go meanwhile, or forbidden: a frame of an opaque origin has no locks.
        resolve(undefined);
      }
    };
    try {
      locks.request(name, { signal: waiting.signal }, held).catch(failed);
    } catch {
      failed();
    }
  });
}

function heldByAnother(): MqttError {
  const text = 'another client of this origin has this client identifier: leave "clientId" out, or give each its own';
  return new MqttError('taken-over', text);
}

/** Without what may be a secret. */
function placeOf(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return protocol.replace('http', 'ws') + host + pathname;
  } catch {
    return '';
  }
}
