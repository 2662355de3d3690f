/**
 * The options of `connect` as the engine takes them: a record each, which `src/bindings/settings.rs` reads. It does not
 * know what they do.
 */

import { encode, Writer } from '../port/bytes.js';
import type { Setup } from '../port/port.js';
import type { SessionSetup } from '../port/store.js';
import { placeOf, readAddresses } from './address.js';
import type { Authentication, ConnectOptions, ReconnectOptions, SessionOptions } from './connection.js';
import { invalid } from './errors.js';
import { AUTHENTICATION, CONNECT, QUEUE, RECONNECT, read, SESSION, type Take, WEBSOCKET, WILL } from './options.js';

const URL = 0;
const USERNAME = 3;
const PASSWORD = 4;
const ASKS = 5;
const CLEAN_START = 7;
const SESSION_EXPIRY = 8;
const CHECK_PAYLOAD_FORMAT = 15;
const USER_PROPERTIES = 24;
const SESSION_ENDS = 26;
const WILL_DELAY = 52;
const NO_RECONNECT = 22;
/** The name of the User Property that the next record completes. */
const NAME = 23;
const BY_HAND = 28;
const MIN = 32;
const MAX = 33;
const FACTOR = 34;
const MAX_ATTEMPTS = 36;

/** What is this side's of the options, and what makes the engine. */
export interface Connecting {
  readonly urls: readonly string[];
  readonly clientId: string;
  readonly signal: AbortSignal | undefined;
  readonly auth: ConnectOptions['auth'];
  readonly mechanism: Authentication | undefined;
  /** Whether it closes with the page. */
  readonly closes: boolean;
  readonly setup: Setup;
}

/** Checks all of it; nothing of what is given is kept but functions. */
export function readConnect(address: unknown, options: ConnectOptions | undefined, ended: AbortSignal): Connecting {
  const records = new Writer();
  const said = new Set<number>();
  const put = (tag: number, number: number, block: Uint8Array = NONE): void => {
    said.add(tag);
    records.number(tag, 1);
    records.number(number, 4);
    records.block(block, 4);
  };
  const take: Take = (tag, value) => {
    if (typeof value === 'number') {
      put(tag, value);
    } else if (value instanceof Uint8Array) {
      put(tag, 0, value);
    } else {
      for (const [name, text] of value) {
        put(NAME, 0, name);
        put(tag, 0, text);
      }
    }
  };
  const known = read(options, CONNECT, take);
  const { auth, authentication, reconnect, will, queue, session, websocket, signal } = known as ConnectOptions;
  const worker = (known.worker ?? 0) === 1;
  const { clientId = '', username, password } = options ?? {};
  if (auth && (username !== undefined || password !== undefined)) {
    throw invalid('option "auth" does not go together with a user name or password');
  }
  if (auth) {
    put(ASKS, 0);
  }
  if (authentication) {
    read(authentication, AUTHENTICATION, take, 'authentication');
    if (authentication.method === undefined) {
      throw invalid('option "authentication.method" is missing');
    }
  }
  if (will) {
    read(will, WILL, take, 'will');
    if (will.topic === undefined) {
      throw invalid('option "will.topic" is missing');
    }
  }
  read(queue, QUEUE, take, 'queue');
  const { protocols, factory } = read(websocket, WEBSOCKET, undefined, 'websocket') as NonNullable<typeof websocket>;
  const share = shareOf(options, worker, factory !== undefined);
  if (worker && known.closeOnPagehide === 1) {
    throw invalid('option "closeOnPagehide" does not go together with "worker"');
  }
  if (worker && factory) {
    throw invalid('option "websocket.factory" does not go together with "worker"');
  }
  if (worker && session && session.persist !== 'indexeddb') {
    throw invalid('option "worker" goes together with "session.persist" only where that is "indexeddb"');
  }
  if (reconnect === false || reconnect === 'by-hand') {
    put(NO_RECONNECT, 0);
    put(BY_HAND, +(reconnect !== false));
  } else if (reconnect) {
    putReconnect(reconnect, take, put);
  }
  const { urls, login } = readAddresses(
    address,
    auth !== undefined || username !== undefined || password !== undefined,
  );
  for (const url of urls) {
    put(URL, 0, encode(url));
  }
  read<ConnectOptions>(login, CONNECT, take);
  const place = `${placeOf((urls[0] ?? '').replace(/\?.*/, ''))} ${clientId}`;
  const stored = session && readSession(session, place, clientId, ended);
  if (options?.cleanStart !== undefined && (stored || share)) {
    throw invalid(`option "cleanStart" does not go together with "${stored ? 'session' : 'share'}"`);
  }
  const five = !(options?.protocol === 3 || options?.protocol === 4);
  const first = isPrompt(options, said)
    ? { url: urls[0] ?? '', protocols: [...(protocols ?? ['mqtt'])], ended }
    : undefined;
  if (five && options?.sessionExpiry === undefined && (stored || share)) {
    put(SESSION_EXPIRY, stored ? DAY : MOVING);
  }
  if (share && !stored) {
    put(SESSION_ENDS, 1);
  }
  if (share && will && five && will.delay === undefined) {
    put(WILL_DELAY, MOVED);
  }
  return {
    urls,
    clientId,
    signal,
    auth,
    mechanism: authentication,
    closes: known.closeOnPagehide === 1 || share !== undefined,
    setup: {
      settings: records.bytes,
      protocols: protocols && [...protocols],
      factory,
      first,
      session: stored,
      worker,
      share: share === true ? place : share,
    },
  };
}

/**
 * Whether the first attempt waits for nobody's word: the application is not asked, and the engine, which knows what goes together,
 * has nothing to refuse. `said` are the numbers of what is set.
 */
function isPrompt(options: ConnectOptions = {}, said: ReadonlySet<number>): boolean {
  const { protocol, reconnect, will, auth, authentication, websocket, worker, share } = options;
  const { min = 0, max = min } = (reconnect || {}) as ReconnectOptions;
  if (min > max || will || auth || authentication || websocket?.factory || worker || share) {
    return false;
  }
  const of5 = [...said].some((tag) => (tag >= CLEAN_START && tag <= CHECK_PAYLOAD_FORMAT) || tag === USER_PROPERTIES);
  const nameless = said.has(PASSWORD) && !said.has(USERNAME);
  return protocol !== 3 && (protocol !== 4 || !(of5 || nameless));
}

/** By what name it shares its connection, or true for that of its address. */
function shareOf(options: ConnectOptions | undefined, worker: boolean, factory: boolean): string | true | undefined {
  const { share, session, closeOnPagehide } = options ?? {};
  if (share === undefined || share === false) {
    return undefined;
  }
  const other = worker
    ? 'worker'
    : factory
      ? 'websocket.factory'
      : closeOnPagehide !== undefined
        ? 'closeOnPagehide'
        : undefined;
  if (other !== undefined) {
    throw invalid(`option "${other}" does not go together with "share"`);
  }
  if (session && session.persist !== 'indexeddb') {
    throw invalid('option "share" goes together with "session.persist" only where that is "indexeddb"');
  }
  return share;
}

function readSession(session: SessionOptions, place: string, clientId: string, ended: AbortSignal): SessionSetup {
  const { persist, name, durability, inUse, onFailure, persistent } = read(session, SESSION, undefined, 'session');
  if (persist === undefined) {
    throw invalid('option "session.persist" is missing');
  }
  return {
    store: persist as unknown as SessionSetup['store'],
    name: (name as string | undefined) ?? place,
    clientId,
    strict: durability === 1,
    inUse: IN_USE[inUse ?? 0] ?? 'fail',
    stops: onFailure === 1,
    persistent: persistent === 1,
    ended,
  };
}

function putReconnect(
  reconnect: ReconnectOptions,
  take: Take,
  put: (tag: number, number: number, block?: Uint8Array) => void,
): void {
  const known = read(reconnect, RECONNECT, take, 'reconnect') as ReconnectOptions;
  const { min, max, factor, maxAttempts = Number.POSITIVE_INFINITY } = known;
  // What is not given gives way to what is.
  put(MAX, max ?? Math.max(30_000, min ?? 0));
  put(MIN, min ?? Math.min(500, max ?? 500));
  if (factor !== undefined) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, factor);
    put(FACTOR, 0, bytes);
  }
  if (maxAttempts < Number.POSITIVE_INFINITY) {
    put(MAX_ATTEMPTS, maxAttempts);
  }
}

const NONE = new Uint8Array();

/** By their places among the choices. */
const IN_USE: readonly SessionSetup['inUse'][] = ['fail', 'wait', 'separate'];

/** Seconds. */
const DAY = 86_400;

/** Seconds that a server keeps the session of pages that share a connection, which may move. */
const MOVING = 60;

/** Seconds in which it has moved, so that the server publishes no will. */
const MOVED = 5;
