/**
 * A message as the application gets it. It knows how to read its payload; it does not know who subscribed to it.
 */

import type { AckOptions, Message, MessageProperties, QoS } from './types.js';

const NONE: MessageProperties = /* @__PURE__ */ Object.freeze({ userProperties: /* @__PURE__ */ Object.freeze([]) });

/** Data in fields of its own, so that it can be cloned and posted; the readers are inherited. */
export class Received implements Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly duplicate: boolean;
  readonly properties: MessageProperties;
  readonly #ack: ((options?: AckOptions) => boolean) | undefined;

  /** Bits 0 and 1 of `flags` are the QoS, bit 2 RETAIN, bit 3 DUP. */
  constructor(
    topic: string,
    payload: Uint8Array,
    flags: number,
    properties: MessageProperties | undefined,
    ack?: (options?: AckOptions) => boolean,
  ) {
    this.topic = topic;
    this.payload = payload;
    this.qos = (flags & 3) as QoS;
    this.retain = (flags & 4) !== 0;
    this.duplicate = (flags & 8) !== 0;
    this.properties = properties ?? NONE;
    this.#ack = ack;
  }

  ack(options?: AckOptions): boolean {
    return this.#ack?.(options) ?? false;
  }

  text(): string {
    // A byte order mark is part of the text.
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.payload);
  }

  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T;
  }
}
