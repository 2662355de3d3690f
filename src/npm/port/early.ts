/**
 * The socket of the first attempt, opened while the engine is loaded: the ways to the server and back that each of them takes
 * pass together. It does not know what goes through it.
 */

/** To whom, and until when. */
export interface Target {
  readonly url: string;
  readonly protocols: readonly string[];
  /** Aborted when nobody wants it any more. */
  readonly ended: AbortSignal;
}

/** Gives the socket once, if it is one to there; who has it hears next what happened to it before. */
export type Early = (url: string, protocols: readonly string[]) => WebSocket | undefined;

/** Milliseconds that it may be open while nobody speaks: servers wait no longer than some. */
const PATIENCE = 5_000;

/** Undefined where the browser does not open it: the engine tries it as well, and tells why. */
export function early({ url, protocols, ended }: Target): Early | undefined {
  let socket: WebSocket;
  try {
    socket = new WebSocket(url, [...protocols]);
    socket.binaryType = 'arraybuffer';
  } catch {
    return undefined;
  }
  const events: Event[] = [];
  const listen = (listener: ((event: Event) => void) | null): void => {
    socket.onopen = socket.onmessage = socket.onerror = socket.onclose = listener;
  };
  let free = true;
  const leave = (): void => {
    free = false;
    clearTimeout(timer);
    ended.removeEventListener('abort', drop);
    listen(null);
  };
  const drop = (): void => {
    leave();
    const close = (): void => socket.close();
    // Chromium reports one that is closed before it is open as an error of the page.
    socket.readyState === WebSocket.CONNECTING ? socket.addEventListener('open', close) : close();
  };
  const timer = setTimeout(drop, PATIENCE);
  ended.addEventListener('abort', drop);
  listen((event) => events.push(event));

  return (wanted, offered) => {
    if (!free) {
      return undefined;
    }
    // One that a policy forbids is closed without that event.
    const refused = socket.readyState === WebSocket.CLOSED && events.at(-1)?.type !== 'close';
    if (refused || wanted !== url || `${offered}` !== `${protocols}`) {
      drop();
      return undefined;
    }
    leave();
    queueMicrotask(() => {
      for (const event of events) {
        socket[`on${event.type as 'open'}`]?.(event);
      }
    });
    return socket;
  };
}
