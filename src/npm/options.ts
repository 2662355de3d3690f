/**
 * The options that this side reads. It knows their names and types; the options of `connect` and the properties of a
 * message are the engine's, which names what is wrong in the same words.
 */

import { invalid } from './errors.js';
import type { SubscribeOptions, WaitOptions } from './types.js';

type Kind = readonly [what: string, is: (value: unknown) => boolean];

const flag: Kind = ['true or false', (value) => typeof value === 'boolean'];
const upTo = (most: number, least = 0): ((value: unknown) => boolean) => {
  return (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
};
const small: Kind = ['0, 1 or 2', upTo(2)];
const millis: Kind = ['milliseconds, at least 0', (value) => typeof value === 'number' && value >= 0];

const ACKS: readonly string[] = ['auto', 'after-handler', 'manual'];

const KINDS: Readonly<Record<string, Kind>> = {
  qos: small,
  retain: flag,
  noLocal: flag,
  retainAsPublished: flag,
  retainHandling: small,
  buffer: ['an object', (value) => typeof value === 'object' && value !== null],
  max: [
    'an integer, at least 1, or Infinity',
    (value) => value === Number.POSITIVE_INFINITY || upTo(Number.MAX_SAFE_INTEGER, 1)(value),
  ],
  overflow: ['"drop-oldest" or "drop-newest"', (value) => value === 'drop-oldest' || value === 'drop-newest'],
  drain: millis,
  sendWill: flag,
  sessionExpiry: ['an integer from 0 to 4294967295', upTo(0xffff_ffff)],
  timeout: millis,
  signal: [
    'an AbortSignal',
    (value) => typeof (value as AbortSignal | null)?.addEventListener === 'function' && 'aborted' in (value as object),
  ],
  auth: ['a function', (value) => typeof value === 'function'],
  authentication: [
    'an object with a function "challenge"',
    (value) => typeof (value as { challenge?: unknown } | null)?.challenge === 'function',
  ],
  ack: ['"auto", "after-handler" or "manual"', (value) => ACKS.includes(value as string)],
  userProperties: ['an array of [name, value] pairs of text', Array.isArray],
  reasonString: ['text', (value) => typeof value === 'string'],
  reasonCode: ['an integer from 0 to 255', upTo(255)],
};

/** The names that every awaitable takes. */
export const WAIT: readonly string[] = ['signal', 'timeout'];
export const PUBLISH: readonly string[] = [...WAIT, 'qos', 'retain'];
const SUBSCRIBE: readonly string[] = [
  ...WAIT,
  'qos',
  'noLocal',
  'retainAsPublished',
  'retainHandling',
  'ack',
  'userProperties',
  'buffer',
];
export const REQUEST: readonly string[] = [...WAIT, 'qos'];
export const REQUEST_MANY: readonly string[] = [...REQUEST, 'max'];
const BUFFER: readonly string[] = ['max', 'overflow'];
export const UNSUBSCRIBE: readonly string[] = [...WAIT, 'userProperties'];
export const ACK: readonly string[] = ['reasonCode', 'reasonString', 'userProperties'];
export const CLOSE: readonly string[] = [
  ...WAIT,
  'drain',
  'sendWill',
  'sessionExpiry',
  'reasonString',
  'userProperties',
];
export const CONNECT: readonly string[] = ['signal', 'auth', 'authentication'];

/**
 * The options of those names, checked. Others are put into `rest`; without it they are errors.
 */
export function read<T extends object>(options: T | undefined, names: readonly string[], rest?: object): T {
  const known: Record<string, unknown> = {};
  if (options === undefined) {
    return known as T;
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalid('the options must be an object');
  }
  for (const [name, value] of Object.entries(options)) {
    const kind = names.includes(name) && KINDS[name];
    if (value === undefined) {
      continue;
    }
    if (!kind) {
      if (!rest) {
        throw invalid(`unknown option "${name}"`);
      }
      (rest as Record<string, unknown>)[name] = value;
    } else if (kind[1](value)) {
      known[name] = value;
    } else {
      throw invalid(`option "${name}" must be ${kind[0]}`);
    }
  }
  return known as T;
}

export function readWait(options: WaitOptions | undefined): WaitOptions {
  return read(options, WAIT);
}

/** The options of a subscription with their defaults; `flags` are those of `Engine.subscribe`. */
export function readSubscribe(options: SubscribeOptions | undefined) {
  const known = read(options, SUBSCRIBE);
  const { noLocal = false, retainAsPublished = false, retainHandling = 0, buffer, ...rest } = known;
  const { qos = 0, ack = 'auto', ...more } = rest;
  const flags = +noLocal | (+retainAsPublished << 1) | (retainHandling << 2) | (+(ack !== 'auto') << 4);
  return { qos, ack, flags, ...more, ...read(buffer, BUFFER) };
}
