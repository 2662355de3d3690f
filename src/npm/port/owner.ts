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

/** Milliseconds for which an owner is surely not robbed, however silent: by a lock, and by asking around. */
const SAFE = 3000;
const SAFE_UNLOCKED = 150;

export interface Owned {
  /** Lets go. */
  release(): void;
  /** Whether it owns it still: another page may have taken it from one that did not answer. */
  holds(): Promise<boolean>;
  /** Aborted when that is known: it may come after what has waited for this page meanwhile. */
  readonly lost: AbortSignal;
  /** Milliseconds without a task of its own after which it is to ask whether it `holds`. */
  readonly safe: number;
}

export interface Owning {
  readonly waits: boolean;
  readonly grace?: number;
  readonly ended: AbortSignal;
  /** It is taken from that client of the Web Locks, which does not answer, if that owns it. */
  readonly from?: string | undefined;
  /** When it is to be taken from whoever owns it by a Web Lock. */
  readonly seizes?: AbortSignal;
}

/** The Web Lock that owners hold. */
export function lockOf(name: string): string {
  return `wasmqtt session ${name}`;
}

/** The client that owns it, as the Web Locks call it. */
export async function ownerOf(name: string): Promise<string | undefined> {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  const { held = [] } = (await locks?.query()) ?? {};
  return held.find((lock) => lock.name === lockOf(name))?.clientId;
}

/** Undefined where another page is the owner, and did not let go in time; with `waits` it may take for ever. */
export async function own(name: string, owner: string, owning: Owning): Promise<Owned | undefined> {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  if (!locks) {
    return ask(name, owner, owning.waits, owning.ended);
  }
  const { from } = owning;
  return lock(locks, name, owning, from !== undefined && from === (await ownerOf(name)));
}

function lock(
  locks: LockManager,
  name: string,
  { waits, grace = GRACE, ended, seizes }: Owning,
  steals: boolean,
): Promise<Owned | undefined> {
  const lost = new AbortController();
  const asking = new AbortController();
  const give = (): void => asking.abort();
  const releases: (() => void)[] = [];
  let latest = 0;
  return new Promise((resolve, reject) => {
    const request = (options: LockOptions): void => {
      const number = ++latest;
      const held = (lock: Lock | null): Promise<void> | undefined => {
        clearTimeout(timer);
        if (!lock) {
          resolve(undefined);
          return undefined;
        }
        const me = ownerOf(name);
        me.catch(() => {});
        const holds = async (): Promise<boolean> => {
          if ((await ownerOf(name)) !== (await me)) {
            lost.abort();
          }
          return !lost.signal.aborted;
        };
        const release = (): void => {
          for (const free of releases) {
            free();
          }
        };
        resolve({ release, holds, lost: lost.signal, safe: SAFE });
        return new Promise<void>((free) => releases.push(free));
      };
      locks.request(lockOf(name), options, held).catch((error) => {
        clearTimeout(timer);
        if (number < latest) {
          // It has taken it from itself, or instead.
        } else if (releases.length > 0) {
          lost.abort();
        } else if (asking.signal.aborted) {
          resolve(undefined);
        } else {
          reject(error);
        }
      });
    };
    const timer = waits || grace === 0 ? undefined : setTimeout(give, grace);
    ended.addEventListener('abort', give);
    seizes?.addEventListener('abort', () => {
      if (releases.length === 0 && !ended.aborted) {
        request({ steal: true });
        give();
      }
    });
    request(steals ? { steal: true } : waits || grace > 0 ? { signal: asking.signal } : { ifAvailable: true });
  });
}

/**
 * `ask`: who owns it? `mine`: I do, or, if not `owns`, I ask for it, too; `since`, in milliseconds since 1970: who has taken
 * it later owns it. `free`: I do no more. `echo`: to itself.
 */
type Said =
  | { readonly ask: string }
  | { readonly mine: string; readonly owns: boolean; readonly since: number }
  | { readonly free: string }
  | { readonly echo: string };

/** Of those that ask at the same time, the one with the least name has it. */
async function ask(name: string, owner: string, waits: boolean, ended: AbortSignal): Promise<Owned | undefined> {
  const channel = new BroadcastChannel(lockOf(name));
  const lost = new AbortController();
  let since = 0;
  let taken = false;
  let silence = 1;
  let again = (): void => {};
  const echoes: (() => void)[] = [];
  /** What waits for this page comes before what it says to itself. */
  const caughtUp = async (): Promise<void> => {
    const echo = new BroadcastChannel(lockOf(name));
    await new Promise<void>((heard) => {
      echoes.push(heard);
      echo.postMessage({ echo: owner } satisfies Said);
    });
    echo.close();
  };
  const close = (): void => {
    channel.close();
    for (const heard of echoes.splice(0)) {
      heard();
    }
  };
  channel.onmessage = ({ data }: MessageEvent<Said>) => {
    const owns = since > 0;
    if ('echo' in data) {
      data.echo === owner && echoes.shift()?.();
    } else if ('mine' in data) {
      // Everybody hears it, also who comes before the one that says it.
      taken ||= data.owns || data.mine < owner;
      silence = data.owns ? OFTEN : silence;
      if (owns && data.owns && (data.since > since || (data.since === since && data.mine < owner))) {
        lost.abort();
        close();
      }
    } else if ('free' in data) {
      again();
    } else if (owns || data.ask > owner) {
      channel.postMessage({ mine: owner, owns, since } satisfies Said);
    } else {
      // It may be answered by nobody before this one asks again.
      taken = true;
    }
  };
  ended.addEventListener('abort', () => {
    if (since === 0) {
      // At once: a page in the back/forward cache to which something is said is thrown out of it.
      close();
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
    if (!taken && !ended.aborted) {
      // It may be this page that was busy, and has not heard the answer.
      await caughtUp();
    }
    silence = taken ? silence : silence - 1;
    if (silence === 0 && !ended.aborted) {
      since = Date.now();
      // One that owns it and was silent hears that before anything else.
      channel.postMessage({ mine: owner, owns: true, since } satisfies Said);
      return {
        release: () => {
          if (!lost.signal.aborted) {
            channel.postMessage({ free: owner });
            channel.close();
          }
        },
        holds: async () => {
          if (!lost.signal.aborted) {
            await caughtUp();
          }
          return !lost.signal.aborted;
        },
        lost: lost.signal,
        safe: SAFE_UNLOCKED,
      };
    }
  } while (!ended.aborted && (waits || Date.now() < end));
  channel.close();
  return undefined;
}
