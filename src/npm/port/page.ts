/** The port to an engine in this page, or in this worker. It does not know what goes through it. */

import init, { Engine } from '../generated/plain/wasmqtt.js';
import { early } from './early.js';
import { EnginePort, sink } from './engine.js';
import { loader, once, type Source } from './load.js';
import type { Open } from './port.js';
import { trusted } from './trusted.js';

/** Made when it is first asked for: who takes an error of this package alone does not take the engine. */
let loads: ReturnType<typeof loader<typeof Engine>> | undefined;
/** The next client has nothing to wait for. */
let loaded = false;

async function load(source: Source): Promise<typeof Engine> {
  loads ??= loader(init, Engine);
  const engine = await loads(source);
  loaded = true;
  return engine;
}

/** For this page and for its workers. */
const compiled = once((source: Source) => source());

/** Has the engine of this page ready. */
export async function preloaded(source: Source): Promise<void> {
  await load(() => compiled(source));
}

/**
 * `source` gives the WebAssembly, when the first client needs it; a session that is stored comes with its own. What is not
 * in this page by itself is loaded.
 */
export function page(source: Source): Open {
  return async (setup, take, broken) => {
    if (setup.share !== undefined) {
      const { open } = await import('../share.js');
      return open(setup, take, broken, trusted);
    }
    if (setup.worker) {
      const { open } = await (setup.session ? import('../worker-session.js') : import('../worker.js'));
      const port = await open(() => compiled(source), setup, take, broken, trusted);
      if (port !== false) {
        return port;
      }
    }
    const first = setup.first && (setup.session || !loaded) ? early(setup.first) : undefined;
    if (setup.session) {
      const { open } = await import('../session.js');
      return open(setup, take, broken, first);
    }
    const { make } = await load(() => compiled(source));
    const engine = make(sink(take), setup.settings, setup.protocols, setup.factory, first);
    return engine && new EnginePort(engine);
  };
}
