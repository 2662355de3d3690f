/**
 * A client identifier that the application chose, held against other clients of this origin while a client lives: one
 * Web Lock for each server. Where there are no Web Locks (a page that is no secure context, a sandboxed frame), nobody is
 * held off. It does not know what the identifier is for.
 */

import { placeOf } from './address.js';
import { onAbort } from './deferred.js';
import { MqttError } from './errors.js';

/** Milliseconds in which a client that is ending, or a page that is being left, may still let go. */
const GRACE = 1000;

/** What becomes of it; nothing is told before it is `wanted`. */
export interface Claimed {
  /** It is this client's, for the first time or again. */
  held(): void;
  /** The page goes to the back/forward cache, which keeps none that holds a lock; `held` or `lost` follows. */
  left(): void;
  /** Another client has it. */
  lost(error: MqttError): void;
}

export class Claim {
  readonly #names: readonly string[];
  readonly #told: Claimed;
  readonly #life = new AbortController();
  #asking = new AbortController();
  #held = false;
  #wanted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** It asks at once, while the engine is loaded. */
  constructor(urls: readonly string[], clientId: string, told: Claimed) {
    // In one order, so that two clients with several servers in common do not each wait for the other.
    this.#names = clientId === '' ? [] : [...new Set(urls.map((url) => `wasmqtt:${clientId}@${placeOf(url)}`))].sort();
    this.#told = told;
    this.#ask();
    if (this.#names.length === 0) {
      return;
    }
    const page: { addEventListener?: typeof addEventListener } = globalThis;
    const { signal } = this.#life;
    const listen = (type: 'pagehide' | 'pageshow', act: () => void): void =>
      page.addEventListener?.(type, (event) => event.persisted && act(), { signal });
    listen('pagehide', () => {
      this.#letGo();
      if (this.#wanted) {
        told.left();
      }
    });
    listen('pageshow', () => {
      this.#ask();
      this.#decide();
    });
  }

  /**
   * From now on the client waits, and not for ever: while its engine is loaded it holds nobody up, and another one that
   * closes may have to wait for the same engine.
   */
  wanted(): void {
    this.#wanted = true;
    this.#decide();
  }

  /** For good. */
  release(): void {
    this.#life.abort();
    this.#letGo();
  }

  #decide(): void {
    if (!this.#wanted) {
      return;
    }
    if (this.#held) {
      this.#told.held();
      return;
    }
    this.#timer = setTimeout(() => {
      this.release();
      const text =
        'another client of this origin has this client identifier: leave "clientId" out, or give each its own';
      this.#told.lost(new MqttError('taken-over', text));
    }, GRACE);
  }

  #ask(): void {
    const locks = globalThis.navigator?.locks;
    const asking = new AbortController();
    const { signal } = asking;
    const end = new Promise<void>((resolve) => onAbort(signal, resolve));
    const take = async (index: number): Promise<void> => {
      const name = locks && this.#names[index];
      if (name !== undefined) {
        await locks.request(name, { signal }, () => take(index + 1));
      } else if (!signal.aborted) {
        this.#hold();
        await end;
      }
    };
    this.#asking = asking;
    // Let go meanwhile, or forbidden: a frame of an opaque origin has no locks.
    take(0).catch(() => signal.aborted || this.#hold());
  }

  #hold(): void {
    clearTimeout(this.#timer);
    this.#held = true;
    if (this.#wanted) {
      this.#told.held();
    }
  }

  #letGo(): void {
    clearTimeout(this.#timer);
    this.#held = false;
    this.#asking.abort();
  }
}
