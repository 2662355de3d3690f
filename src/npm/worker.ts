/** What a page loads whose engine is to be in a worker, and no other. The page gives the worker its WebAssembly. */

import { script } from 'worker:plain';
import type { PortError } from './port/failure.js';
import type { Source } from './port/load.js';
import type { Batch, Port, Setup } from './port/port.js';
import type { Trusted } from './port/trusted.js';
import { open as openIn } from './worker/port.js';

export async function open(
  source: Source,
  setup: Setup,
  take: (batch: Batch) => void,
  broken: (error: PortError) => void,
  trusted: Trusted,
): Promise<Port | undefined | false> {
  return openIn(script, await source(), setup, take, broken, trusted);
}
