/** What the calls of a client are given, checked as Paho checks it. No error repeats a password. */

import { failure, INVALID_ARGUMENT, INVALID_TYPE } from './errors.js';
import { Message } from './message.js';
import type { ConnectionOptions, SubscribeOptions, UnsubscribeOptions } from './types.js';

/** What each property is, as `typeof` says it. */
type Shape = Readonly<Record<string, string>>;

const CONNECT: Shape = {
  timeout: 'number',
  userName: 'string',
  password: 'string',
  willMessage: 'object',
  keepAliveInterval: 'number',
  cleanSession: 'boolean',
  useSSL: 'boolean',
  invocationContext: 'object',
  onSuccess: 'function',
  onFailure: 'function',
  hosts: 'object',
  ports: 'object',
  reconnect: 'boolean',
  mqttVersion: 'number',
  mqttVersionExplicit: 'boolean',
  uris: 'object',
};

const UNSUBSCRIBE: Shape = {
  invocationContext: 'object',
  onSuccess: 'function',
  onFailure: 'function',
  timeout: 'number',
};

const SUBSCRIBE: Shape = { qos: 'number', ...UNSUBSCRIBE };

/** The address of a client, in its parts. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly uri: string;
}

/** What one call of `connect` asks for. */
export interface Plan {
  readonly uris: readonly string[];
  /** Both versions are tried where none was asked for. */
  readonly version: 3 | 4 | undefined;
  readonly clean: boolean;
  readonly keepAlive: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly userName: string | undefined;
  readonly password: string | undefined;
  readonly will: { topic: string; payload: Message['payloadBytes']; qos: Message['qos']; retain: boolean } | undefined;
  readonly reconnect: boolean;
}

const URI = /^wss?:\/\/(?:\[(.+)\]|([^/]+?))(?::(\d+))?(\/.*)$/;

/** Of an address in one, or of its parts. */
export function readAddress(host: unknown, port: unknown, path: unknown, whole: boolean): Address {
  if (typeof host !== 'string') {
    throw failure(INVALID_TYPE, typeof host, 'host');
  }
  if (whole) {
    const [, six, name, digits = '', rest = ''] = URI.exec(host) ?? [];
    if (rest === '') {
      throw failure(INVALID_ARGUMENT, host, 'host');
    }
    return { host: six ?? name ?? '', port: Number.parseInt(digits, 10), path: rest, uri: host };
  }
  if (typeof port !== 'number' || port < 0) {
    throw failure(INVALID_TYPE, typeof port, 'port');
  }
  if (typeof path !== 'string') {
    throw failure(INVALID_TYPE, typeof path, 'path');
  }
  return { host, port, path, uri: uriOf(host, port, path) };
}

function uriOf(host: string, port: number, path: string): string {
  return `ws://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}${path}`;
}

export function readConnect(options: ConnectionOptions, address: Address): Plan {
  check(options, CONNECT);
  const { keepAliveInterval = 60, timeout, mqttVersion, userName, password, willMessage, useSSL = false } = options;
  if (mqttVersion !== undefined && mqttVersion !== 3 && mqttVersion !== 4) {
    throw failure(INVALID_ARGUMENT, mqttVersion, 'connectOptions.mqttVersion');
  }
  if (password !== undefined && userName === undefined) {
    throw failure(INVALID_ARGUMENT, '(not shown, without a userName)', 'connectOptions.password');
  }
  if (keepAliveInterval < 0 || keepAliveInterval > 65_535) {
    throw failure(INVALID_ARGUMENT, keepAliveInterval, 'connectOptions.keepAliveInterval');
  }
  const uris = readUris(options, address).map((uri) => (useSSL ? uri.replace(/^ws:/, 'wss:') : uri));
  for (const uri of uris) {
    try {
      new URL(uri);
    } catch {
      throw failure(INVALID_ARGUMENT, uri, 'the address');
    }
  }
  return {
    uris,
    version: mqttVersion,
    clean: options.cleanSession ?? true,
    // Of an empty field it is no number, and off.
    keepAlive: Math.ceil(keepAliveInterval) || 0,
    timeout: Math.max(1, Math.min(0xffff_ffff, Math.round((timeout || 30) * 1000))),
    userName,
    password,
    will: willMessage ? readWill(willMessage) : undefined,
    reconnect: options.reconnect ?? false,
  };
}

function readUris({ hosts, ports, uris }: ConnectionOptions, { uri, path }: Address): readonly string[] {
  if (!hosts) {
    if (uris && !(Array.isArray(uris) && uris.length > 0 && uris.every((one) => typeof one === 'string'))) {
      throw failure(INVALID_ARGUMENT, uris, 'connectOptions.uris');
    }
    return uris ? [...uris] : [uri];
  }
  if (!Array.isArray(hosts) || hosts.length === 0) {
    throw failure(INVALID_ARGUMENT, hosts, 'connectOptions.hosts');
  }
  const whole = URI.test(hosts[0] ?? '');
  for (const [index, host] of hosts.entries()) {
    if (typeof host !== 'string') {
      throw failure(INVALID_TYPE, typeof host, `connectOptions.hosts[${index}]`);
    }
    if (URI.test(host) !== whole) {
      throw failure(INVALID_ARGUMENT, host, `connectOptions.hosts[${index}]`);
    }
  }
  if (whole) {
    return [...hosts];
  }
  if (!Array.isArray(ports) || ports.length !== hosts.length) {
    throw failure(INVALID_ARGUMENT, ports, 'connectOptions.ports');
  }
  return hosts.map((host, index) => {
    const port: unknown = ports[index];
    if (typeof port !== 'number' || port < 0) {
      throw failure(INVALID_TYPE, typeof port, `connectOptions.ports[${index}]`);
    }
    return uriOf(host, port, path);
  });
}

function readWill(will: unknown): NonNullable<Plan['will']> {
  if (!(will instanceof Message)) {
    throw failure(INVALID_TYPE, typeof will, 'connectOptions.willMessage');
  }
  const { destinationName, payloadBytes, qos, retained } = will;
  if (destinationName === undefined) {
    throw failure(INVALID_TYPE, typeof destinationName, 'connectOptions.willMessage.destinationName');
  }
  return { topic: topicOf(destinationName), payload: payloadBytes, qos, retain: retained };
}

export function readSubscribe(options: SubscribeOptions): void {
  check(options, SUBSCRIBE);
  const { qos = 0 } = options;
  if (qos !== 0 && qos !== 1 && qos !== 2) {
    throw failure(INVALID_ARGUMENT, qos, 'subscribeOptions.qos');
  }
  readTimeout(options, 'subscribeOptions');
}

export function readUnsubscribe(options: UnsubscribeOptions): void {
  check(options, UNSUBSCRIBE);
  readTimeout(options, 'unsubscribeOptions');
}

function readTimeout({ timeout, onFailure }: Pick<UnsubscribeOptions, 'timeout' | 'onFailure'>, name: string): void {
  if (timeout && !onFailure) {
    throw new Error(`${name}.timeout specified with no onFailure callback.`);
  }
}

/** One filter, or several. */
export function readFilters(filter: unknown): readonly string[] {
  const filters: readonly unknown[] = Array.isArray(filter) ? filter : [filter];
  if (typeof filter !== 'string' && !Array.isArray(filter)) {
    throw new Error(`Invalid argument:${filter}`);
  }
  for (const one of filters) {
    // 4.7.1: "+" stands for a whole level, "#" for the last ones.
    if (typeof one !== 'string' || !isName(one) || !/^(?:(?:[^+#/]*|\+)\/)*(?:[^+#/]*|\+|#)$/.test(one)) {
      throw failure(INVALID_ARGUMENT, one, 'filter');
    }
  }
  if (filters.length === 0) {
    throw failure(INVALID_ARGUMENT, '[]', 'filter');
  }
  return filters as readonly string[];
}

/** A topic to publish to (3.3.2.1). */
export function topicOf(name: unknown): string {
  if (typeof name !== 'string' || !isName(name) || /[+#]/.test(name)) {
    throw failure(INVALID_ARGUMENT, name, 'Message.destinationName');
  }
  return name;
}

/** What MQTT takes for a topic or a filter (4.7.3), as UTF-8 of at most 65 535 bytes. */
function isName(text: string): boolean {
  const short = text.length * 3 <= 65_535 || new TextEncoder().encode(text).length <= 65_535;
  return text !== '' && short && !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

function check(options: object, shape: Shape): void {
  for (const [key, value] of Object.entries(options)) {
    const kind = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (kind === undefined) {
      throw new Error(`Unknown property, ${key}. Valid properties are: ${Object.keys(shape).join(' ')}`);
    }
    // What is undefined is not given.
    if (value !== undefined && typeof value !== kind) {
      throw failure(INVALID_TYPE, typeof value, key);
    }
  }
}
