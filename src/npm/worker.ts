/** What a page loads whose engine is to be in a worker, and no other. The page gives the worker its WebAssembly. */

import { script } from 'worker:plain';
import type { PortError } from './port/failure.js';
import type { Batch, Port, Setup } from './port/port.js';
import type { Trusted } from './port/trusted.js';
import { open as openIn } from './worker/port.js';

let module: Promise<WebAssembly.Module> | undefined;

export async function open(
  source: () => Promise<Response>,
  setup: Setup,
  take: (batch: Batch) => void,
  broken: (error: PortError) => void,
  trusted: Trusted,
): Promise<Port | undefined | false> {
  module ??= WebAssembly.compileStreaming(source());
  const compiled = await module.catch((cause: unknown) => {
    module = undefined;
    throw cause;
  });
  return openIn(script, compiled, setup, take, broken, trusted);
}
