/**
 * How the WebAssembly comes into the page: once, when the first client needs it. It does not know where it comes from.
 */

import init, { Engine } from '../generated/wasmqtt.js';

export type EngineClass = typeof Engine;

let loading: Promise<EngineClass> | undefined;

/** A failed attempt is not remembered. */
export function load(source: () => Promise<Response>): Promise<EngineClass> {
  loading ??= start(source).catch((cause: unknown) => {
    loading = undefined;
    throw cause;
  });
  return loading;
}

async function start(source: () => Promise<Response>): Promise<EngineClass> {
  await init({ module_or_path: source() });
  return Engine;
}
