/** A message with what its payload means. */

import type { AckOptions, Message, MessageProperties, QoS } from '../api/types.js';

/** A message, and the value of its payload. */
export interface TypedMessage<T> extends Message {
  readonly value: T;
}

/** Data in fields of its own; what it can do is the message's. */
export class Understood<T> implements TypedMessage<T> {
  readonly topic: string;
  readonly value: T;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly duplicate: boolean;
  readonly packetIdentifier: number;
  readonly properties: MessageProperties;
  readonly #message: Message;

  constructor(message: Message, value: T) {
    this.topic = message.topic;
    this.value = value;
    this.payload = message.payload;
    this.qos = message.qos;
    this.retain = message.retain;
    this.duplicate = message.duplicate;
    this.packetIdentifier = message.packetIdentifier;
    this.properties = message.properties;
    this.#message = message;
  }

  ack(options?: AckOptions): boolean {
    return this.#message.ack(options);
  }

  text(): string {
    return this.#message.text();
  }

  json<U = unknown>(): U {
    return this.#message.json<U>();
  }
}
