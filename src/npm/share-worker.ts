/** The script of a SharedWorker that stands for the leader of the group that it is named after. */

import { own } from './port/owner.js';
import { open } from './session/port.js';
import { Heirloom } from './share/heirloom.js';
import { Host } from './share/host.js';
import type { ToGroup } from './share/messages.js';
import { unique } from './share/names.js';

const scope = globalThis as unknown as {
  readonly name: string;
  onconnect: ((event: MessageEvent) => void) | null;
};
const group = scope.name;
/** Where there are no locks, the least name has it. */
const me = `!${unique()}`;
const heirloom = new Heirloom(me);
const all = new BroadcastChannel(group);
all.onmessage = ({ data }: MessageEvent<ToGroup>) => {
  if ('heirs' in data) {
    heirloom.heirs(data.heirs);
  }
};

async function stand(): Promise<never> {
  for (;;) {
    const release = await own(group, me, { waits: true, ended: new AbortController().signal });
    const host = new Host(group, 'shared-worker', open, heirloom);
    await host.ended;
    release?.();
  }
}

stand().catch(() => {});
// What is answered after the lock was asked for: the page asks for it when it hears that this worker has.
const stands = (globalThis.navigator?.locks as LockManager | undefined)?.query() ?? Promise.resolve();
scope.onconnect = ({ ports: [port] }) => {
  stands.then(() => port?.postMessage({ stands: true }));
};
