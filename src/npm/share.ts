/** What a page loads that shares its connection. It does not know how. */

import type { PortError } from './port/failure.js';
import { portError } from './port/failure.js';
import type { Batch, Open, Port, Setup } from './port/port.js';
import type { Trusted } from './port/trusted.js';
import { SharedPort } from './share/port.js';

/** Milliseconds in which a SharedWorker has begun. */
const PATIENCE = 3_000;

export async function open(
  setup: Setup,
  take: (batch: Batch) => void,
  broken: (error: PortError) => void,
  trusted: Trusted,
): Promise<Port | undefined> {
  if (typeof BroadcastChannel === 'undefined') {
    throw portError('unsupported', 'there is no BroadcastChannel by which pages could share a connection');
  }
  const engine: Open = async (...args) => (await import('./session.js')).open(...args);
  const port = new SharedPort(
    setup.share ?? '',
    setup,
    engine,
    (group) => startWorker(group, trusted),
    take,
    broken,
    trusted,
  );
  return (await port.joined) ? port : undefined;
}

/** Workers live as long as their pages, and as what stands for them. */
const workers = new Set<SharedWorker>();

/** Has a SharedWorker stand for the leader of that group. Resolves when it does, or when there is none. */
async function startWorker(group: string, trusted: Trusted): Promise<void> {
  if (typeof SharedWorker === 'undefined') {
    return;
  }
  try {
    // A module of nothing but itself: bundlers need not look into it, only carry it along.
    const url = new URL('./share-worker.js', import.meta.url).href;
    const worker = new SharedWorker(trusted(url), { type: 'module' });
    await new Promise<void>((resolve) => {
      worker.port.onmessage = () => {
        workers.add(worker);
        resolve();
      };
      worker.onerror = (event) => {
        event.preventDefault?.();
        resolve();
      };
      setTimeout(resolve, PATIENCE);
      worker.port.postMessage({ group });
    });
  } catch {
    // A policy, or a bundler, that knows no such file: one of the pages leads.
  }
}
