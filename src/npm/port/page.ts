/** The port to an engine in this page, or in this worker. It does not know what goes through it. */

import type { Engine } from '../generated/wasmqtt.js';
import { load } from './load.js';
import type { Batch, Open, Port } from './port.js';

const NO_BUFFERS: readonly Uint8Array[] = [];

/** `source` gives the WebAssembly, when the first client needs it. */
export function page(source: () => Promise<Response>): Open {
  return async ({ settings, protocols, factory }, take) => {
    const { make } = await load(source);
    const sink = {
      batch(words: Uint32Array, bytes: Uint8Array, buffers: readonly Uint8Array[] = NO_BUFFERS): void {
        const batch: Batch = { words, bytes, buffers };
        take(batch);
      },
    };
    const engine = make(sink, settings, protocols, factory);
    return engine && new PagePort(engine);
  };
}

class PagePort implements Port {
  readonly clientId: string;
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.clientId = engine.client_id();
  }

  send(kind: number, id = 0, first = 0, second = 0, text = '', data?: Uint8Array, properties?: Uint8Array): void {
    this.#engine.command(kind, id, first, second, text, data, properties);
  }

  stats(): ArrayLike<number> {
    return this.#engine.stats() ?? [];
  }

  free(): void {
    this.#engine.free();
  }
}
