/** Where to connect, from an address and options. It does not know when. */

import type { AddressedClient, IClientOptions, MqttProtocol } from './types.js';

/** What a page can speak, by what it is called. */
const SCHEMES: Readonly<Record<string, 'ws' | 'wss'>> = {
  ws: 'ws',
  mqtt: 'ws',
  tcp: 'ws',
  wss: 'wss',
  mqtts: 'wss',
  ssl: 'wss',
  tls: 'wss',
};

/** The options with what the address says, where they say nothing else. Options alone are the ones that were given. */
export function readOptions(address: string | IClientOptions, options?: IClientOptions): IClientOptions {
  const all =
    typeof address === 'object' && !options
      ? address
      : { ...(typeof address === 'string' && parse(address)), ...options };
  if (typeof address === 'string' && address && !all.protocol) {
    throw new Error('Missing protocol');
  }
  if (all.protocol) {
    all.protocol = all.protocol.replace(/:$/, '') as MqttProtocol;
    if (!Object.hasOwn(SCHEMES, all.protocol)) {
      throw new Error(`Unknown protocol for a web page: "${all.protocol}"`);
    }
    all.protocol = SCHEMES[all.protocol] ?? 'ws';
  } else if (!all.servers) {
    all.protocol = SCHEMES[all.defaultProtocol ?? ''] ?? 'ws';
  }
  if (all.auth) {
    const [, username = all.auth, password] = /^([^:]+):(.+)$/s.exec(all.auth) ?? [];
    all.username = username;
    if (password !== undefined) {
      all.password = password;
    }
  }
  if (typeof all.query?.clientId === 'string') {
    all.clientId = all.query.clientId;
  }
  if (all.clean === false && !all.clientId) {
    throw new Error('Missing clientId for unclean clients');
  }
  return all;
}

function parse(address: string): IClientOptions {
  const [, scheme, rest = ''] = /^([a-z]+):\/\/(.*)$/is.exec(address) ?? [];
  if (!scheme) {
    return {};
  }
  // A scheme that the browser knows, so that it reads the rest; a port that is the default of that scheme is not left out.
  const url = new URL(`ws://${rest}`);
  const port = url.port || (/^[^/?#]*:80(?![0-9])/.test(rest) ? '80' : '');
  const auth = [url.username, ...(url.password ? [url.password] : [])].map(decodeURIComponent).join(':');
  return {
    protocol: scheme.toLowerCase() as MqttProtocol,
    host: url.hostname,
    path: url.pathname + url.search,
    query: Object.fromEntries(url.searchParams),
    ...(port && { port: Number(port) }),
    ...(auth && { auth }),
  };
}

/** The server of that attempt, put into the options where there are several. */
export function choose(options: IClientOptions, attempt: number): void {
  const { servers, defaultProtocol } = options;
  const server = servers?.[attempt % servers.length];
  if (server) {
    const { host, port, protocol } = server;
    const scheme = SCHEMES[protocol ?? defaultProtocol ?? options.protocol ?? 'ws'] ?? 'ws';
    // The scheme of one server is not that of the next.
    options.defaultProtocol ??= options.protocol ?? 'ws';
    Object.assign(options, { host, hostname: host, port, protocol: scheme });
  }
}

/** The address, with all that is left out said. */
export function addressOf(options: IClientOptions): string {
  options.hostname = options.hostname || options.host || globalThis.location?.hostname || 'localhost';
  options.port ||= options.protocol === 'wss' ? 443 : 80;
  options.path ||= '/';
  return `${options.protocol}://${options.hostname}:${options.port}${options.path}`;
}

/** The address as the application has it opened. */
export function transformed(options: IClientOptions, client: AddressedClient): string {
  const url = addressOf(options);
  return options.transformWsUrl ? options.transformWsUrl(url, options, client) : url;
}

export function subprotocolsOf({ protocolId, protocolVersion, wsOptions }: IClientOptions): string[] {
  return wsOptions?.protocols ?? [protocolId === 'MQIsdp' && protocolVersion === 3 ? 'mqttv3.1' : 'mqtt'];
}
