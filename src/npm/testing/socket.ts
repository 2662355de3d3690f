/**
 * A WebSocket as a browser has it, whose other end is in the same page. It does not know MQTT: the host takes the
 * server's end of each.
 */

import { type Network, Pipe } from './network.js';

/** The server's end of a WebSocket. */
export interface ServerEnd {
  readonly url: string;
  /** Subprotocols that the client offered. */
  readonly offered: readonly string[];
  /** What came. */
  onmessage: (data: Uint8Array | string) => void;
  /** The WebSocket has ended, by whomever. */
  onclose: (code: number, reason: string) => void;
  /** Kept once the client has it, or never will. */
  send(bytes: Uint8Array): Promise<void>;
  /** With a close frame, behind all that was sent. */
  close(code: number, reason: string): void;
  /** Without one, at once. */
  cut(): void;
}

/** Who takes the connections. */
export interface Host {
  readonly network: Network;
  /** The subprotocol that was chosen, `''` for none. */
  accept(end: ServerEnd): string;
  /** An event was dispatched to a client. */
  happened(): void;
}

type ToServer =
  | { readonly type: 'open' }
  | { readonly type: 'message'; readonly data: Uint8Array | string; readonly size: number }
  | { readonly type: 'close'; readonly code: number; readonly reason: string };

type ToClient =
  | { readonly type: 'open'; readonly protocol: string }
  | { readonly type: 'message'; readonly data: Uint8Array }
  | { readonly type: 'close'; readonly code: number; readonly reason: string };

type EventName = 'open' | 'message' | 'error' | 'close';
type Handler = ((this: unknown, event: never) => unknown) | null;

/** No status in the close frame, and no close frame (RFC 6455, 7.4.1). */
const NO_STATUS = 1005;
const ABNORMAL = 1006;

/** The browser's end. `WebSocketClass` makes the class that a page constructs. */
export class Socket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readonly url: string;
  readonly extensions = '';
  readonly #host: Host;
  readonly #handlers = new Map<EventName, Handler>();
  readonly #toServer: Pipe<ToServer>;
  readonly #toClient: Pipe<ToClient>;
  readonly #end: ServerEnd;
  #readyState: 0 | 1 | 2 | 3 = 0;
  #protocol = '';
  #binaryType: 'blob' | 'arraybuffer' = 'blob';
  #bufferedAmount = 0;
  /** Blobs are read in their turn. */
  #reading: Promise<void> | undefined;
  #serverIsOpen = false;

  constructor(host: Host, url: string | URL, protocols: string | readonly string[] = []) {
    super();
    this.url = addressOf(url);
    const offered = typeof protocols === 'string' ? [protocols] : [...protocols];
    if (new Set(offered).size < offered.length || !offered.every((name) => /^[!#$%&'*+\-.^_`|~\w]+$/.test(name))) {
      throw exception('the subprotocols are not names, each given once', 'SyntaxError');
    }
    this.#host = host;
    this.#toServer = new Pipe(host.network, (item) => this.#arrived(item));
    this.#toClient = new Pipe(host.network, (item) => this.#came(item));
    this.#end = {
      url: this.url,
      offered,
      onmessage: () => {},
      onclose: () => {},
      send: (bytes) => this.#toClient.push({ type: 'message', data: bytes }),
      close: (code, reason) => void this.#toClient.push({ type: 'close', code, reason }),
      cut: () => this.#lost(false),
    };
    void this.#toServer.push({ type: 'open' });
  }

  get readyState(): number {
    return this.#readyState;
  }

  get protocol(): string {
    return this.#protocol;
  }

  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  get binaryType(): 'blob' | 'arraybuffer' {
    return this.#binaryType;
  }

  set binaryType(value: 'blob' | 'arraybuffer') {
    if (value === 'blob' || value === 'arraybuffer') {
      this.#binaryType = value;
    }
  }

  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    if (this.#readyState === 0) {
      throw exception('the WebSocket is not open yet', 'InvalidStateError');
    }
    const isBlob = typeof data === 'object' && 'arrayBuffer' in data;
    const copy = isBlob ? data : typeof data === 'string' ? data : bytesOf(data).slice();
    const size = isBlob
      ? data.size
      : typeof copy === 'string'
        ? new TextEncoder().encode(copy).length
        : bytesOf(data as ArrayBuffer).length;
    this.#bufferedAmount += size;
    if (this.#readyState !== 1) {
      return; // It is lost, and counted all the same.
    }
    const push = (data: Uint8Array | string) => void this.#toServer.push({ type: 'message', data, size });
    if (typeof copy === 'object' && 'arrayBuffer' in copy) {
      const before = this.#reading;
      this.#reading = (async () => {
        await before;
        push(new Uint8Array(await copy.arrayBuffer()));
      })();
    } else if (this.#reading) {
      this.#reading = this.#reading.then(() => push(copy));
    } else {
      push(copy);
    }
  }

  close(code?: number, reason = ''): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw exception('the code is neither 1000 nor from 3000 to 4999', 'InvalidAccessError');
    }
    if (new TextEncoder().encode(reason).length > 123) {
      throw exception('the reason is longer than 123 bytes', 'SyntaxError');
    }
    if (this.#readyState === 0) {
      this.#lost(true);
    } else if (this.#readyState === 1) {
      this.#readyState = 2;
      const push = () => void this.#toServer.push({ type: 'close', code: code ?? NO_STATUS, reason });
      if (this.#reading) {
        void this.#reading.then(push);
      } else {
        push();
      }
    }
  }

  /** At the server. */
  #arrived(item: ToServer): void {
    switch (item.type) {
      case 'open':
        if (!this.#host.network.isOnline) {
          this.#lost(true);
          return;
        }
        this.#serverIsOpen = true;
        void this.#toClient.push({ type: 'open', protocol: this.#host.accept(this.#end) });
        break;
      case 'message':
        this.#bufferedAmount -= item.size;
        this.#end.onmessage(item.data);
        break;
      case 'close':
        this.#closedAtServer(item.code, item.reason);
        void this.#toClient.push(item);
    }
  }

  #closedAtServer(code: number, reason: string): void {
    if (this.#serverIsOpen) {
      this.#serverIsOpen = false;
      this.#end.onclose(code, reason);
    }
  }

  /** At the client. */
  #came(item: ToClient): void {
    switch (item.type) {
      case 'open':
        if (this.#readyState === 0) {
          this.#readyState = 1;
          this.#protocol = item.protocol;
          this.#dispatch(new Event('open'));
        }
        break;
      case 'message':
        if (this.#readyState === 1) {
          const buffer = item.data.slice().buffer;
          const data = this.#binaryType === 'blob' ? new Blob([buffer]) : buffer;
          this.#dispatch(new MessageEvent('message', { data, origin: new URL(this.url).origin }));
        }
        break;
      case 'close':
        this.#readyState = 2;
        this.#closedAtServer(item.code, item.reason);
        this.#closed(item.code, item.reason, true);
    }
  }

  /** Ends without a close frame; `failed` before it was open. */
  #lost(failed: boolean): void {
    if (this.#readyState === 3) {
      return;
    }
    this.#readyState = failed ? 2 : 3;
    this.#toServer.end();
    this.#toClient.end();
    this.#closedAtServer(ABNORMAL, '');
    void Promise.resolve().then(() => {
      this.#readyState = 3;
      if (failed) {
        this.#dispatch(new Event('error'));
      }
      this.#closed(ABNORMAL, '', false);
    });
  }

  #closed(code: number, reason: string, wasClean: boolean): void {
    this.#readyState = 3;
    this.#toServer.end();
    this.#toClient.end();
    this.#dispatch(closeEvent(code, reason, wasClean));
  }

  #dispatch(event: Event): void {
    this.dispatchEvent(event);
    this.#host.happened();
  }

  #handler(type: EventName): Handler {
    return this.#handlers.get(type) ?? null;
  }

  /** As a browser: its place among the listeners is where it was first set. */
  #handle(type: EventName, handler: Handler): void {
    if (!this.#handlers.has(type)) {
      this.addEventListener(type, (event) => this.#handlers.get(type)?.call(this, event as never));
    }
    this.#handlers.set(type, typeof handler === 'function' ? handler : null);
  }

  get onopen(): Handler {
    return this.#handler('open');
  }
  set onopen(handler: Handler) {
    this.#handle('open', handler);
  }
  get onmessage(): Handler {
    return this.#handler('message');
  }
  set onmessage(handler: Handler) {
    this.#handle('message', handler);
  }
  get onerror(): Handler {
    return this.#handler('error');
  }
  set onerror(handler: Handler) {
    this.#handle('error', handler);
  }
  get onclose(): Handler {
    return this.#handler('close');
  }
  set onclose(handler: Handler) {
    this.#handle('close', handler);
  }
}

/** The class that stands for `WebSocket`: each address leads to the host. */
export function WebSocketClass(host: Host): typeof WebSocket {
  const made = class extends Socket {
    constructor(url: string | URL, protocols?: string | readonly string[]) {
      super(host, url, protocols);
    }
  };
  return Object.defineProperty(made, 'name', { value: 'WebSocket' }) as unknown as typeof WebSocket;
}

function addressOf(url: string | URL): string {
  let address: URL;
  try {
    address = new URL(url, globalThis.location?.href);
  } catch {
    throw exception('the address is not one', 'SyntaxError');
  }
  const protocol = address.protocol.replace(/^http/, 'ws');
  if (!/^wss?:$/.test(protocol) || address.hash !== '') {
    throw exception('the address is not one of ws: or wss:', 'SyntaxError');
  }
  return protocol + address.href.slice(address.protocol.length);
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

function exception(message: string, name: string): DOMException {
  return new DOMException(message, name);
}

/** Node before version 23 has no `CloseEvent`. */
function closeEvent(code: number, reason: string, wasClean: boolean): Event {
  if (typeof CloseEvent === 'function') {
    return new CloseEvent('close', { code, reason, wasClean });
  }
  return Object.assign(new Event('close'), { code, reason, wasClean });
}
