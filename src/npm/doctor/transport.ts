/** The way to the server, up to an open WebSocket: what a page can try of it. It does not know MQTT. */

import type { Finding, FindingCode, Severity } from './report.js';

/** Milliseconds for each thing that is tried. */
export const PATIENCE = 5_000;

/** Where brokers have MQTT over TCP, which no page can speak. */
const TCP_PORTS = ['1883', '8883'];

/** Paths that brokers use. */
const PATHS = ['/mqtt', '/ws', '/'];

/** What became of a WebSocket. */
interface Attempt {
  readonly opened: boolean;
  /** That the server chose. */
  readonly protocol: string;
  /** A content security policy forbids it: which part of it. */
  readonly directive: string | undefined;
  /** The name of the exception that the constructor threw. */
  readonly threw: string | undefined;
  readonly late: boolean;
}

export function finding(code: FindingCode, severity: Severity, title: string, detail: string, remedy = ''): Finding {
  return { code, severity, title, detail, remedy };
}

/** Without what may be secret. */
export function shown({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

/** What may be told of an address that is none: nothing, unless it is clear which part of it is what. */
export function shownOfOther(given: string | URL): string {
  try {
    const url = new URL(given);
    return TCP_SCHEMES.test(url.protocol) && url.host ? shown(url) : NO_ADDRESS;
  } catch {
    return NO_ADDRESS;
  }
}

const NO_ADDRESS = '(no address)';
const TCP_SCHEMES = /^(mqtts?|tcps?|ssl|tls):$/;

/** The address of a WebSocket, or what is wrong with it. */
export function addressOf(given: string | URL): URL | Finding {
  const wrong = (detail: string): Finding =>
    finding(
      'not-a-websocket-address',
      'error',
      'This is no address of a WebSocket',
      detail,
      "A page reaches a broker by ws:// or wss:// only. Use the address of the broker's WebSocket listener, such as wss://broker.example:8084/mqtt",
    );
  if (String(given).trim() === '') {
    return wrong('It is empty.');
  }
  let url: URL;
  try {
    url = new URL(given, globalThis.location?.href);
  } catch {
    return wrong('It cannot be read as a URL.');
  }
  url.protocol = { 'http:': 'ws:', 'https:': 'wss:' }[url.protocol] ?? url.protocol;
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    return wrong(
      TCP_SCHEMES.test(url.protocol)
        ? `It begins with ${url.protocol}, and no page can speak MQTT over TCP.`
        : 'It begins with neither ws: nor wss:.',
    );
  }
  url.hash = '';
  url.username = '';
  url.password = '';
  return url;
}

/** Says which directive of a content security policy forbids that address; in a worker it is told to the worker. */
function watchPolicy(url: URL): { directive: string | undefined; end(): void } {
  const life = new AbortController();
  const watch: { directive: string | undefined; end(): void } = { directive: undefined, end: () => life.abort() };
  const violated = (event: Event): void => {
    const { effectiveDirective, blockedURI } = event as SecurityPolicyViolationEvent;
    if (blockedURI.includes(url.host) || blockedURI === '') {
      watch.directive = effectiveDirective;
    }
  };
  const told: Partial<EventTarget> = globalThis.document ?? globalThis;
  told.addEventListener?.('securitypolicyviolation', violated, { signal: life.signal });
  return watch;
}

export function open(url: URL, protocols: readonly string[]): Promise<Attempt> {
  return new Promise((resolve) => {
    const policy = watchPolicy(url);
    const end = (opened: boolean, protocol = '', threw?: string, late = false): void => {
      policy.end();
      clearTimeout(timer);
      resolve({ opened, protocol, directive: policy.directive, threw, late });
    };
    const timer = setTimeout(() => {
      socket?.close();
      end(false, '', undefined, true);
    }, PATIENCE);
    let socket: WebSocket | undefined;
    try {
      socket = new WebSocket(url, [...protocols]);
    } catch (error) {
      // The event of a policy comes after it.
      setTimeout(() => end(false, '', (error as Error).name));
      return;
    }
    socket.onopen = () => {
      end(true, socket?.protocol);
      socket?.close(1000);
    };
    // The event of a policy may come after it.
    socket.onclose = () => setTimeout(() => end(false));
  });
}

/** Whether a server of HTTP is there, undefined where the page may not ask; what it says a page may not know. */
async function answersHttp(url: URL): Promise<boolean | undefined> {
  const http = new URL(url);
  http.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
  const policy = watchPolicy(http);
  try {
    await fetch(http, {
      mode: 'no-cors',
      cache: 'no-store',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(PATIENCE),
    });
    return true;
  } catch {
    // The event of a policy may come after it.
    await new Promise((resolve) => setTimeout(resolve));
    return policy.directive === undefined ? false : undefined;
  } finally {
    policy.end();
  }
}

/** Why no WebSocket opens there; empty where one does. `protocol` is the subprotocol that was agreed on. */
export async function whyClosed(url: URL, protocols: readonly string[]): Promise<Finding[]> {
  const first = await open(url, protocols);
  if (first.opened) {
    // Firefox and Safari keep that open, and the client does not.
    return first.protocol === '' && protocols.length > 0 ? [unanswered(protocols)] : [];
  }
  if (first.directive) {
    const { origin } = globalThis.location ?? {};
    return [
      finding(
        'policy',
        'error',
        'A content security policy of this page forbids it',
        `The directive ${first.directive} of ${origin ?? 'this page'} does not allow ${url.protocol}//${url.host}.`,
        `Add ${url.protocol}//${url.host} to connect-src of the header Content-Security-Policy, or of its <meta> element`,
      ),
    ];
  }
  const local = /^(localhost|127\.|\[::1\])/.test(url.host);
  const mixed = globalThis.location?.protocol === 'https:' && url.protocol === 'ws:' && !local;
  if (mixed || first.threw === 'SecurityError') {
    return [
      finding(
        'mixed-content',
        'error',
        'A page of https: may not open ws:',
        'The browser blocks unencrypted connections of an encrypted page (mixed content).',
        'Use wss: and give the broker, or a proxy before it, a certificate',
      ),
    ];
  }
  if (first.threw) {
    return [
      finding(
        'not-a-websocket-address',
        'error',
        'The browser does not take the address or the subprotocols',
        `The constructor of WebSocket threw ${first.threw}.`,
        'Check the address and websocket.protocols',
      ),
    ];
  }
  if (protocols.length > 0 && (await open(url, [])).opened) {
    return [unanswered(protocols)];
  }
  const answers = await answersHttp(url);
  const found = answers === false ? undefined : await elsewhere(url, protocols);
  if (found) {
    return [found];
  }
  return answers ? [noUpgrade(url, true)] : unreachable(url, first.late, answers === undefined);
}

function unanswered(protocols: readonly string[]): Finding {
  return finding(
    'subprotocol',
    'error',
    'The server does not agree on the subprotocol',
    `${protocols.join(', ')} was offered; the server refused it, chose another one, or answered none, with which some browsers end the connection, and this client does.`,
    'The server has to answer with Sec-WebSocket-Protocol: mqtt [MQTT-6.0.0-4]; a proxy before it has to pass that header on. Some old brokers ask for websocket.protocols: ["mqttv3.1"]',
  );
}

/** Where a WebSocket opens, if a server of HTTP may be there, and opens none at that path. */
async function elsewhere(url: URL, protocols: readonly string[]): Promise<Finding | undefined> {
  if (url.protocol === 'ws:') {
    // Some servers tell by HTTP that they ask for TLS.
    const secure = sibling(url);
    if ((await open(secure, protocols)).opened) {
      return needsTls(url, secure, 'error');
    }
  }
  for (const path of PATHS.filter((path) => path !== url.pathname)) {
    const other = new URL(path, url);
    other.search = url.search;
    if ((await open(other, protocols)).opened) {
      return finding(
        'wrong-path',
        'error',
        'The path is wrong',
        `A WebSocket opens at ${shown(other)}, and not at ${shown(url)}.`,
        `Use ${shown(other)}`,
      );
    }
  }
  return undefined;
}

function noUpgrade(url: URL, asked: boolean): Finding {
  return finding(
    'no-upgrade',
    asked ? 'error' : 'possible',
    asked ? 'A web server answers, and opens no WebSocket' : 'A web server may answer, and open no WebSocket',
    asked
      ? `What listens at ${url.host} speaks HTTP, and refuses the WebSocket at ${url.pathname} and at ${PATHS.join(', ')}.`
      : 'The content security policy of this page does not let the doctor ask by HTTP.',
    "Check the port and the path of the broker's WebSocket listener; a proxy has to pass on the headers Upgrade and Connection; the broker may refuse the Origin of this page. The network panel of the browser shows the HTTP status",
  );
}

/** The same port with TLS, or without. */
function sibling(url: URL): URL {
  const secure = url.protocol === 'wss:';
  const other = new URL(url);
  other.protocol = secure ? 'ws:' : 'wss:';
  other.port = url.port || (secure ? '443' : '80');
  return other;
}

function needsTls(url: URL, other: URL, severity: Severity): Finding {
  const detail = `${shown(url)} does not open, and something answers at ${shown(other)}.`;
  return finding('needs-tls', severity, 'The port asks for TLS', detail, `Use ${shown(other)}`);
}

function speaksNoTls(url: URL, other: URL, severity: Severity): Finding {
  const detail = `${shown(url)} does not open, and something answers at ${shown(other)}.`;
  const remedy = `Use ${shown(other)}, or the port that speaks TLS`;
  return finding('no-tls', severity, 'The port speaks no TLS', detail, remedy);
}

/** Nothing was heard. Which of these it is no page is told: the likeliest first. */
async function unreachable(url: URL, late: boolean, forbidden: boolean): Promise<Finding[]> {
  const secure = url.protocol === 'wss:';
  const found: Finding[] = [];
  const severity = (): Severity => (found.length === 0 ? 'error' : 'possible');
  if (globalThis.navigator?.onLine === false) {
    found.push(
      finding(
        'offline',
        'error',
        'The browser is offline',
        'navigator.onLine is false.',
        'Connect the device to a network',
      ),
    );
  }
  const other = sibling(url);
  const blocked = secure && globalThis.location?.protocol === 'https:';
  if (!blocked && ((await open(other, [])).opened || (await answersHttp(other)))) {
    return [(secure ? speaksNoTls : needsTls)(url, other, severity())];
  }
  if (TCP_PORTS.includes(url.port)) {
    found.push(
      finding(
        'tcp-mqtt-port',
        severity(),
        'This looks like the port of MQTT over TCP',
        `${url.port} is where brokers have MQTT without WebSocket, and nothing that a browser understands answers there.`,
        'Have the broker listen for WebSockets, often at 8080, 8083, 9001, or with TLS 8084, 8884, 443, and use that port',
      ),
    );
  }
  if (secure && !late) {
    found.push(
      finding(
        'tls-not-trusted',
        severity(),
        'The certificate may not be trusted',
        'The browser says the same where nothing listens, and where a certificate is of another host, expired, or signed by nobody it knows.',
        `Open ${shown(new URL(url.pathname, `https://${url.host}`))} in a tab: a warning about the certificate, or none, tells which it is`,
      ),
    );
  }
  found.push(
    finding(
      'nothing-listens',
      severity(),
      late ? 'Nobody answers' : 'Nothing listens there',
      late
        ? `Within ${PATIENCE} ms nothing came back: a wrong host, or a firewall that drops.`
        : `${url.host} refuses the connection, its name is not known, or what listens there speaks neither HTTP nor WebSocket${secure ? '' : ', or TLS with a certificate that is not trusted'}. A browser does not tell these apart.`,
      `Check host and port; on a computer of the same network, curl -i http${secure ? 's' : ''}://${url.host}/ says which it is`,
    ),
  );
  if (forbidden && !late) {
    found.push(noUpgrade(url, false));
  }
  return found;
}
