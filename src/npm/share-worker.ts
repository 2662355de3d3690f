/** The script of a SharedWorker that stands for the leader of each group whose pages ask it to. */

import { own } from './port/owner.js';
import { open } from './session/port.js';
import { Heirloom } from './share/heirloom.js';
import { Host } from './share/host.js';
import type { ToGroup } from './share/messages.js';
import { unique } from './share/names.js';

const scope = globalThis as unknown as { onconnect: ((event: MessageEvent) => void) | null };

/** Where there are no locks, the least name has it. */
const me = `!${unique()}`;
const groups = new Set<string>();

async function stand(group: string): Promise<never> {
  const heirloom = new Heirloom(me);
  const all = new BroadcastChannel(group);
  all.onmessage = ({ data }: MessageEvent<ToGroup>) => {
    if ('heirs' in data) {
      heirloom.heirs(data.heirs);
    }
  };
  for (;;) {
    const owned = await own(group, me, { waits: true, ended: new AbortController().signal });
    if (owned) {
      await new Host(group, 'shared-worker', open, heirloom, owned).ended;
      owned.release();
    }
  }
}

scope.onconnect = ({ ports: [port] }) => {
  if (!port) {
    return;
  }
  port.onmessage = async ({ data }: MessageEvent<{ group: string }>) => {
    const { group } = data;
    if (!groups.has(group)) {
      groups.add(group);
      stand(group).catch(() => groups.delete(group));
    }
    // What is answered after the lock was asked for: the page asks for it when it hears that this worker has.
    await (globalThis.navigator?.locks as LockManager | undefined)?.query();
    port.postMessage({ group });
  };
};
