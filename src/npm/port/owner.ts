/**
 * One owner of a stored session at a time, among the pages of an origin: by a Web Lock, or, where there are none (a page
 * that is no secure context), by asking around. It does not know what the session holds.
 */

/** Milliseconds in which a page that is being left may still let go. */
const GRACE = 1000;

/** Milliseconds in which an owner answers. */
const PATIENCE = 220;

/** How often in a row one may fail to that was there: a page can be busy. */
const OFTEN = 3;

/** The Web Lock that owners hold. */
export function lockOf(name: string): string {
  return `wasmqtt session ${name}`;
}

/** Lets go. Undefined where another page is the owner, and did not let go in time; with `waits` it may take for ever. */
export async function own(
  name: string,
  owner: string,
  { waits, grace = GRACE, ended }: { waits: boolean; grace?: number; ended: AbortSignal },
): Promise<(() => void) | undefined> {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  return locks ? lock(locks, lockOf(name), waits ? undefined : grace, ended) : ask(name, owner, waits, ended);
}

function lock(
  locks: LockManager,
  name: string,
  grace: number | undefined,
  ended: AbortSignal,
): Promise<(() => void) | undefined> {
  if (grace === 0) {
    return new Promise((resolve, reject) => {
      const held = (lock: Lock | null): Promise<void> | undefined => {
        if (lock) {
          return new Promise<void>(resolve);
        }
        resolve(undefined);
        return undefined;
      };
      locks.request(name, { ifAvailable: true }, held).catch(reject);
    });
  }
  const asking = new AbortController();
  const give = (): void => asking.abort();
  const timer = grace === undefined ? undefined : setTimeout(give, grace);
  ended.addEventListener('abort', give);
  return new Promise((resolve, reject) => {
    const held = (): Promise<void> =>
      new Promise<void>((release) => {
        clearTimeout(timer);
        resolve(release);
      });
    locks.request(name, { signal: asking.signal }, held).catch((error) => {
      clearTimeout(timer);
      if (asking.signal.aborted) {
        resolve(undefined);
      } else {
        reject(error);
      }
    });
  });
}

/** `ask`: who owns it? `mine`: I do, or, if not `owns`, I ask for it, too. `free`: I do no more. */
type Said = { readonly ask: string } | { readonly mine: string; readonly owns: boolean } | { readonly free: string };

/** Of those that ask at the same time, the one with the least name has it. */
async function ask(name: string, owner: string, waits: boolean, ended: AbortSignal): Promise<(() => void) | undefined> {
  const channel = new BroadcastChannel(lockOf(name));
  let owns = false;
  let taken = false;
  let silence = 1;
  let again = (): void => {};
  channel.onmessage = ({ data }: MessageEvent<Said>) => {
    if ('mine' in data) {
      // Everybody hears it, also who comes before the one that says it.
      taken ||= data.owns || data.mine < owner;
      silence = data.owns ? OFTEN : silence;
    } else if ('free' in data) {
      again();
    } else if (owns || data.ask > owner) {
      channel.postMessage({ mine: owner, owns } satisfies Said);
    } else {
      // It may be answered by nobody before this one asks again.
      taken = true;
    }
  };
  ended.addEventListener('abort', () => {
    if (!owns) {
      // At once: a page in the back/forward cache to which something is said is thrown out of it.
      channel.close();
      again();
    }
  });
  const end = Date.now() + GRACE;
  do {
    taken = false;
    channel.postMessage({ ask: owner });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE);
      again = () => {
        // What was said before counts no more.
        taken = true;
        silence = 1;
        clearTimeout(timer);
        resolve();
      };
    });
    silence = taken ? silence : silence - 1;
    if (silence === 0 && !ended.aborted) {
      owns = true;
      return () => {
        channel.postMessage({ free: owner });
        channel.close();
      };
    }
  } while (!ended.aborted && (waits || Date.now() < end));
  channel.close();
  return undefined;
}
