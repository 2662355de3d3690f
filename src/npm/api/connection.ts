/** What `connect` takes. */

import type { SessionStore } from '../port/store.js';
import type { ProtocolVersion, QoS, UserProperties } from './types.js';

/** What the server publishes when this client is lost without a DISCONNECT (3.1.2.5). */
export interface Will {
  topic: string;
  /** Default: empty. */
  payload?: string | ArrayBuffer | ArrayBufferView | undefined;
  /** Default: 0. */
  qos?: QoS | undefined;
  /** Default: false. */
  retain?: boolean | undefined;
  /** Seconds the server waits before it publishes the will (5.0). Default: 0. */
  delay?: number | undefined;
  /** Seconds after which the will expires once published (5.0). */
  expiry?: number | undefined;
  contentType?: string | undefined;
  responseTopic?: string | undefined;
  correlationData?: ArrayBuffer | ArrayBufferView | undefined;
  /** `"utf-8"` marks the payload as text (5.0). */
  payloadFormat?: 'bytes' | 'utf-8' | undefined;
  userProperties?: UserProperties | undefined;
}

export interface Credentials {
  username?: string | undefined;
  password?: string | ArrayBuffer | ArrayBufferView | undefined;
  /**
   * When they are worth nothing any more, as a date or milliseconds since 1970. A tenth of the time before, at most a
   * minute and at least ten seconds from now, the client does what `reauthenticate` does. What is left of the time is
   * measured when it is given: a clock that is set later changes nothing. Default: `Infinity`, never. What is no time
   * fails the attempt, and is an `error` event with code `invalid-argument`.
   */
  expiresAt?: number | Date | undefined;
}

/** Data to send in CONNECT or AUTH, and when it expires as for `Credentials`. */
export type AuthenticationAnswer =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | { data?: string | ArrayBuffer | ArrayBufferView | undefined; expiresAt?: number | Date | undefined }
  | undefined;

/**
 * A mechanism of enhanced authentication (5.0, 4.12), such as SCRAM. No older version is fallen back to. A function that
 * throws ends the attempt with code `auth` and is an `error` event.
 */
export interface Authentication {
  /** Authentication Method, as the server knows it. */
  method: string;
  /** The first data, for each CONNECT and for each time that is authenticated anew (`again`). Default: none. */
  start?:
    | ((context: {
        readonly again: boolean;
        readonly signal: AbortSignal;
      }) => AuthenticationAnswer | Promise<AuthenticationAnswer>)
    | undefined;
  /** The answer to the server's data. */
  challenge: (
    data: Uint8Array,
    context: { readonly signal: AbortSignal },
  ) => AuthenticationAnswer | Promise<AuthenticationAnswer>;
  /** The server's last data. If it does not prove who the server is, throw: the client closes. */
  success?: ((data: Uint8Array) => unknown) | undefined;
}

export interface AuthContext {
  /** 1 for the first CONNECT of this client. */
  readonly attempt: number;
  /** `rejected`: the server refused the last ones as wrong. */
  readonly reason: 'first' | 'reconnect' | 'rejected';
  /** Aborted when the client is closed while the function runs. */
  readonly signal: AbortSignal;
}

/**
 * When to try again. A pause is never less than 10 ms, 20 ms after the next failure, then 40 and 80, and 100 ms from then
 * on, whatever is asked for here, until a connection has lived for 5 s.
 */
export interface ReconnectOptions {
  /** Milliseconds before the first retry, 0 to 4 294 967 295 and not above `max`. Default: 500, or `max` if that is less. */
  min?: number | undefined;
  /** Greatest pause in milliseconds, 0 to 4 294 967 295. Default: 30 000, or `min` if that is more. */
  max?: number | undefined;
  /** By which each pause is longer than the one before: a finite number, at least 1. Default: 2. */
  factor?: number | undefined;
  /** `"full"`: a random pause, from the least there may be to the computed one. Default: `"full"`. */
  jitter?: 'full' | 'none' | undefined;
  /** Failed attempts in a row after which the client closes, 0 to 4 294 967 295. Default: `Infinity`, no limit. */
  maxAttempts?: number | undefined;
}

export interface QueueOptions {
  /** Messages held, waiting or unacknowledged, 0 to 4 294 967 295. Default: 1 000. */
  maxMessages?: number | undefined;
  /** Bytes of payload and topic held, 0 to 4 294 967 295. Default: 64 MiB. */
  maxBytes?: number | undefined;
  /** What becomes of a QoS 0 publish while there is no connection. Default: `"queue"`. */
  qos0?: 'queue' | 'reject' | undefined;
}

/** What of the session is stored, and where. User names, passwords and authentication data never are. */
export interface SessionOptions {
  /** Where: in IndexedDB, or in a store of the application's. */
  persist: 'indexeddb' | SessionStore;
  /** Of the session in the store. Default: the first address, without user, password and query, and `clientId`. */
  name?: string | undefined;
  /** Whether the browser waits for the disk (IndexedDB). Default: `"relaxed"`, it does not. */
  durability?: 'relaxed' | 'strict' | undefined;
  /**
   * What becomes of a client whose session another one of this origin has. `"fail"`: it closes with code `session-in-use`.
   * `"wait"`: it begins when the other one ends. `"separate"`: it gets a session and a client identifier of its own, with a
   * number behind them. Default: `"fail"`.
   */
  inUse?: 'fail' | 'wait' | 'separate' | undefined;
  /**
   * What becomes of a client whose store fails. `"memory"`: an `error` event with code `session-store`, and the session goes
   * on in memory. `"stop"`: it closes with that error. Default: `"memory"`.
   */
  onFailure?: 'memory' | 'stop' | undefined;
  /** Ask the browser not to evict the storage of this origin (`navigator.storage.persist`). Default: false. */
  persistent?: boolean | undefined;
}

export type { SessionChange, SessionRecords, SessionStore } from '../port/store.js';

/** What is used of a socket: those of browsers have it, of Node, Deno and Bun, and those of the package `ws`. */
export interface WebSocketLike {
  /** `"arraybuffer"` is set. */
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  /** Is given a `Uint8Array`. */
  send(data: never): void;
  close(code?: number, reason?: string): void;
}

/** Makes a socket for an address of `ws:` or `wss:`, which may then be any. */
export type WebSocketFactory = (url: string, protocols: string[]) => WebSocketLike;

export interface WebSocketOptions {
  /** Subprotocols to offer. Default: `["mqtt"]`, for 3.1 `["mqttv3.1"]`. */
  protocols?: string[] | undefined;
  /** Makes the socket. Default: `new WebSocket(url, protocols)`. */
  factory?: WebSocketFactory | undefined;
}

/** What of the options may change from one connection to the next. */
export type ConnectChanges = Omit<
  ConnectOptions,
  'signal' | 'auth' | 'authentication' | 'websocket' | 'session' | 'worker' | 'share' | 'closeOnPagehide' | 'clientId'
>;

export interface ConnectOptions {
  /** Default: `"auto"`, which is 5.0, then 3.1.1 when the server refuses 5.0. */
  protocol?: 'auto' | ProtocolVersion | undefined;
  /**
   * Default: generated, 23 letters and digits. `""` lets the server assign one. One that is given is for one client at a
   * time (3.1.4): where another client of this origin has it at this server, the client ends with code `taken-over`
   * within a second or so, before anything is sent. On another machine it is found out only by being thrown out eight
   * times in a row, each time within 10 s.
   */
  clientId?: string | undefined;
  /** Default: of the address, if neither `password` nor `auth` is given. */
  username?: string | undefined;
  /** Default: of the address, if neither `username` nor `auth` is given. */
  password?: string | ArrayBuffer | ArrayBufferView | undefined;
  /** Called before every CONNECT, so that a token is never stale. Not together with `username` or `password`. */
  auth?: ((context: AuthContext) => Credentials | Promise<Credentials>) | undefined;
  /** Enhanced authentication (5.0). Default: none. */
  authentication?: Authentication | undefined;
  /** Seconds, 0 to 65 535; 0 is off. Default: 60. */
  keepAlive?: number | undefined;
  /** Begin without the session of an earlier connection. In 5.0 it holds for the first CONNECT, in 3.x for each. Default: true. */
  cleanStart?: boolean | undefined;
  /** Seconds the server keeps the session after the connection ends (5.0). Default: 0. */
  sessionExpiry?: number | undefined;
  will?: Will | undefined;
  /** QoS 1 and 2 messages the server may have unacknowledged (5.0). Default: 65 535. */
  receiveMaximum?: number | undefined;
  /** Greatest packet, in bytes, that is accepted (told to the server in 5.0). Default: 268 435 460, the greatest there is. */
  maximumPacketSize?: number | undefined;
  /** Topic aliases the server may use (5.0). Default: 16. */
  topicAliasMaximum?: number | undefined;
  /** Say topics that are used often by the server's topic aliases, as far as it accepts any (5.0). Default: true. */
  topicAliases?: boolean | undefined;
  /** Ask for Response Information, the start of topics for replies (5.0, 3.1.2.11.6). Default: false. */
  requestResponseInformation?: boolean | undefined;
  /** Let the server give reasons and user properties in every packet (5.0, 3.1.2.11.7). Default: true. */
  requestProblemInformation?: boolean | undefined;
  /**
   * Refuse a message whose payload is said to be UTF-8 and is not (5.0, 3.3.2.3.2): by its acknowledgement, and with
   * QoS 0 by ending the connection. Default: false.
   */
  checkPayloadFormat?: boolean | undefined;
  /**
   * Go where a server says (5.0, 4.11): its host and port take the place of those of the address. For one connection,
   * or until one fails, as the server says. The credentials go there, too. Default: false.
   */
  followServerReference?: boolean | undefined;
  /** Sent in CONNECT (5.0). */
  userProperties?: UserProperties | undefined;
  /** Milliseconds from opening the socket to CONNACK, 1 to 4 294 967 295. Default: 30 000. */
  connectTimeout?: number | undefined;
  /**
   * `false`: one attempt, and closed when the connection is lost. `"by-hand"`: one attempt, and when it failed or the
   * connection is lost the client is `idle`, with all that waits, until `connect()`.
   */
  reconnect?: false | 'by-hand' | ReconnectOptions | undefined;
  /**
   * What is subscribed to again after a reconnect: `"lost"`, what the server has lost, or `"always"` everything, so that
   * the retained messages come again, which may have changed meanwhile. Default: `"lost"`.
   */
  resubscribe?: 'lost' | 'always' | undefined;
  queue?: QueueOptions | undefined;
  /**
   * A session that outlives the page: what is not acknowledged and what is queued is stored before it is sent, and the next
   * page goes on with it. `cleanStart` is not for a client that has one, and `sessionExpiry` is a day unless it is given.
   */
  session?: SessionOptions | undefined;
  websocket?: WebSocketOptions | undefined;
  /**
   * The engine, its socket and its timers are in a dedicated worker: the page has only what it handles of messages to do, and
   * a hidden page keeps its connection. Where the page may have no worker, an `error` event with code `unsupported` says so,
   * and the client goes on without. Not together with `websocket.factory`, nor with a store of the application's. Default:
   * false.
   */
  worker?: boolean | undefined;
  /**
   * All pages of this origin that connect with the same options, or with the same name here, have one connection: in a
   * SharedWorker, or where there is none in one of the pages, and it moves to another one when that goes. Each page has its
   * own subscriptions, requests and promises; the last one that goes disconnects. A page whose other options differ ends with
   * code `share-conflict`. `cleanStart` is not for a client that shares, `sessionExpiry` is a minute and `will.delay` 5 s
   * unless they are given, so that the connection can move. Not together with `worker`, `websocket.factory`,
   * `closeOnPagehide`, nor with a store of the application's. Default: false.
   */
  share?: boolean | string | undefined;
  /**
   * Close the client when the page goes for good, so that the server publishes no will. A page that may come back, from the
   * back/forward cache, keeps it. Not together with `worker`: a page that goes does not reach it any more. Default: false.
   */
  closeOnPagehide?: boolean | undefined;
  /** Aborting closes the client. */
  signal?: AbortSignal | undefined;
}
