/** The port to an engine in this page, or in this worker. It does not know what goes through it. */

import type { Engine } from '../generated/wasmqtt.js';
import type { Keeper } from '../session.js';
import { load } from './load.js';
import { type Batch, KEEP_SESSION, KEPT, type Open, PERSIST, type Port, STORE_FAILED } from './port.js';
import { isStoreError, type SessionSetup, type StoreError } from './store.js';

const NO_BUFFERS: readonly Uint8Array[] = [];

/** `source` gives the WebAssembly, when the first client needs it. */
export function page(source: () => Promise<Response>): Open {
  return async ({ settings, protocols, factory, session }, take, broken) => {
    const loading = load(source);
    // An error of it is told by the line that waits for it.
    loading.catch(() => {});
    let keeper = session && (await open(session, broken));
    /** Another client can have the session. */
    const letGo = (): void => {
      keeper?.close(false).catch(() => {});
      keeper = undefined;
    };
    let engine: Engine | undefined;
    try {
      const { make } = await loading;
      const sink = {
        batch(words: Uint32Array, bytes: Uint8Array, buffers: readonly Uint8Array[] = NO_BUFFERS): void {
          if (words[0] === PERSIST) {
            keeper?.take(words, bytes);
          } else {
            const batch: Batch = { words, bytes, buffers };
            take(batch);
          }
        },
      };
      engine = make(sink, keeper?.settings(settings) ?? settings, protocols, factory);
      if (engine) {
        await keeper?.begin(engine);
      }
    } catch (error) {
      letGo();
      engine ? goOn(error, session, broken) : fail(error);
    }
    if (!engine) {
      letGo();
      return undefined;
    }
    if (session && !keeper) {
      // In memory it goes on over reconnects as it would.
      engine.command(KEEP_SESSION, KEPT, Date.now(), 0, '');
      engine.command(STORE_FAILED, 0, 0, 0, '');
    }
    return new PagePort(engine, keeper);
  };
}

function fail(error: unknown): never {
  throw error;
}

/** None where the store failed, and the session is to go on in memory. */
async function open(session: SessionSetup, broken: (error: StoreError) => void): Promise<Keeper | undefined> {
  try {
    const { Keeper } = await import('../session.js');
    return await Keeper.open(session, broken);
  } catch (error) {
    goOn(error, session, broken);
    return undefined;
  }
}

function goOn(error: unknown, session: SessionSetup | undefined, broken: (error: StoreError) => void): void {
  if (!isStoreError(error) || error.code === 'session-in-use' || session?.stops) {
    throw error;
  }
  broken(error);
}

class PagePort implements Port {
  readonly clientId: string;
  readonly #engine: Engine;
  readonly #keeper: Keeper | undefined;

  constructor(engine: Engine, keeper: Keeper | undefined) {
    this.#engine = engine;
    this.#keeper = keeper;
    this.clientId = engine.client_id();
  }

  send(kind: number, id = 0, first = 0, second = 0, text = '', data?: Uint8Array, properties?: Uint8Array): void {
    this.#engine.command(kind, id, first, second, text, data, properties);
  }

  stats(): ArrayLike<number> {
    return this.#engine.stats() ?? [];
  }

  free(clear = false): Promise<void> | undefined {
    const closing = this.#keeper?.close(clear);
    if (closing) {
      // The keeper may be what called: it has the engine tell what was stored.
      const free = (): void => this.#engine.free();
      closing.then(free, free);
    } else {
      this.#engine.free();
    }
    return closing;
  }
}
