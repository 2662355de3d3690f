/** What an application gives and gets: plain data. The classes are in `client.ts` and `subscription.ts`. */

import type { Packet, PacketType, ProtocolVersion, QoS } from '../packets/types.js';
import type { UserProperties } from '../port/bytes.js';
import type { MqttError } from './errors.js';

export type { ProtocolVersion, QoS } from '../packets/types.js';
export type { UserProperties } from '../port/bytes.js';

/** Bytes or text. Text is sent as UTF-8; a lone surrogate is refused. */
export type Payload = string | ArrayBuffer | ArrayBufferView | Blob;

/** What an awaitable takes besides its own options. */
export interface WaitOptions {
  /** Aborting rejects with code `aborted`. */
  signal?: AbortSignal | undefined;
  /** Milliseconds until it rejects with code `timeout`, however many. Default: `Infinity`, no limit. */
  timeout?: number | undefined;
}

export interface PublishOptions extends WaitOptions {
  /** Default: 0. */
  qos?: QoS | undefined;
  /** Default: false. */
  retain?: boolean | undefined;
  /** Message Expiry Interval in seconds, 0 to 4 294 967 295; counted down while the message waits here. */
  expiry?: number | undefined;
  contentType?: string | undefined;
  responseTopic?: string | undefined;
  correlationData?: ArrayBuffer | ArrayBufferView | undefined;
  payloadFormat?: 'bytes' | 'utf-8' | undefined;
  userProperties?: UserProperties | undefined;
  /** The application's word for it, at most 65 535 bytes: it is stored with the message, and `pending` tells it. */
  id?: string | undefined;
}

/** A request carries what a publish does, but for what says where its reply goes. */
export interface RequestOptions
  extends Omit<PublishOptions, 'retain' | 'responseTopic' | 'correlationData' | 'timeout' | 'id'> {
  /** Default: 1. */
  qos?: QoS | undefined;
  /**
   * Milliseconds to wait for a reply, however many, `Infinity` for no limit; then it rejects with code `timeout`. In 5.0
   * the request expires then, too. Default: 30 000.
   */
  timeout?: number | undefined;
}

export interface RequestManyOptions extends RequestOptions {
  /** Milliseconds after which the loop ends, however many, `Infinity` for no limit; that is no error. Default: 30 000. */
  timeout?: number | undefined;
  /** Replies after which the loop ends. Default: `Infinity`, no limit. */
  max?: number | undefined;
}

/** A reply: its payload, or that and more. It has the QoS of the request unless it says otherwise. */
export type Reply =
  | Payload
  | ({ payload: Payload } & Omit<PublishOptions, 'responseTopic' | 'correlationData' | 'signal' | 'timeout' | 'id'>);

/** As for `subscribe`. Default of `qos`: 1. */
export type RespondOptions = Omit<SubscribeOptions, 'buffer' | 'sample' | 'latest'>;

/** QoS 0: the message was handed to the socket. QoS 1 and 2: the server has taken it over. */
export interface PublishResult {
  readonly qos: QoS;
  /** PUBACK's or PUBREC's reason code; 0x10 means that nobody subscribes. 0 for QoS 0 and in 3.x. */
  readonly reasonCode: number;
  readonly reasonString?: string;
  readonly userProperties: UserProperties;
}

/** What `publish` gives: a promise, with a session that is stored of two things. */
export interface Publishing extends Promise<PublishResult> {
  /** Where the session is stored: the message is, and outlives the page, or is complete. Rejects where it cannot be. */
  readonly stored?: Promise<void>;
}

/** A publish that is not complete: of this page, or of one before it. */
export interface PendingPublish {
  readonly topic: string;
  readonly qos: QoS;
  /** When it was published. */
  readonly since: Date;
  /** The application's word for it. */
  readonly id: string | undefined;
  /** It is stored, and outlives the page. */
  readonly stored: Promise<void>;
  /** As what `publish` gives. */
  readonly done: Promise<PublishResult>;
}

/** A filter whose levels have names: `template` of `wasmqtt/topics` makes one. */
export interface TopicTemplate<Params> {
  readonly filter: string;
  /** What a topic has for the names; `undefined` where it does not match. */
  params(topic: string): Params | undefined;
}

/** `signal` and `timeout` are about `ready`; both end the subscription, and `signal` does so later, too. */
export interface SubscribeOptions extends WaitOptions {
  /** Greatest QoS wanted. Default: 0. */
  qos?: QoS | undefined;
  /** Do not send back what this client publishes (5.0). Default: false. */
  noLocal?: boolean | undefined;
  /** Keep the RETAIN flag as it was published (5.0). Default: false. */
  retainAsPublished?: boolean | undefined;
  /** Retained messages at subscribe: always, if the subscription is new, never (5.0). Default: 0. */
  retainHandling?: 0 | 1 | 2 | undefined;
  /**
   * When messages of QoS 1 and 2 are acknowledged. `"auto"`: as they come. `"after-handler"`: when the handler is done,
   * or the loop asks for the next one; of a handler that throws the server is told so (5.0, reason 0x83). `"manual"`: by
   * `message.ack()`. Acknowledgements leave in the order of the messages, and once `receiveMaximum` of them are due the
   * server sends no more: a slow application is not overrun. Default: `"auto"`.
   */
  ack?: 'auto' | 'after-handler' | 'manual' | undefined;
  /** Sent in SUBSCRIBE (5.0). */
  userProperties?: UserProperties | undefined;
  /**
   * For `for await`, and a handler with `latest`: messages held while that is busy, `Infinity` for all. What is dropped counts
   * as acknowledged. Default: 1 000, dropping the oldest; but none that waits for its acknowledgement, see `ack`.
   */
  buffer?: { max?: number | undefined; overflow?: 'drop-oldest' | 'drop-newest' | undefined } | undefined;
  /**
   * Milliseconds, 1 to 2 147 483 647: of each topic at most one message in that time. The first one comes at once, then the
   * newest when the time is over; those between are dropped. Not together with an `ack` other than `"auto"`. Default: every
   * message.
   */
  sample?: number | undefined;
  /**
   * One message at a time: of those that come while the handler's promise, or the loop, is at one, the newest of each topic is
   * kept, and the others are dropped. Topics come in turn. Not together with an `ack` other than `"auto"`. Default: false, a
   * handler is called with each message as it comes.
   */
  latest?: boolean | undefined;
}

/** What the server granted. */
export interface SubscribeResult {
  readonly qos: QoS;
  /** Of SUBACK (5.0). */
  readonly reasonString?: string;
  readonly userProperties: UserProperties;
}

export interface UnsubscribeOptions extends WaitOptions {
  /** Sent in UNSUBSCRIBE (5.0). */
  userProperties?: UserProperties | undefined;
}

/** What the server said of the end. */
export interface UnsubscribeResult {
  /** Of UNSUBACK; 0 in 3.x and where the server needed not be told. */
  readonly reasonCode: number;
  readonly reasonString?: string;
  readonly userProperties: UserProperties;
}

/** What the acknowledgement of a message says (5.0). */
export interface AckOptions {
  /** One that PUBACK has; from 0x80 on it says that the message was not taken. Default: 0. */
  reasonCode?: number | undefined;
  reasonString?: string | undefined;
  userProperties?: UserProperties | undefined;
}

export interface MessageProperties {
  readonly payloadFormat?: 'bytes' | 'utf-8';
  readonly expiry?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  readonly userProperties: UserProperties;
}

export interface Message {
  readonly topic: string;
  /** A view on the bytes as they arrived. */
  readonly payload: Uint8Array;
  readonly qos: QoS;
  /** 5.0: true for a retained message sent because of the subscription. */
  readonly retain: boolean;
  readonly duplicate: boolean;
  /** Packet Identifier, until it is acknowledged (2.2.1); 0 with QoS 0. */
  readonly packetIdentifier: number;
  readonly properties: MessageProperties;
  /**
   * Acknowledges it, where its subscription has `ack: "manual"`; elsewhere it does nothing. False when there is nothing
   * to acknowledge any more: it was done, or the connection was lost and the message comes again.
   */
  ack(options?: AckOptions): boolean;
  /** The payload as UTF-8 text. */
  text(): string;
  /** The payload as JSON. Throws `SyntaxError` as `JSON.parse` does. */
  json<T = unknown>(): T;
}

/** Messages one by one, as `for await` reads them. */
export interface MessageIterator extends AsyncIterator<Message, undefined> {
  /** Ends it, as leaving the loop does. */
  return(): Promise<IteratorResult<Message, undefined>>;
  [Symbol.asyncIterator](): MessageIterator;
}

/** What CONNACK said, with the specification's defaults filled in (3.2.2.3). */
export interface ServerInfo {
  /** The address in full, without user and password. */
  readonly url: string;
  readonly protocol: ProtocolVersion;
  readonly clientId: string;
  readonly sessionPresent: boolean;
  /** Seconds in force. */
  readonly keepAlive: number;
  readonly sessionExpiry: number;
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number;
  readonly maximumQoS: QoS;
  readonly retainAvailable: boolean;
  readonly topicAliasMaximum: number;
  readonly wildcardSubscriptionAvailable: boolean;
  readonly sharedSubscriptionAvailable: boolean;
  readonly subscriptionIdentifierAvailable: boolean;
  readonly responseInformation?: string;
  readonly serverReference?: string;
  readonly reasonString?: string;
  readonly userProperties: UserProperties;
}

/**
 * `idle` before the engine is loaded, and from `disconnect()` to `connect()`; `connecting` from opening the socket to CONNACK; `connected`;
 * `waiting` for the next attempt; `closing` while draining; `closed` for good.
 */
/** A publish that was in flight when the server lost the session. */
export interface Republished {
  readonly topic: string;
  readonly qos: QoS;
}

export type State = 'idle' | 'connecting' | 'connected' | 'waiting' | 'closing' | 'closed';

export interface Stats {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** Publishes not yet sent. */
  readonly queued: number;
  readonly queuedBytes: number;
  /** Publishes sent and not yet acknowledged. */
  readonly inFlight: number;
  /** Connections that reached CONNACK, the first included. */
  readonly connections: number;
  /** Milliseconds of the last PINGREQ to PINGRESP; undefined before the first. */
  readonly roundTrip: number | undefined;
  /** Bytes the socket has not yet sent. */
  readonly bufferedAmount: number;
  /** Messages of QoS 0 that were dropped, as the page did not take what it had been told (`worker`). */
  readonly messagesDropped: number;
  /**
   * Milliseconds of silence after which connections to this server were cut, three times at least: a proxy on the way has
   * that limit. A PINGREQ is sent after three quarters of it, if `keepAlive` does not ask for one before. Undefined where
   * nothing of the kind was seen.
   */
  readonly idleTimeout: number | undefined;
}

/** Of a connection that is ended, while the client goes on. */
export interface DisconnectOptions extends WaitOptions {
  /** DISCONNECT with reason 0x04, so that the server publishes the will (5.0). Default: false. */
  sendWill?: boolean | undefined;
  /** Seconds, in place of the session expiry of CONNECT (5.0). */
  sessionExpiry?: number | undefined;
  /** Sent in DISCONNECT (5.0). */
  reasonString?: string | undefined;
  /** Sent in DISCONNECT (5.0). */
  userProperties?: UserProperties | undefined;
}

export interface CloseOptions extends WaitOptions {
  /**
   * Milliseconds to wait for what is queued and unacknowledged: publishes, subscriptions and their ends, not replies to
   * requests. However many, `Infinity` for no limit. Default: 0.
   */
  drain?: number | undefined;
  /** DISCONNECT with reason 0x04, so that the server publishes the will (5.0); with `share` for the last page only. Default: false. */
  sendWill?: boolean | undefined;
  /**
   * With `share`: the clients of all pages close, those in the back/forward cache too when they return, and nothing of the
   * session is kept, here or at the server. Without it this page leaves the others alone. Default: false.
   */
  everywhere?: boolean | undefined;
  /** Seconds, in place of the session expiry of CONNECT (5.0). */
  sessionExpiry?: number | undefined;
  /** Sent in DISCONNECT (5.0). */
  reasonString?: string | undefined;
  /** Sent in DISCONNECT (5.0). */
  userProperties?: UserProperties | undefined;
}

/** Where the connection is that pages share, and how many they are. */
export interface Sharing {
  /** `this-page`: this one leads, and the others go through it. */
  readonly place: 'this-page' | 'other-page' | 'shared-worker';
  readonly pages: number;
}

/**
 * A packet as it went over the wire, but for secrets: a user name, a password and Authentication Data are eight asterisks,
 * in `packet` and in `bytes`.
 */
export interface PacketEvent {
  /** Seen from the client. */
  readonly direction: 'sent' | 'received';
  /** What the first byte says; undefined for the reserved type 0. */
  readonly type: PacketType | undefined;
  /** Its fields; undefined where it breaks the specification. */
  readonly packet: Packet | undefined;
  /** What is wrong with it. */
  readonly error?: string;
  /**
   * All of it, but for secrets; of one that is malformed and may hold any, the first byte. A view on what the browser or the
   * engine gave, which the payload of a message lies in, too: it may be kept, not changed.
   */
  readonly bytes: Uint8Array;
  /** Bytes on the wire: `bytes` has others where a secret was replaced. */
  readonly length: number;
  /** When it was handed to the WebSocket, or came from it: milliseconds since 1970, in parts of a thousand; a clock that is set changes nothing. */
  readonly time: number;
  /** That of the connection. */
  readonly protocol: ProtocolVersion;
  /** Which connection of the engine it was on, from 1; attempts count. With `share` or `worker` a new engine begins anew. */
  readonly connection: number;
}

/** What the events of a client say: `on` gives it, `addEventListener` a `CustomEvent` with it as `detail`. */
export interface ClientEventMap {
  /** The state changed. */
  state: { readonly state: State; readonly previous: State };
  /** CONNACK accepted the connection. */
  connect: ServerInfo;
  /** A connection, or an attempt at one, ended; `retryIn` is in milliseconds. */
  disconnect: { readonly error: MqttError; readonly willRetry: boolean; readonly retryIn?: number };
  /**
   * The server has lost the session that it was to keep (with `sessionExpiry`, or in 3.x without `cleanStart`): it restarted, or
   * the session was ended. Publishes of QoS 1 and 2 that it had not acknowledged are published anew, and may arrive a
   * second time; subscriptions are asked for again. Messages that it kept for this client are gone. Follows `connect`.
   */
  'session-lost': { readonly republished: readonly Republished[] };
  /** Every message, once, before the handlers of its subscriptions. */
  message: Message;
  /**
   * A listener, a handler or `auth` threw, or a subscription was refused and nobody waits for its `ready`. One that a
   * server hangs up on is told here in any case.
   */
  error: MqttError;
  /**
   * A packet was sent or received. What reads them, `wire.js`, is loaded with the first listener; nothing is done for it while
   * there is none. With `share` they are those of the one connection of all pages.
   */
  packet: PacketEvent;
  /** With `share`: the connection has moved, or a page has come or gone. */
  share: Sharing;
  /** For good. */
  close: { readonly error: MqttError | undefined };
}
