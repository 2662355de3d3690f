/** The engine's side of a worker: it does what the page says, and says what the engine tells. It does not know which engine. */

import { CORK, type Open, type Port } from '../port/port.js';
import { failureOf } from '../port/posted.js';
import type { ToPage, ToWorker } from './messages.js';
import { Outlet } from './outlet.js';

/** What is used of the global object of a worker. */
interface Scope {
  postMessage(message: ToPage, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  close(): void;
}

/** `open` makes the engine, of the module where the page gives one. */
export function serve(open: (module: WebAssembly.Module | undefined) => Open): void {
  const scope = globalThis as unknown as Scope;
  const ended = new AbortController();
  let port: Port | undefined;
  let outlet: Outlet | undefined;
  let release = (): void => {};

  const begin = async ({ module, session, ...rest }: Extract<ToWorker, { settings: unknown }>): Promise<void> => {
    outlet = new Outlet(
      (told, transfer) => scope.postMessage(told, transfer),
      (corked) => port?.send(CORK, 0, +corked),
      () => Array.from(port?.stats() ?? []),
      session === undefined,
    );
    const setup = {
      ...rest,
      factory: undefined,
      first: undefined,
      worker: false,
      share: undefined,
      session: session && { ...session, ended: ended.signal },
    };
    const told = outlet;
    port = await open(module)(
      setup,
      (batch) => told.tell(batch),
      (error) => scope.postMessage({ broken: failureOf(error) }),
    );
    scope.postMessage({ opened: port?.clientId });
  };

  scope.onmessage = ({ data }) => {
    if ('commands' in data) {
      for (const [kind, id, first, second, text, bytes, properties] of data.commands) {
        port?.send(kind, id, first, second, text, bytes, properties);
      }
    } else if ('taken' in data) {
      outlet?.taken();
    } else if ('settings' in data) {
      release = hold(scope);
      begin(data).catch((error) => scope.postMessage({ failed: failureOf(error) }));
    } else if ('hold' in data) {
      release();
      release = data.hold ? hold(scope) : release;
    } else if ('there' in data) {
      scope.postMessage({ there: true });
    } else if ('ended' in data) {
      ended.abort();
    } else {
      const freed = (): void => scope.postMessage({ freed: true });
      const freeing = port?.free(data.free) ?? Promise.resolve();
      port = undefined;
      freeing.then(freed, freed);
    }
  };
  scope.postMessage({ ready: true });
}

/** A lock that this worker has until it is told to let go, or dies: the page is told its name, and asks for it, too. */
function hold(scope: Scope): () => void {
  const name = `wasmqtt:worker:${Math.random()}`;
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  let release = (): void => {};
  const end = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = (): Promise<void> => {
    scope.postMessage({ lock: name });
    return end;
  };
  locks?.request(name, held).catch(() => {});
  return release;
}
