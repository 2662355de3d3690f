/** What a test gives to the broker and gets from it: plain data. */

import type { ProtocolVersion, QoS, UserProperties } from '../api/types.js';
import type { Connect, Packet, PacketToEncode, PacketType, Properties, SubscriptionRequest } from '../packets/types.js';

/** What a client says of itself when it connects. */
export interface Credentials {
  /** Empty where the broker is to assign one. */
  readonly clientId: string;
  readonly username: string | undefined;
  /** As text; the bytes are in `connect`. */
  readonly password: string | undefined;
  readonly connect: Connect;
}

/** One step of enhanced authentication (5.0, 4.12). */
export interface AuthenticationStep {
  readonly clientId: string;
  readonly method: string;
  readonly data: Uint8Array;
  /** From 1 on, counted anew for each exchange. */
  readonly step: number;
  /** The client authenticates anew on a connection that it has. */
  readonly again: boolean;
}

/** `true` is success, bytes are sent with AUTH and another step follows, a number is the reason code that refuses. */
export type AuthenticationAnswer =
  | boolean
  | number
  | string
  | Uint8Array
  | { success: true; data: string | Uint8Array };

/** What a broker may be asked to do for a client. */
export interface BrokerOptions {
  /** The address that `url` gives; the broker answers whatever address is opened. Default: `"ws://broker.test/mqtt"`. */
  url?: string | undefined;
  /** Versions that it speaks: 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. Default: all. */
  versions?: readonly ProtocolVersion[] | undefined;
  /** Milliseconds that each frame takes in each direction, by `setTimeout`. Default: 0, a microtask. */
  latency?: number | undefined;
  /**
   * Called for each CONNECT: `false` refuses with 0x86, a number with that reason code (5.0's; 3.x is told what says the
   * same). Default: everybody may.
   */
  authenticate?: ((credentials: Credentials) => boolean | number | Promise<boolean | number>) | undefined;
  /** Enhanced authentication (5.0). Default: none, and a client that asks for it is refused with 0x8C. */
  authentication?: ((step: AuthenticationStep) => AuthenticationAnswer | Promise<AuthenticationAnswer>) | undefined;
  /** Publishes of QoS 1 and 2 that a client may have unacknowledged (5.0). Default: 65 535. */
  receiveMaximum?: number | undefined;
  /** Bytes of the greatest packet that it takes (5.0). Default: no limit. */
  maximumPacketSize?: number | undefined;
  /** Default: 2. */
  maximumQoS?: QoS | undefined;
  /** Topic Aliases that it takes of a client (5.0). Default: 10. */
  topicAliasMaximum?: number | undefined;
  /** Default: true, as for the next three. */
  retainAvailable?: boolean | undefined;
  wildcardSubscriptionAvailable?: boolean | undefined;
  subscriptionIdentifierAvailable?: boolean | undefined;
  sharedSubscriptionAvailable?: boolean | undefined;
  /** Seconds of Keep Alive that it imposes (5.0). Default: what the client says. */
  serverKeepAlive?: number | undefined;
  /** Seconds that it keeps a session at most (5.0). Default: what the client says. */
  maximumSessionExpiry?: number | undefined;
  /** Basis of response topics for who asks for it (5.0). Default: none. */
  responseInformation?: string | undefined;
}

/** Which packets are meant: all that is said has to be so. */
export interface PacketFilter {
  type?: PacketType | readonly PacketType[] | undefined;
  /** Who sends it. Default: either, or where only one is possible that. */
  from?: 'client' | 'server' | undefined;
  clientId?: string | undefined;
  /** A Topic Filter that the topic of a PUBLISH matches, or that stands in a SUBSCRIBE or UNSUBSCRIBE. */
  topic?: string | undefined;
  where?: ((packet: Packet) => boolean) | undefined;
}

/** A rule holds for so many packets. */
export interface RuleFilter extends PacketFilter {
  /** Default: `Infinity`. */
  times?: number | undefined;
}

/** What was arranged, until it is removed or its `times` are over. */
export interface Rule {
  /** How often it was applied. */
  readonly count: number;
  remove(): void;
}

/** Which clients are meant; without a `clientId` all. */
export interface ClientFilter {
  clientId?: string | undefined;
}

/** A packet that a client sent, and which client. */
export type ReceivedPacket = Packet & { readonly clientId: string };

/** A message that the broker has taken over. */
export interface PublishedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: Properties;
  /** Who published it; `undefined` for the test itself. */
  readonly clientId: string | undefined;
  /** It is the will of that client. */
  readonly isWill: boolean;
  /** The payload as UTF-8 text. */
  text(): string;
  /** The payload as JSON. Throws `SyntaxError` as `JSON.parse` does. */
  json<T = unknown>(): T;
}

/** How the test publishes: the words are those of the client's `publish`. */
export interface BrokerPublishOptions {
  /** Default: 0. */
  qos?: QoS | undefined;
  /** Default: false. */
  retain?: boolean | undefined;
  /** Seconds. */
  expiry?: number | undefined;
  contentType?: string | undefined;
  responseTopic?: string | undefined;
  correlationData?: Uint8Array | undefined;
  payloadFormat?: 'bytes' | 'utf-8' | undefined;
  userProperties?: UserProperties | undefined;
}

/** A subscription of a client. */
export interface BrokerSubscription extends SubscriptionRequest {
  readonly clientId: string;
  /** Subscription Identifier (5.0). */
  readonly identifier: number | undefined;
}

/** What DISCONNECT or a CONNACK that refuses says besides its reason code (5.0). */
export interface ReasonOptions extends ClientFilter {
  reasonString?: string | undefined;
  serverReference?: string | undefined;
  userProperties?: UserProperties | undefined;
}

/** How a connection is cut. Without a `code` there is no close frame: the page sees 1006. */
export interface CutOptions extends ClientFilter {
  /** Of the close frame. */
  code?: number | undefined;
  /** Of the close frame. */
  reason?: string | undefined;
}

/** A client that is connected. */
export interface BrokerClient {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly version: ProtocolVersion;
  /** What it said when it connected. */
  readonly connect: Connect;
  /** The address that it opened. */
  readonly url: string;
  /** The subprotocol. */
  readonly protocol: string;
  readonly subscriptions: readonly BrokerSubscription[];
}

/** A session, whether its client is connected or not. */
export interface BrokerSession {
  readonly clientId: string;
  readonly isConnected: boolean;
  readonly subscriptions: readonly BrokerSubscription[];
  /** Messages that wait, or are unacknowledged. */
  readonly pending: number;
}

/** Bytes as they are, or a packet to be encoded in the version of each client. */
export type Sendable = Uint8Array | PacketToEncode;
