/**
 * The control packets of MQTT 3.1, 3.1.1 and 5.0 as plain data, in the specification's words. One model for all: what an
 * older version lacks is absent in it, or has the value that says nothing.
 */

import type { UserProperties } from '../port/bytes.js';

/** Quality of Service: at most once, at least once, exactly once (5.0, 4.3). */
export type QoS = 0 | 1 | 2;

/** Protocol Version: 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
export type ProtocolVersion = 3 | 4 | 5;

/** Properties of a packet or a will (5.0, 2.2.2.2). Absent is not sent. */
export interface Properties {
  /** 1: the payload is UTF-8 text (3.3.2.3.2). */
  payloadFormatIndicator?: 0 | 1;
  /** Lifetime of the message in seconds (3.3.2.3.3). */
  messageExpiryInterval?: number;
  /** What the payload is (3.3.2.3.9). */
  contentType?: string;
  /** Topic Name for a response (3.3.2.3.5). */
  responseTopic?: string;
  /** Identifies the request of a response (3.3.2.3.6). */
  correlationData?: Uint8Array;
  /** Of the subscriptions that matched; SUBSCRIBE has one at most (3.3.2.3.8, 3.8.2.1.2). */
  subscriptionIdentifiers?: readonly number[];
  /** Seconds that the session is kept after the connection (3.1.2.11.2). */
  sessionExpiryInterval?: number;
  /** Client Identifier given by the server (3.2.2.3.7). */
  assignedClientIdentifier?: string;
  /** Keep Alive in seconds to use instead (3.2.2.3.14). */
  serverKeepAlive?: number;
  /** Name of the authentication method (4.12). */
  authenticationMethod?: string;
  /** Data of the authentication method (4.12). */
  authenticationData?: Uint8Array;
  /** Whether reasons may stand in any packet (3.1.2.11.7). */
  requestProblemInformation?: boolean;
  /** Seconds until the will is published (3.1.3.2.2). */
  willDelayInterval?: number;
  /** Asks for Response Information (3.1.2.11.6). */
  requestResponseInformation?: boolean;
  /** Basis of a Response Topic (3.2.2.3.15). */
  responseInformation?: string;
  /** Another server to use (4.11). */
  serverReference?: string;
  /** The reason, for people. */
  reasonString?: string;
  /** QoS 1 and 2 publishes that may be unacknowledged, at least 1 (3.1.2.11.3). */
  receiveMaximum?: number;
  /** Greatest Topic Alias accepted (3.1.2.11.5). */
  topicAliasMaximum?: number;
  /** Number that stands for the Topic Name (3.3.2.3.4). */
  topicAlias?: number;
  /** Greatest QoS the server supports (3.2.2.3.4). */
  maximumQoS?: 0 | 1;
  /** Whether the server retains messages (3.2.2.3.5). */
  retainAvailable?: boolean;
  /** Names and values of the application's, in order; a name may come twice. */
  userProperties?: UserProperties;
  /** Greatest packet accepted, in bytes, at least 1 (3.1.2.11.4). */
  maximumPacketSize?: number;
  /** Whether wildcards are supported (3.2.2.3.11). */
  wildcardSubscriptionAvailable?: boolean;
  /** Whether Subscription Identifiers are supported (3.2.2.3.12). */
  subscriptionIdentifierAvailable?: boolean;
  /** Whether shared subscriptions are supported (3.2.2.3.13). */
  sharedSubscriptionAvailable?: boolean;
}

/** What the server publishes when the connection is lost (3.1.2.5). */
export interface Will {
  topic: string;
  /** 65 535 bytes at most. */
  payload: Uint8Array;
  qos: QoS;
  retain: boolean;
  /** Will Properties (3.1.3.2). */
  properties: Properties;
}

/** The first packet of a connection (3.1). */
export interface Connect {
  type: 'connect';
  version: ProtocolVersion;
  /** May be empty, where the server assigns one (3.1.3.1). */
  clientIdentifier: string;
  /** Clean Start, in 3.x Clean Session (3.1.2.4). */
  cleanStart: boolean;
  /** Seconds; 0 is off (3.1.2.10). */
  keepAlive: number;
  username?: string;
  /** Without a user name only in 5.0. */
  password?: Uint8Array;
  will?: Will;
  properties: Properties;
}

/** Whether the connection is accepted, and on what terms (3.2). */
export interface Connack {
  type: 'connack';
  /** The server still has the session (3.2.2.1.1). */
  sessionPresent: boolean;
  /** In 3.x the Connect Return code as it is (3.1.1, 3.2.2.3). */
  reasonCode: number;
  properties: Properties;
}

/** A message, in either direction (3.3). */
export interface Publish {
  type: 'publish';
  /** DUP: it may have been sent before (3.3.1.1). */
  duplicate: boolean;
  qos: QoS;
  retain: boolean;
  /** Topic Name; empty where a Topic Alias stands for it (5.0, 3.3.2.1). */
  topic: string;
  /** From 1 to 65 535, where the QoS is above 0. */
  packetIdentifier?: number;
  /** Of a packet that was decoded a view on the bytes. */
  payload: Uint8Array;
  properties: Properties;
}

/** A step of the exchange that a message of QoS 1 or 2 asks for (3.4 to 3.7). */
export interface Acknowledgement {
  type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';
  packetIdentifier: number;
  /** Always 0 in 3.x. */
  reasonCode: number;
  properties: Properties;
}

/** A Topic Filter with its Subscription Options (3.8.3.1). 3.x has the QoS alone. */
export interface SubscriptionRequest {
  filter: string;
  /** Greatest QoS wanted. */
  qos: QoS;
  /** Do not send back what this client publishes. */
  noLocal: boolean;
  /** Keep the RETAIN flag as it was published. */
  retainAsPublished: boolean;
  /** Retained messages at subscribe: 0 always, 1 if the subscription is new, 2 never. */
  retainHandling: 0 | 1 | 2;
}

/** A request for one or more subscriptions (3.8). */
export interface Subscribe {
  type: 'subscribe';
  packetIdentifier: number;
  subscriptions: readonly SubscriptionRequest[];
  properties: Properties;
}

/** The answer to SUBSCRIBE: a reason code for each filter (3.9). */
export interface Suback {
  type: 'suback';
  packetIdentifier: number;
  reasonCodes: readonly number[];
  properties: Properties;
}

/** The end of one or more subscriptions (3.10). */
export interface Unsubscribe {
  type: 'unsubscribe';
  packetIdentifier: number;
  filters: readonly string[];
  properties: Properties;
}

/** The answer to UNSUBSCRIBE: a reason code for each filter, none in 3.x (3.11). */
export interface Unsuback {
  type: 'unsuback';
  packetIdentifier: number;
  reasonCodes: readonly number[];
  properties: Properties;
}

/** A sign of life, and the answer to it (3.12, 3.13). */
export interface Ping {
  type: 'pingreq' | 'pingresp';
}

/** The last packet, from the client, and in 5.0 from the server (3.14). */
export interface Disconnect {
  type: 'disconnect';
  /** Always 0 in 3.x. */
  reasonCode: number;
  properties: Properties;
}

/** A step of enhanced authentication (5.0, 3.15). */
export interface Auth {
  type: 'auth';
  reasonCode: number;
  properties: Properties;
}

/** Any control packet; `type` says which. */
export type Packet =
  | Connect
  | Connack
  | Publish
  | Acknowledgement
  | Subscribe
  | Suback
  | Unsubscribe
  | Unsuback
  | Ping
  | Disconnect
  | Auth;

/** The name of a control packet. */
export type PacketType = Packet['type'];

/** The packet of that type. */
export type PacketOf<Type extends PacketType> = Packet extends infer P
  ? P extends { type: infer Types }
    ? Type extends Types
      ? P & { type: Type }
      : never
    : never
  : never;

/** What may be left out, as its default says it: no properties, `false`, 0, no payload. */
type Optional<P> = P extends unknown
  ? Omit<P, keyof Defaults | 'subscriptions' | 'will'> &
      Partial<Pick<P, keyof P & keyof Defaults>> &
      (P extends { subscriptions: unknown }
        ? { subscriptions: readonly (Pick<SubscriptionRequest, 'filter'> & Partial<SubscriptionRequest>)[] }
        : unknown) &
      (P extends Connect ? { will?: Pick<Will, 'topic'> & Partial<Will> } : unknown)
  : never;

type Defaults = Pick<
  Publish & Connack & Connect & Acknowledgement,
  | 'properties'
  | 'duplicate'
  | 'qos'
  | 'retain'
  | 'payload'
  | 'sessionPresent'
  | 'cleanStart'
  | 'keepAlive'
  | 'reasonCode'
>;

/** A packet to be encoded. */
export type PacketToEncode = Optional<Packet>;
