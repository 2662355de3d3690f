/** What a page loads whose engine is to be in a worker, and its session stored. The worker has its WebAssembly inside. */

import { script } from 'worker:session';
import type { PortError } from './port/failure.js';
import type { Batch, Port, Setup } from './port/port.js';
import type { Trusted } from './port/trusted.js';
import { open as openIn } from './worker/port.js';

export function open(
  _source: unknown,
  setup: Setup,
  take: (batch: Batch) => void,
  broken: (error: PortError) => void,
  trusted: Trusted,
): Promise<Port | undefined | false> {
  return openIn(script, undefined, setup, take, broken, trusted);
}
