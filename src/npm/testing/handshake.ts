/** Who may connect, and on what terms: CONNECT, and the steps of enhanced authentication. It does not know sessions. */

import { malformed, protocolError } from '../packets/error.js';
import type { Auth, Connect, PacketToEncode, Properties } from '../packets/types.js';
import type { Rules } from './rules.js';
import type { Settings } from './settings.js';
import type { AuthenticationAnswer } from './types.js';

/** What comes of a step; nothing while another one is to follow. */
export type Outcome =
  | { readonly type: 'accepted'; readonly connect: Connect; readonly properties: Properties }
  | { readonly type: 'refused'; readonly reasonCode: number; readonly properties: Properties }
  | undefined;

const BAD_USER_NAME_OR_PASSWORD = 0x86;
const NOT_AUTHORIZED = 0x87;

export class Handshake {
  readonly #settings: Settings;
  readonly #rules: Rules;
  readonly #send: (packet: PacketToEncode) => void;
  #connect: Connect | undefined;
  #isAccepted = false;
  #step = 0;

  constructor(settings: Settings, rules: Rules, send: (packet: PacketToEncode) => void) {
    this.#settings = settings;
    this.#rules = rules;
    this.#send = send;
  }

  async take(packet: Connect | Auth): Promise<Outcome> {
    if (packet.type === 'connect') {
      if (this.#connect) {
        throw protocolError('CONNECT came twice'); // [MQTT-3.1.0-2]
      }
      this.#connect = packet;
      return this.#begin(packet);
    }
    const connect = this.#connect;
    const { authenticationMethod: method, authenticationData: data } = packet.properties;
    if (!connect || method === undefined || method !== connect.properties.authenticationMethod) {
      throw protocolError('the Authentication Method is not that of CONNECT'); // [MQTT-4.12.0-5]
    }
    if ((packet.reasonCode === 0x19) !== (this.#isAccepted && this.#step === 0)) {
      throw protocolError('AUTH is out of place');
    }
    return this.#authenticate(connect, method, data);
  }

  async #begin(connect: Connect): Promise<Outcome> {
    const refused = this.#refusal(connect);
    if (refused) {
      return refused;
    }
    const { authenticationMethod, authenticationData } = connect.properties;
    if (authenticationMethod !== undefined) {
      return this.#authenticate(connect, authenticationMethod, authenticationData);
    }
    const { authenticate } = this.#settings;
    const password = connect.password && new TextDecoder().decode(connect.password);
    const answer = await (authenticate?.({
      clientId: connect.clientIdentifier,
      username: connect.username,
      password,
      connect,
    }) ?? true);
    return answer === true ? this.#accept(connect) : refuse(answer === false ? BAD_USER_NAME_OR_PASSWORD : answer);
  }

  /** Without asking anybody. */
  #refusal(connect: Connect): Outcome {
    const { versions, maximumQoS, retainAvailable } = this.#settings;
    const { clientIdentifier, version, will } = connect;
    if (!versions.includes(version)) {
      return refuse(0x84); // [MQTT-3.1.2-2]
    }
    const rule = this.#rules.refusal(clientIdentifier);
    if (rule) {
      const { reasonCode, times, clientId, ...properties } = rule;
      return refuse(reasonCode, properties as Properties);
    }
    if (clientIdentifier === '' && (version === 3 || (version === 4 && !connect.cleanStart))) {
      return refuse(0x85); // [MQTT-3.1.3-8] (3.1.1)
    }
    if (will && will.qos > maximumQoS) {
      return refuse(0x9b); // [MQTT-3.2.2-12]
    }
    if (will?.retain && !retainAvailable) {
      return refuse(0x9a); // [MQTT-3.2.2-13]
    }
    return undefined;
  }

  async #authenticate(connect: Connect, method: string, data: Uint8Array = new Uint8Array()): Promise<Outcome> {
    const { authentication } = this.#settings;
    if (!authentication) {
      return refuse(0x8c);
    }
    this.#step++;
    const clientId = connect.clientIdentifier;
    const step = { clientId, method, data, step: this.#step, again: this.#isAccepted };
    const answer: AuthenticationAnswer = await authentication(step);
    if (answer === false || typeof answer === 'number') {
      return refuse(answer === false ? NOT_AUTHORIZED : answer);
    }
    if (typeof answer === 'string' || ArrayBuffer.isView(answer)) {
      this.#send({ type: 'auth', reasonCode: 0x18, properties: this.#reply(method, answer) });
      return undefined;
    }
    const last = this.#reply(method, answer === true ? undefined : answer.data);
    this.#step = 0;
    if (this.#isAccepted) {
      this.#send({ type: 'auth', reasonCode: 0, properties: last });
      return undefined;
    }
    return this.#accept(connect, last);
  }

  #reply(authenticationMethod: string, data: string | Uint8Array | undefined): Properties {
    const authenticationData = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    return { authenticationMethod, ...(authenticationData && { authenticationData }) };
  }

  /** What CONNACK says: what differs from the defaults (3.2.2.3). */
  #accept(connect: Connect, authentication: Properties = {}): Outcome {
    this.#isAccepted = true;
    if (connect.version !== 5) {
      return { type: 'accepted', connect, properties: {} };
    }
    const it = this.#settings;
    const asked = connect.properties.sessionExpiryInterval ?? 0;
    const properties: Properties = {
      ...authentication,
      ...(it.receiveMaximum < 0xffff && { receiveMaximum: it.receiveMaximum }),
      ...(it.maximumPacketSize < 0xffff_ffff && { maximumPacketSize: it.maximumPacketSize }),
      ...(it.maximumQoS < 2 && { maximumQoS: it.maximumQoS === 1 ? 1 : 0 }),
      ...(it.topicAliasMaximum > 0 && { topicAliasMaximum: it.topicAliasMaximum }),
      ...(!it.retainAvailable && { retainAvailable: false }),
      ...(!it.wildcardSubscriptionAvailable && { wildcardSubscriptionAvailable: false }),
      ...(!it.subscriptionIdentifierAvailable && { subscriptionIdentifierAvailable: false }),
      ...(!it.sharedSubscriptionAvailable && { sharedSubscriptionAvailable: false }),
      ...(it.serverKeepAlive !== undefined && { serverKeepAlive: it.serverKeepAlive }),
      ...(asked > it.maximumSessionExpiry && { sessionExpiryInterval: it.maximumSessionExpiry }),
      ...(it.responseInformation !== undefined &&
        connect.properties.requestResponseInformation && { responseInformation: it.responseInformation }),
    };
    return { type: 'accepted', connect, properties };
  }
}

function refuse(reasonCode: number, properties: Properties = {}): Outcome {
  if (!Number.isInteger(reasonCode) || reasonCode < 0x80 || reasonCode > 0xff) {
    throw malformed(`${reasonCode} is not a reason code that refuses`);
  }
  return { type: 'refused', reasonCode, properties };
}
