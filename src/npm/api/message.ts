/**
 * A message as the application gets it. It knows how to read its payload; it does not know who subscribed to it.
 */

import { decode } from '../port/bytes.js';
import type { AckOptions, Message, MessageProperties, QoS } from './types.js';

/** Data in fields of its own, so that it can be cloned and posted; the readers are inherited. */
export class Received implements Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly duplicate: boolean;
  readonly packetIdentifier: number;
  readonly properties: MessageProperties;
  readonly #ack: ((options?: AckOptions) => boolean) | undefined;

  /** Bits 0 and 1 of `flags` are the QoS, bit 2 RETAIN, bit 3 DUP; from bit 4 on the Packet Identifier. */
  constructor(
    topic: string,
    payload: Uint8Array,
    flags: number,
    properties: MessageProperties,
    ack?: (options?: AckOptions) => boolean,
  ) {
    this.topic = topic;
    this.payload = payload;
    this.qos = (flags & 3) as QoS;
    this.retain = (flags & 4) !== 0;
    this.duplicate = (flags & 8) !== 0;
    this.packetIdentifier = flags >>> 4;
    this.properties = properties;
    this.#ack = ack;
  }

  ack(options?: AckOptions): boolean {
    return this.#ack?.(options) ?? false;
  }

  text(): string {
    return decode(this.payload);
  }

  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T;
  }
}
