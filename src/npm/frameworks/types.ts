/** What views are given and give: plain data, the same in every framework. */

import type { Client } from '../api/client.js';
import type { MqttError } from '../api/errors.js';
import type {
  Message,
  Payload,
  Publishing,
  PublishOptions,
  RequestOptions,
  ServerInfo,
  Sharing,
  State,
  SubscribeOptions,
  SubscribeResult,
} from '../api/types.js';

/**
 * A client, which stays the application's, or a function that makes one: it is called once, in the browser alone, and
 * the client is closed when the provider goes.
 */
export type ClientSource = Client | (() => Client);

/** What a provider takes besides its client. */
export interface ProviderOptions {
  /**
   * Milliseconds for which a subscription outlives its last component, and a client that was made here its provider: what
   * comes back by then, as with StrictMode, hot reload or a change of route, finds them as they were. Default: 500.
   */
  linger?: number | undefined;
}

/** A topic filter; without one nothing is subscribed to. */
export type Filter = string | undefined | null | false;

/** How a filter is subscribed to. Components whose filter and options are the same have one subscription. */
export type FilterOptions = Pick<SubscribeOptions, 'qos' | 'noLocal' | 'retainAsPublished' | 'retainHandling'>;

/** What is kept of a filter's messages. */
export interface MessagesOptions extends FilterOptions {
  /** Messages kept, the newest; at least 1. Default: 100. */
  limit?: number | undefined;
}

/** What is kept of a filter's topics. */
export interface TopicsOptions extends FilterOptions {
  /** Topics kept; beyond it the one that came first goes. Default: 1 000. */
  limit?: number | undefined;
}

/** Makes a value of a message. One that throws is reported as an uncaught error, and the value stays what it was. */
export type Read<T> = (message: Message) => T;

/** One subscription as of the last frame. */
export interface SubscriptionState {
  /** The last message. */
  readonly message: Message | undefined;
  /** What the server granted, once it has. */
  readonly granted: SubscribeResult | undefined;
  /** Why there is no subscription: it was refused, or cannot be. */
  readonly error: MqttError | undefined;
}

/** The connection as of the last frame. */
export interface ConnectionStatus {
  /** `idle` on a server, and before there is a client. */
  readonly state: State;
  readonly connected: boolean;
  /** What CONNACK said, while there is a connection. */
  readonly server: ServerInfo | undefined;
  /** What ended the last connection or attempt, until there is one again. */
  readonly error: MqttError | undefined;
  /** While it is `waiting`: milliseconds from the loss of the connection to the next attempt. */
  readonly retryIn: number | undefined;
  /** With `share`: where the connection is. */
  readonly sharing: Sharing | undefined;
}

/** Publishes as `client.publish` does; what is published before there is a connection waits for it. */
export type Publish = (topic: string, payload: Payload, options?: PublishOptions) => Publishing;

/** The last request of a component. */
export interface RequestState {
  readonly reply: Message | undefined;
  readonly error: MqttError | undefined;
  /** It was sent, or waits for the connection, and there is no reply yet. */
  readonly pending: boolean;
}

/**
 * Sends a request as `client.request` does, to the topic of its component; a request that is not answered yet is given up
 * for it. The promise rejects with code `aborted` when that happens, or the component goes.
 */
export type SendRequest = (payload: Payload, options?: RequestOptions) => Promise<Message>;
