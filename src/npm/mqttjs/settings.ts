/** The options of `connect` as the client's own. It does not know when they are asked for. */

import type { ConnectOptions, Will } from '../api/connection.js';
import type { IAuthPacket } from './packet-types.js';
import { given, pairsOf, publishOptionsOf } from './properties.js';
import type { IClientOptions } from './types.js';

const MOST = 0xffff_ffff;

/** What of them may change from one connection to the next: the application may, in the `options` of the client. */
export function changesOf(options: IClientOptions): Omit<ConnectOptions, 'clientId' | 'websocket' | 'authentication'> {
  const { properties: p, connectTimeout, keepalive, password, username, resubscribe } = options;
  const protocol = options.protocolVersion ?? 4;
  return given({
    protocol,
    reconnect: 'by-hand',
    queue: { maxMessages: MOST, maxBytes: MOST },
    keepAlive: Number(keepalive ?? 60),
    connectTimeout: Math.max(1, connectTimeout ?? 30_000),
    cleanStart: options.clean ?? true,
    username: username ?? undefined,
    password: password ?? undefined,
    will: willOf(options, protocol),
    resubscribe: resubscribe === undefined ? undefined : 'lost',
    ...(protocol === 5 &&
      p && {
        sessionExpiry: p.sessionExpiryInterval,
        receiveMaximum: p.receiveMaximum,
        maximumPacketSize: p.maximumPacketSize,
        topicAliasMaximum: p.topicAliasMaximum,
        requestResponseInformation: p.requestResponseInformation,
        requestProblemInformation: p.requestProblemInformation,
        userProperties: pairsOf(p.userProperties),
      }),
  } as ConnectOptions) as ConnectOptions;
}

function willOf({ will }: IClientOptions, protocol: number): Will | undefined {
  if (!will) {
    return undefined;
  }
  const { topic, payload, qos, retain, properties } = will;
  return given({
    topic,
    payload: payload ?? '',
    qos,
    retain,
    ...(protocol === 5 && { ...publishOptionsOf(properties), delay: properties?.willDelayInterval }),
  }) as Will;
}

/** Enhanced authentication (5.0, 4.12), where the options ask for it. */
export function authenticationOf(
  { properties, protocolVersion }: IClientOptions,
  answer: (packet: IAuthPacket) => Promise<Uint8Array | undefined>,
): ConnectOptions['authentication'] {
  const { authenticationMethod, authenticationData } = properties ?? {};
  if (protocolVersion !== 5 || authenticationMethod === undefined) {
    return undefined;
  }
  return {
    method: authenticationMethod,
    start: () => authenticationData,
    challenge: (data) =>
      answer({ cmd: 'auth', reasonCode: 0x18, properties: { authenticationMethod, authenticationData: data } }),
  };
}
