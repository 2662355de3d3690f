/** What asking and answering need of a client. */

import type { MqttError } from './errors.js';
import type { Subscription } from './subscription.js';
import type { Message, Payload, PublishOptions, PublishResult, ServerInfo, State, SubscribeOptions } from './types.js';

export interface Messenger {
  readonly state: State;
  readonly server: ServerInfo | undefined;
  readonly ready: Promise<ServerInfo>;
  publish(topic: string, payload: Payload, options?: PublishOptions): Promise<PublishResult>;
  subscribe(filter: string, handler: (message: Message) => unknown, options?: SubscribeOptions): Subscription;
  /** What was thrown, and where the connection stands. */
  placed(thrown: unknown): MqttError;
  /** An `error` event. */
  report(error: MqttError): void;
}
