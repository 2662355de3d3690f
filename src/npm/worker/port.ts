/**
 * The port to an engine in a dedicated worker. A worker that dies is replaced: what was subscribed to is subscribed to
 * again. It does not know what goes through the port but that.
 */

import { type PortError, portError } from '../port/failure.js';
import {
  type Batch,
  CONFIGURE,
  CONNECT,
  DISCONNECT,
  DISCONNECT_WITH_WILL,
  type Port,
  type Setup,
  STOP,
  SUBSCRIBE,
  TAP,
  UNSUBSCRIBE,
  VISIBLE,
  WAKE,
} from '../port/port.js';
import { batchOf, type Command, errorOf } from '../port/posted.js';
import { withClientId } from '../port/settings.js';
import type { Trusted } from '../port/trusted.js';
import type { ToPage, ToWorker } from './messages.js';

/** Milliseconds in which a worker answers that is asked whether it is there. */
const PATIENCE = 5_000;

/** Bytes from which a payload is handed over and not copied once more. */
const LARGE = 16 * 1024;

type Take = (batch: Batch) => void;
type Broken = (error: PortError) => void;

/**
 * An engine in a worker of that script; `module` is given to it. False where the page may have no worker, which `broken`
 * is told.
 */
export async function open(
  script: string,
  module: WebAssembly.Module | undefined,
  setup: Setup,
  take: Take,
  broken: Broken,
  trusted: Trusted,
): Promise<Port | undefined | false> {
  const begin = (): Promise<Worker | undefined> => start(script, trusted);
  const worker = await begin();
  if (!worker) {
    broken(portError('unsupported', 'this page may have no worker: the client goes on without', undefined, true));
    return false;
  }
  const port = new WorkerPort(begin, module, setup, take, broken);
  return (await port.begin(worker)) ? port : undefined;
}

/** Undefined where a policy forbids it. */
async function start(script: string, trusted: Trusted): Promise<Worker | undefined> {
  // Not a file: no bundler has to know of it.
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  try {
    const worker = new Worker(trusted(url));
    const ready = await new Promise<boolean>((resolve) => {
      worker.onmessage = () => resolve(true);
      worker.onerror = (event) => {
        event.preventDefault();
        resolve(false);
      };
    });
    return ready ? worker : undefined;
  } catch {
    return undefined;
  } finally {
    URL.revokeObjectURL(url);
  }
}

class WorkerPort implements Port {
  clientId = '';
  readonly #start: () => Promise<Worker | undefined>;
  readonly #module: WebAssembly.Module | undefined;
  readonly #setup: Setup;
  readonly #take: Take;
  readonly #broken: Broken;
  #worker: Worker | undefined;
  #life = new AbortController();
  #commands: Command[] = [];
  #transfer: Transferable[] = [];
  #stats: ArrayLike<number> = [];
  /** What a worker that takes the place of this one has to be told. */
  #connected = false;
  #stopped = false;
  #settings: Uint8Array;
  #tap: Command | undefined;
  readonly #subscriptions = new Map<number, Command>();
  #opened: (made: boolean) => void = () => {};
  #failed: (error: unknown) => void = () => {};
  #freed: () => void = () => {};
  /** The client has ended. */
  #over = false;
  /** Whether something was heard since the worker was asked for something. */
  #heard = true;
  #asking: ReturnType<typeof setTimeout> | undefined;
  /** For the lock that the worker has. */
  #asks = new AbortController();

  constructor(
    start: () => Promise<Worker | undefined>,
    module: WebAssembly.Module | undefined,
    setup: Setup,
    take: Take,
    broken: Broken,
  ) {
    this.#start = start;
    this.#module = module;
    this.#setup = setup;
    this.#settings = setup.settings;
    this.#take = take;
    this.#broken = broken;
  }

  /** False where the settings are refused. */
  async begin(worker: Worker): Promise<boolean> {
    this.#worker = worker;
    const settings = this.#settings;
    const { protocols, session } = this.#setup;
    const opened = new Promise<boolean>((resolve, reject) => {
      this.#opened = resolve;
      this.#failed = reject;
    });
    const life = new AbortController();
    this.#life = life;
    const { signal } = life;
    const post = (message: ToWorker): void => worker.postMessage(message);
    worker.onmessage = ({ data }: MessageEvent<ToPage>) => this.#hear(data, post);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#died();
    };
    const { ended, ...plain } = session ?? {};
    ended?.addEventListener('abort', () => post({ ended: true }), { signal });
    const stored = session && (plain as Omit<typeof session, 'ended'>);
    const withId = this.clientId === '' ? settings : withClientId(settings, this.clientId);
    post({ settings: withId, protocols, session: stored, module: this.#module });
    this.#watch(signal);
    try {
      const made = await opened;
      if (!made) {
        this.#end();
      }
      return made;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  send(kind: number, id = 0, first = 0, second = 0, text = '', data?: Uint8Array, properties?: Uint8Array): void {
    // What the application gave may change before it is posted.
    const copy = data?.slice();
    const command: Command = [kind, id, first, second, text, copy, properties];
    if (copy && copy.length >= LARGE) {
      this.#transfer.push(copy.buffer);
    }
    if (kind === CONNECT) {
      this.#connected = true;
      this.#stopped = false;
    } else if (kind === STOP) {
      this.#stopped = true;
    } else if (kind === CONFIGURE && copy) {
      this.#settings = copy.slice();
    } else if (kind === TAP) {
      this.#tap = command;
    } else if (kind === SUBSCRIBE) {
      this.#subscriptions.set(id, command);
    } else if (kind === UNSUBSCRIBE) {
      this.#subscriptions.delete(first);
    } else if (kind === DISCONNECT || kind === DISCONNECT_WITH_WILL) {
      this.#connected = false;
    }
    this.#commands.push(command);
    if (this.#commands.length === 1) {
      queueMicrotask(() => this.#flush());
    }
  }

  stats(): ArrayLike<number> {
    return this.#stats;
  }

  free(clear = false): Promise<void> | undefined {
    this.#flush();
    this.#over = true;
    if (!this.#worker) {
      // It died, and the next one is not there yet.
      return this.#setup.session && Promise.resolve();
    }
    const freed = new Promise<void>((resolve) => {
      this.#freed = () => {
        this.#end();
        resolve();
      };
    });
    this.#worker.postMessage({ free: clear } satisfies ToWorker);
    return this.#setup.session && freed;
  }

  #flush(): void {
    const commands = this.#commands;
    if (commands.length > 0 && this.#worker) {
      const transfer = this.#transfer;
      this.#commands = [];
      this.#transfer = [];
      this.#worker.postMessage({ commands } satisfies ToWorker, transfer);
      this.#ask();
    }
  }

  #hear(message: ToPage, post: (message: ToWorker) => void): void {
    this.#heard = true;
    if ('words' in message) {
      this.#stats = message.stats;
      try {
        this.#take(batchOf(message));
      } finally {
        post({ taken: true });
      }
    } else if ('opened' in message) {
      this.clientId = message.opened ?? '';
      this.#opened(message.opened !== undefined);
    } else if ('failed' in message) {
      this.#failed(errorOf(message.failed));
    } else if ('broken' in message) {
      this.#broken(errorOf(message.broken) as PortError);
    } else if ('freed' in message) {
      this.#freed();
    } else if ('lock' in message) {
      this.#outlive(message.lock, this.#life.signal);
    }
  }

  /** Finds out, some time after something was sent, whether anybody is there: no browser tells. */
  #ask(): void {
    this.#heard = false;
    if (this.#asking !== undefined) {
      return;
    }
    const wait = (then: () => void): void => {
      this.#asking = setTimeout(() => {
        this.#asking = undefined;
        if (!this.#heard) {
          then();
        }
      }, PATIENCE);
    };
    wait(() => {
      this.#worker?.postMessage({ there: true } satisfies ToWorker);
      wait(() => this.#died());
    });
  }

  /** Who has that lock after the worker knows that it is dead. */
  #outlive(name: string, life: AbortSignal): void {
    const { locks } = navigator as { readonly locks?: LockManager };
    this.#asks = new AbortController();
    const { signal } = this.#asks;
    locks?.request(name, { signal }, () => signal.aborted || life.aborted || this.#died()).catch(() => {});
  }

  /** A worker does not see what becomes of the page. */
  #watch(signal: AbortSignal): void {
    const wake = (): void => this.send(WAKE, 0, VISIBLE);
    const hold = (hold: boolean): void => {
      this.#asks.abort();
      this.#worker?.postMessage({ hold } satisfies ToWorker);
    };
    signal.addEventListener('abort', () => this.#asks.abort());
    globalThis.addEventListener('pagehide', (event) => event.persisted && hold(false), { signal });
    globalThis.addEventListener('pageshow', (event) => event.persisted && hold(true), { signal });
    globalThis.addEventListener('pageshow', (event) => event.persisted && wake(), { signal });
    globalThis.document?.addEventListener('resume', wake, { signal });
    globalThis.document?.addEventListener('visibilitychange', () => document.hidden || wake(), { signal });
  }

  async #died(): Promise<void> {
    const worker = this.#worker;
    if (!worker) {
      return;
    }
    this.#end();
    const error = portError('connection-lost', 'the worker died', undefined, true);
    this.#failed(error);
    this.#freed();
    if (this.#over) {
      return;
    }
    if (!this.#connected) {
      // It was to end, or had not begun: there is nothing to go on with.
      this.#broken(portError('load', 'the worker died'));
      return;
    }
    this.#commands = [];
    this.#broken(error);
    try {
      const next = await this.#start();
      if (this.#over) {
        next?.terminate();
        return;
      }
      if (!next) {
        throw new Error('no worker any more');
      }
      await this.begin(next);
      // What was asked for meanwhile comes after what the new engine has to be told.
      const meanwhile = this.#commands.filter(([kind]) => kind !== SUBSCRIBE);
      const connect: Command[] = this.#stopped ? [] : [[CONNECT, 0, 0, 0, '', undefined, undefined]];
      const tap = this.#tap ? [this.#tap] : [];
      this.#commands = [...tap, ...connect, ...this.#subscriptions.values(), ...meanwhile];
      this.#flush();
    } catch (cause) {
      this.#broken(portError('load', 'the worker died, and there is no other', cause));
    }
  }

  #end(): void {
    clearTimeout(this.#asking);
    this.#asking = undefined;
    this.#life.abort();
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
