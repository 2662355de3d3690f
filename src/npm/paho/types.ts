/** What programs name beside `Client` and `Message`: the types of `@types/paho-mqtt`, and what 1.1 has besides. */

import type { Message } from './message.js';
import type { Qos } from './values.js';

export type { Qos, TypedArray } from './values.js';

// biome-ignore lint/suspicious/noExplicitAny: the application's own, as in `@types/paho-mqtt`.
export type Context = any;

export interface MQTTError {
  /**
   * 0 the application disconnected, 1 no CONNACK in time, 2 no SUBACK, 3 no UNSUBACK, 4 the server is silent, 5 an internal error,
   * 6 CONNACK refused, 7 the WebSocket could not be opened, 8 it was closed. Of a subscription that was refused: what SUBACK says of
   * each filter, a `Uint8Array`.
   */
  errorCode: number;
  /** The number, and a text. */
  errorMessage: string;
}

export interface ConnectionLostError extends MQTTError {
  /** The client connects again by itself. */
  reconnect?: boolean | undefined;
  /** Where it was connected to. */
  uri?: string | undefined;
}

export interface WithInvocationContext {
  /** That of the options. */
  invocationContext: Context;
}

export interface ErrorWithInvocationContext extends MQTTError, WithInvocationContext {}

export interface OnSubscribeSuccessParams extends WithInvocationContext {
  /** What SUBACK says of each filter, 128 for one that was refused. */
  grantedQos: Qos & Uint8Array;
}

export type OnSuccessCallback = (o: WithInvocationContext) => void;
export type OnSubscribeSuccessCallback = (o: OnSubscribeSuccessParams) => void;
export type OnFailureCallback = (e: ErrorWithInvocationContext) => void;
export type OnConnectedHandler = (reconnect: boolean, uri: string) => void;
export type OnConnectionLostHandler = (error: ConnectionLostError) => void;
export type OnMessageHandler = (message: Message) => void;

export interface ConnectionOptions {
  /** Seconds from opening the socket to CONNACK, for each attempt. Default: 30. */
  timeout?: number | undefined;
  userName?: string | undefined;
  /** Only with `userName`. */
  password?: string | undefined;
  /** What the server publishes when this client is lost without a DISCONNECT. */
  willMessage?: Message | undefined;
  /** Seconds, 0 to 65 535; 0 is off. Default: 60. */
  keepAliveInterval?: number | undefined;
  /** Begin without the session of an earlier connection, and keep none. Default: true. */
  cleanSession?: boolean | undefined;
  /** `wss:`, whatever the address says. Default: false. */
  useSSL?: boolean | undefined;
  /** Given to `onSuccess` and `onFailure`. */
  invocationContext?: Context;
  /** Called with every CONNACK that accepts, those of `reconnect` too. */
  onSuccess?: OnSuccessCallback | undefined;
  /** No server could be connected to, or one that was refuses the client from now on. */
  onFailure?: OnFailureCallback | undefined;
  /** 3 is MQTT 3.1, 4 is 3.1.1. Default: 4, then 3 where the server does not speak it. */
  mqttVersion?: 3 | 4 | undefined;
  /** Of no effect: a version that is given is the only one. */
  mqttVersionExplicit?: boolean | undefined;
  /** In place of the address of the client: addresses, or names with `ports`, tried in turn. */
  hosts?: string[] | undefined;
  /** One for each of `hosts`. */
  ports?: number[] | undefined;
  /** Connect again by itself when a connection is lost. Default: false. */
  reconnect?: boolean | undefined;
  /** Addresses, tried in turn. `hosts` goes before. */
  uris?: string[] | undefined;
}

export interface SubscribeOptions {
  /** Default: 0. */
  qos?: Qos | undefined;
  invocationContext?: Context;
  onSuccess?: OnSubscribeSuccessCallback | undefined;
  /** The server refused the first filter, or there was no answer in time. */
  onFailure?: OnFailureCallback | undefined;
  /** Seconds until `onFailure` is called, which has to be given; `onSuccess` may be called later. */
  timeout?: number | undefined;
}

export interface UnsubscribeOptions {
  invocationContext?: Context;
  onSuccess?: OnSuccessCallback | undefined;
  onFailure?: OnFailureCallback | undefined;
  /** As for `subscribe`. */
  timeout?: number | undefined;
}

export interface TraceElement {
  severity: 'Debug';
  message: string;
}

export type TraceFunction = (element: TraceElement) => void;
