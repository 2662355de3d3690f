/** What the WebAssembly gives and takes, as a port. It does not know which engine it is. */

import type { Batch, Port } from './port.js';

/** The class of `src/bindings/engine.rs`, as far as each engine has it. */
export interface Engine {
  command(
    kind: number,
    id: number,
    first: number,
    second: number,
    text: string,
    data?: Uint8Array,
    properties?: Uint8Array,
  ): void;
  stats(): ArrayLike<number> | undefined;
  client_id(): string;
  free(): void;
}

/** What an engine tells. */
export interface Sink {
  batch(words: Uint32Array, bytes?: Uint8Array, first?: Uint8Array, more?: readonly Uint8Array[]): void;
}

export const NO_BYTES = /* @__PURE__ */ new Uint8Array();
const NO_BUFFERS: readonly Uint8Array[] = [];

export function sink(take: (batch: Batch) => void): Sink {
  return {
    batch(words, bytes = NO_BYTES, first, more) {
      const buffers = first ? (more ? [first, ...more] : [first]) : NO_BUFFERS;
      take({ words, bytes, buffers });
    },
  };
}

export class EnginePort implements Port {
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

  free(_clear?: boolean): Promise<void> | undefined {
    this.#engine.free();
    return undefined;
  }
}
