/**
 * The addresses of `connect`: read as the browser reads those of a WebSocket, and what is no such address is told. No
 * error holds any part of one: it may be a secret. It does not know whether the browser opens them.
 */

import { invalid } from './errors.js';

const SCHEMES: readonly (string | undefined)[] = ['ws:', 'wss:', 'http:', 'https:'];
const TCP = /^(mqtts?|tcps?|ssl|tls)\b/;
const USUAL = 'often ws://host:9001, ws://host:8083/mqtt or wss://host:8084/mqtt';

interface Login {
  username?: string;
  password?: string;
}

/**
 * The addresses without user and password. Those are returned beside them, unless it is `known` who the client is: they
 * are of the client, so several addresses have the same.
 */
export function readAddresses(given: unknown, known: boolean): { urls: string[]; login: Login } {
  const urls = [given].flat().map(readAddress);
  if (urls.length === 0) {
    throw invalid('there is no address to connect to');
  }
  const logins = known ? [] : urls.map(loginOf);
  if (new Set(logins.map((login) => JSON.stringify(login))).size > 1) {
    throw invalid('the addresses differ in user or password: give "username" and "password" as options');
  }
  const bare = urls.map((url) => {
    url.username = '';
    url.password = '';
    return url.href;
  });
  return { urls: bare, login: logins[0] ?? {} };
}

function readAddress(given: unknown): URL {
  const text = typeof given === 'string' ? given.trim() : (given as URL | null)?.href;
  if (typeof text !== 'string') {
    throw invalid('an address must be text or a URL');
  }
  if (text === '') {
    throw invalid('an address is empty');
  }
  const scheme = /^[^/?#:]*:/.exec(text)?.[0].toLowerCase();
  if (scheme !== undefined && !SCHEMES.includes(scheme)) {
    throw invalid(
      TCP.test(scheme)
        ? `a browser cannot open TCP (mqtt:, mqtts:, tcp:, ssl:, tls:): give the address of the broker's WebSocket, ${USUAL}`
        : `an address must begin with ws:// or wss://, ${USUAL}`,
    );
  }
  const base = scheme === undefined ? pageUrl() : undefined;
  const url = parse(text, base);
  if (!url) {
    throw invalid('an address is no URL (in a user name or password, each of / ? # @ : % is percent-encoded)');
  }
  if (url.href.includes('#')) {
    throw invalid('an address must have no fragment ("#..."): in a user name or password it is "%23"');
  }
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}

/** What a relative address is relative to: the page, or the script of a worker, without who it was fetched as. */
function pageUrl(): URL {
  // A worker made of a blob has the origin of the page that made it.
  const href = (globalThis.document?.baseURI ?? globalThis.location?.href)?.replace(/^blob:/, '');
  const url = href === undefined ? undefined : parse(href);
  if (!url?.protocol.startsWith('http')) {
    throw invalid('an address must begin with ws:// or wss://: there is no page of http: or https: to be relative to');
  }
  url.username = '';
  url.password = '';
  return url;
}

function parse(text: string, base?: URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

function loginOf({ username, password }: URL): Login {
  try {
    return {
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
    };
  } catch {
    throw invalid('user and password in an address must be percent-encoded UTF-8: "%" is "%25"');
  }
}

/** An address without what may be a secret: of the query, which may tell servers apart or hold a token, a digest. */
export function placeOf(url: string): string {
  try {
    const { protocol, host, pathname, search } = new URL(url);
    return protocol.replace('http', 'ws') + host + pathname + (search && `?${digest(search)}`);
  } catch {
    return '';
  }
}

/** FNV-1a, 32 bits. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0).toString(16);
}
