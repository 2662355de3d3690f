/**
 * The way between the client and its engine: commands in, batches of events out, both plain data that could be posted to
 * another thread. It does not know where the engine is.
 */

import type { Target } from './early.js';
import type { PortError } from './failure.js';
import type { SessionSetup } from './store.js';

/** Where the engine takes commands. */
export interface Port {
  /** In use; `""` until the server has assigned one. */
  readonly clientId: string;
  /**
   * Hands over one command: its kind, the token of its answer, and what it may carry, as `src/bindings/command.rs` says.
   * The bytes are read before it returns. What is wrong with it is its answer.
   */
  send(
    kind: number,
    id?: number,
    first?: number,
    second?: number,
    text?: string,
    data?: Uint8Array,
    properties?: Uint8Array,
  ): void;
  /** The latest counters, in the order of `Stats`. */
  stats(): ArrayLike<number>;
  /** For good: there will be no batch. With a stored session a promise: it is let go, and its records are removed if `clear`. */
  free(clear?: boolean): Promise<void> | undefined;
}

/** Events in their order, as `src/bindings/batch.rs` lays them out. The arrays are good until the call returns. */
export interface Batch {
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
  /** In which payloads lie; these may be kept. */
  readonly buffers: readonly Uint8Array[];
}

/** What an engine is made of. */
export interface Setup {
  /** Made by `Settings`. */
  readonly settings: Uint8Array;
  readonly protocols: string[] | undefined;
  readonly factory: SocketFactory | undefined;
  /** Where the first attempt goes, if that is known before there is an engine. */
  readonly first: Target | undefined;
  readonly session: SessionSetup | undefined;
  /** Whether it is to be in a worker. */
  readonly worker: boolean;
  /** By what name pages share it. */
  readonly share: string | undefined;
}

export type SocketFactory = (url: string, protocols: string[]) => unknown;

/**
 * Makes an engine that tells `take` what happens; none where the settings are wrong, which is told. `broken` is told what
 * goes wrong with the store of a session, which goes on in memory then, or with a worker. Rejects with a `PortError` where it
 * cannot go on.
 */
export type Open = (
  setup: Setup,
  take: (batch: Batch) => void,
  broken: (error: PortError) => void,
) => Promise<Port | undefined>;

/** The kinds of commands. */
export const CONNECT = 0;
export const HOLD = 1;
export const PUBLISH = 2;
export const SUBSCRIBE = 3;
export const UNSUBSCRIBE = 4;
export const ACKNOWLEDGE = 5;
export const CANCEL = 6;
export const PING = 7;
export const FLUSH = 8;
export const CREDENTIALS = 9;
export const REFUSE_CREDENTIALS = 10;
export const EXPIRES = 11;
export const AUTHENTICATION = 12;
export const REFUSE_AUTHENTICATION = 13;
export const REAUTHENTICATE = 14;
export const DISCONNECT = 15;
export const DISCONNECT_WITH_WILL = 16;
export const KEEP_SESSION = 17;
export const STORED = 18;
export const STORE_FAILED = 19;
export const WAKE = 20;
export const CORK = 21;
export const TICK = 22;
export const TAP = 23;
export const STOP = 26;
export const CONFIGURE = 27;

/** In place of the text of DISCONNECT, where pages share the connection: that of all of them ends. */
export const EVERYWHERE = 'everywhere';

/** Where the milliseconds to the next PINGREQ are among the counters; `NaN` where none is due. */
export const PING_DUE = 15;

/** What `WAKE` tells: the page is seen again. */
export const VISIBLE = 0;

/** The token of the first publish of an earlier page, and of a session that cannot be kept. */
export const KEPT = 1;

/** The kinds of events. */
export const MESSAGE = 0;
export const ROUTE = 1;
export const PUBLISHED = 2;
export const SUBSCRIBED = 3;
export const UNSUBSCRIBED = 4;
export const PONG = 5;
export const DONE = 6;
export const FAILED = 7;
export const SUBSCRIPTION_LOST = 8;
export const DISCONNECTED = 9;
export const STATE = 10;
export const CONNECTED = 11;
export const AUTHORIZE = 12;
export const AUTHENTICATE = 13;
export const REFUSED = 14;
export const SESSION_LOST = 15;
export const IS_STORED = 16;
export const RESTORED = 17;
export const PERSIST = 18;
/** Not of the engine: where the connection is that pages share, as a place in `Place`, and how many pages they are. */
export const SHARED = 19;
export const FRAME = 20;
