/**
 * The options of every call: which there are, what each may be, and what is said of one that is wrong. A value is never
 * repeated: it may be a secret. It does not know what they do.
 */

import { encode, Writer } from '../port/bytes.js';
import { invalid } from './errors.js';
import { bytesOf, isWellFormed } from './payload.js';

/** What an option has to be, and its value as it is used: undefined for a wrong one. */
type Kind = readonly [what: string, convert: (value: unknown) => unknown];
/** The options of an object; those with a number go to whoever takes numbered ones. */
export type Schema = Readonly<Record<string, readonly [kind: Kind, number?: number]>>;

/** Pairs of a name and a value, as bytes. */
export type Pairs = readonly (readonly [Uint8Array, Uint8Array])[];
export type Take = (number: number, value: number | Uint8Array | Pairs) => void;

const MOST = 0xffff_ffff;
/** Bytes of the longest text, or binary data, in a packet (1.5.4, 1.5.6). */
const LONGEST = 0xffff;

const only = (what: string, is: (value: unknown) => boolean): Kind => [
  what,
  (value) => (is(value) ? value : undefined),
];
const within = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const integer = (least: number, most = MOST): Kind =>
  only(`an integer from ${least} to ${most}`, (value) => within(value, least, most));
/** The place of the value among these. */
const choice = (...names: readonly string[]): Kind => [
  `${names
    .map((name) => `"${name}"`)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1')}`,
  (value) => {
    const at = names.indexOf(value as string);
    return at < 0 ? undefined : at;
  },
];
const isFunction = (value: unknown): boolean => typeof value === 'function';

const flag: Kind = ['true or false', (value) => (typeof value === 'boolean' ? +value : undefined)];
const small = only('0, 1 or 2', (value) => within(value, 0, 2));
const number16 = integer(0, LONGEST);
const number32 = integer(0);
const millis = only('milliseconds, at least 0', (value) => typeof value === 'number' && value >= 0);
const calls = only('a function', isFunction);
const object = only('an object', (value) => typeof value === 'object' && value !== null && !Array.isArray(value));

const utf8 = (value: unknown): Uint8Array | undefined => {
  const bytes = typeof value === 'string' && isWellFormed(value) && encode(value);
  return bytes && bytes.length <= LONGEST && !bytes.includes(0) ? bytes : undefined;
};
const text: Kind = ['well-formed text of at most 65535 bytes, without U+0000', utf8];
const topic: Kind = [
  'a topic, not empty and without + or #',
  (value) => (/[+#]/.test(value as string) || value === '' ? undefined : utf8(value)),
];
const binary: Kind = [
  'text or bytes, at most 65535 of them',
  (value) => {
    try {
      const bytes = bytesOf(value, '');
      return bytes.length <= LONGEST ? bytes : undefined;
    } catch {
      return undefined;
    }
  },
];
const pairs: Kind = [
  'an array of [name, value] pairs of text',
  (value) => {
    const all = Array.isArray(value) && value.map((pair) => Array.isArray(pair) && pair.length === 2 && pair.map(utf8));
    return all !== false && all.every((pair) => pair !== false && !pair.includes(undefined)) ? all : undefined;
  },
];
const format = choice('bytes', 'utf-8');

const wait: Schema = {
  signal: [
    only(
      'an AbortSignal',
      (value) =>
        typeof (value as AbortSignal | null)?.addEventListener === 'function' && 'aborted' in (value as object),
    ),
  ],
  timeout: [millis],
};
/** By the identifiers of properties (5.0, 2.2.2.2). */
const message: Schema = {
  payloadFormat: [format, 1],
  expiry: [number32, 2],
  contentType: [text, 3],
  userProperties: [pairs, 38],
};
const said: Schema = { userProperties: [pairs, 38] };

export const WAIT = wait;
export const PUBLISH: Schema = {
  ...wait,
  ...message,
  qos: [small],
  retain: [flag],
  responseTopic: [topic, 8],
  correlationData: [binary, 9],
  id: [[text[0], (value) => text[1](value) && value]],
};
export const SUBSCRIBE: Schema = {
  ...wait,
  ...said,
  qos: [small],
  noLocal: [flag],
  retainAsPublished: [flag],
  retainHandling: [small],
  ack: [choice('auto', 'after-handler', 'manual')],
  buffer: [object],
  sample: [
    only(
      'milliseconds, from 1 to 2147483647',
      (value) => typeof value === 'number' && value >= 1 && value <= 0x7fff_ffff,
    ),
  ],
  latest: [flag],
};
export const BUFFER: Schema = {
  max: [
    only(
      'an integer, at least 1, or Infinity',
      (value) => value === Number.POSITIVE_INFINITY || within(value, 1, Number.MAX_SAFE_INTEGER),
    ),
  ],
  overflow: [choice('drop-oldest', 'drop-newest')],
};
export const REQUEST: Schema = { ...wait, ...message, qos: [small] };
export const REQUEST_MANY: Schema = { ...REQUEST, max: BUFFER.max ?? [number32] };
export const UNSUBSCRIBE: Schema = { ...wait, ...said };
export const ACK: Schema = { ...said, reasonCode: [integer(0, 255)], reasonString: [text, 31] };
export const CLOSE: Schema = {
  ...wait,
  ...said,
  drain: [millis],
  sendWill: [flag],
  everywhere: [flag],
  sessionExpiry: [number32],
  reasonString: [text, 31],
};

export const DISCONNECT: Schema = {
  ...wait,
  ...said,
  sendWill: [flag],
  sessionExpiry: [number32],
  reasonString: [text, 31],
};

/** What a client has from the beginning to the end. */
const LASTING: readonly string[] = [
  'signal',
  'auth',
  'authentication',
  'websocket',
  'session',
  'worker',
  'share',
  'closeOnPagehide',
  'clientId',
];

/** By the numbers of `src/bindings/settings.rs`. */
export const CONNECT: Schema = {
  signal: wait.signal ?? [object],
  auth: [calls],
  authentication: [
    only('an object with a function "challenge"', (value) =>
      isFunction((value as { challenge?: unknown } | null)?.challenge),
    ),
  ],
  reconnect: [
    only(
      'false, "by-hand" or an object',
      (value) => value === false || value === 'by-hand' || object[1](value) !== undefined,
    ),
  ],
  will: [object],
  queue: [object],
  websocket: [object],
  session: [object],
  worker: [flag],
  share: [
    only(
      'true, false or text, not empty',
      (value) => typeof value === 'boolean' || (typeof value === 'string' && value !== ''),
    ),
  ],
  closeOnPagehide: [flag],
  protocol: [['"auto", 3, 4 or 5', (value) => (value === 'auto' ? 0 : within(value, 3, 5) ? value : undefined)], 1],
  clientId: [text, 2],
  username: [text, 3],
  password: [binary, 4],
  keepAlive: [number16, 6],
  cleanStart: [flag, 7],
  sessionExpiry: [number32, 8],
  receiveMaximum: [integer(1, LONGEST), 9],
  maximumPacketSize: [integer(1), 10],
  topicAliasMaximum: [number16, 11],
  topicAliases: [flag, 12],
  requestResponseInformation: [flag, 13],
  requestProblemInformation: [flag, 14],
  checkPayloadFormat: [flag, 15],
  followServerReference: [flag, 16],
  connectTimeout: [integer(1), 18],
  resubscribe: [choice('lost', 'always'), 25],
  userProperties: [pairs, 24],
};
/** What of it may change from one connection to the next. */
export function changeable(): Schema {
  return Object.fromEntries(Object.entries(CONNECT).filter(([name]) => !LASTING.includes(name)));
}

export const AUTHENTICATION: Schema = { method: [text, 17], start: [calls], challenge: [calls], success: [calls] };
export const QUEUE: Schema = {
  maxMessages: [number32, 19],
  maxBytes: [number32, 20],
  qos0: [choice('queue', 'reject'), 21],
};
export const SESSION: Schema = {
  persist: [
    only(
      '"indexeddb" or an object with a function "open"',
      (value) => value === 'indexeddb' || isFunction((value as { open?: unknown } | null)?.open),
    ),
  ],
  name: [only('text, not empty', (value) => typeof value === 'string' && value !== '')],
  durability: [choice('relaxed', 'strict')],
  inUse: [choice('fail', 'wait', 'separate')],
  onFailure: [choice('memory', 'stop')],
  persistent: [flag],
};
export const RECONNECT: Schema = {
  min: [number32],
  max: [number32],
  factor: [only('a number, at least 1', (value) => Number.isFinite(value) && (value as number) >= 1)],
  jitter: [choice('none', 'full'), 35],
  maxAttempts: [
    only(`an integer from 0 to ${MOST}`, (value) => value === Number.POSITIVE_INFINITY || within(value, 0, MOST)),
  ],
};
export const WILL: Schema = {
  topic: [topic, 48],
  payload: [binary, 49],
  qos: [small, 50],
  retain: [flag, 51],
  delay: [number32, 52],
  expiry: [number32, 53],
  contentType: [text, 54],
  responseTopic: [topic, 55],
  correlationData: [binary, 56],
  payloadFormat: [format, 57],
  userProperties: [pairs, 58],
};
export const WEBSOCKET: Schema = {
  protocols: [
    only(
      'an array of text, not empty',
      (value) => Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'),
    ),
  ],
  factory: [calls],
};

/**
 * The options of that schema, checked. Those with a number go to `take`, the others are in what is returned, with the
 * place among the choices where there are some. `path` is in front of their names.
 */
export function read<T extends object>(options: T | undefined, schema: Schema, take?: Take, path = ''): Read<T> {
  const known: Record<string, unknown> = {};
  if (options === undefined) {
    return known as Read<T>;
  }
  if (object[1](options) === undefined) {
    throw invalid(path ? `option "${path}" must be an object` : 'the options must be an object');
  }
  // Not `Object.entries`, which makes an array for each: this is a part of every publish.
  for (const key of Object.keys(options)) {
    const given: unknown = options[key as keyof T];
    if (given === undefined) {
      continue;
    }
    const name = path ? `${path}.${key}` : key;
    const [kind, number] = Object.hasOwn(schema, key) ? (schema[key] ?? []) : [];
    if (!kind) {
      throw invalid(`unknown option "${name}"`);
    }
    const value = kind[1](given);
    if (value === undefined) {
      throw invalid(`option "${name}" must be ${kind[0]}`);
    }
    if (number === undefined) {
      known[key] = value;
    } else {
      take?.(number, value as number | Uint8Array | Pairs);
    }
  }
  return known as Read<T>;
}

/** Flags and choices are numbers then. */
export type Read<T> = {
  [K in keyof T]?: T[K] extends boolean | string | undefined ? number | undefined : T[K];
};

/** Properties as on the wire (5.0, 2.2.2.2), of the options that are some. */
export class Said {
  #writer: Writer | undefined;

  readonly take: Take = (number, value) => {
    this.#writer ??= new Writer();
    const writer = this.#writer;
    if (typeof value === 'number') {
      writer.number(number, 1);
      writer.number(value, number === 1 ? 1 : 4);
    } else if (value instanceof Uint8Array) {
      writer.number(number, 1);
      writer.block(value, 2);
    } else {
      for (const [name, text] of value) {
        writer.number(number, 1);
        writer.block(name, 2);
        writer.block(text, 2);
      }
    }
  };

  /** Undefined where there are none. */
  get properties(): Uint8Array | undefined {
    return this.#writer?.bytes;
  }
}
