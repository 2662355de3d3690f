/** The port to an engine whose session is stored. It does not know what goes through it, nor how it is stored. */

import { base64 } from 'wasm:session';
import init, { Engine } from '../generated/session/wasmqtt.js';
import type { Early } from '../port/early.js';
import { EnginePort, NO_BYTES, type Sink, sink } from '../port/engine.js';
import { isPortError, type PortError } from '../port/failure.js';
import { inflated } from '../port/inflate.js';
import { loader } from '../port/load.js';
import { type Batch, KEEP_SESSION, KEPT, PERSIST, type Port, type Setup, STORE_FAILED } from '../port/port.js';
import type { SessionSetup } from '../port/store.js';
import { Keeper } from './keeper.js';

const load = loader(init, Engine);

/** As `Open` says, with a session. */
export async function open(
  setup: Setup,
  take: (batch: Batch) => void,
  broken: (error: PortError) => void,
  first?: Early,
): Promise<Port | undefined> {
  const { settings, protocols, factory, session } = setup;
  const loading = load(() => inflated(base64));
  // An error of it is told by the line that waits for it.
  loading.catch(() => {});
  let keeper = session && (await opened(session, broken));
  /** Another client can have the session. */
  const letGo = (): void => {
    keeper?.close(false).catch(() => {});
    keeper = undefined;
  };
  let engine: Engine | undefined;
  try {
    const { make } = await loading;
    const told = persisting(
      (batch) => {
        take(batch);
        keeper?.told();
      },
      (words, bytes) => keeper?.take(words, bytes),
    );
    engine = make(told, keeper?.settings(settings) ?? settings, protocols, factory, first);
    if (engine) {
      session?.watch && engine.watch(session.watch);
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
  if (!keeper) {
    // In memory it goes on over reconnects as it would.
    engine.command(KEEP_SESSION, KEPT, Date.now(), 0, '');
    engine.command(STORE_FAILED, 0, 0, 0, '');
    return new EnginePort(engine);
  }
  return new StoredPort(engine, keeper);
}

function fail(error: unknown): never {
  throw error;
}

/** None where the store failed, and the session is to go on in memory. */
async function opened(session: SessionSetup, broken: (error: PortError) => void): Promise<Keeper | undefined> {
  try {
    return await Keeper.open(session, broken);
  } catch (error) {
    goOn(error, session, broken);
    return undefined;
  }
}

function goOn(error: unknown, session: SessionSetup | undefined, broken: (error: PortError) => void): void {
  if (!isPortError(error) || error.code === 'session-in-use' || session?.stops) {
    throw error;
  }
  broken(error);
}

/** What is to be stored goes another way than the rest. */
function persisting(take: (batch: Batch) => void, store: (words: Uint32Array, bytes: Uint8Array) => void): Sink {
  const rest = sink(take);
  return {
    batch(words, bytes, first, more) {
      words[0] === PERSIST ? store(words, bytes ?? NO_BYTES) : rest.batch(words, bytes, first, more);
    },
  };
}

class StoredPort extends EnginePort {
  readonly #keeper: Keeper;

  constructor(engine: Engine, keeper: Keeper) {
    super(engine);
    this.#keeper = keeper;
  }

  override free(clear = false): Promise<void> {
    const closing = this.#keeper.close(clear);
    // The keeper may be what called: it has the engine tell what was stored.
    const free = (): void => {
      super.free();
    };
    closing.then(free, free);
    return closing;
  }
}
