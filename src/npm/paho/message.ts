/** A message as Paho has it: its properties are its own and enumerable, and work through a proxy, as frameworks make them. */

import { failure, INVALID_ARGUMENT, MALFORMED_UNICODE, MALFORMED_UTF } from './errors.js';
import type { Qos, TypedArray } from './values.js';

type Payload = string | ArrayBuffer | TypedArray;

interface State {
  payload: Payload;
  destinationName: string | undefined;
  qos: Qos;
  retained: boolean;
  duplicate: boolean;
}

const STATE: unique symbol = Symbol('message');

type Held = { [STATE]: State };

const PROPERTIES: PropertyDescriptorMap & ThisType<Held> = {
  payloadString: {
    enumerable: true,
    get() {
      const { payload } = this[STATE];
      return typeof payload === 'string' ? payload : decoded(payload);
    },
  },
  payloadBytes: {
    enumerable: true,
    get() {
      const { payload } = this[STATE];
      return typeof payload === 'string' ? encoded(payload) : payload;
    },
  },
  destinationName: {
    enumerable: true,
    get() {
      return this[STATE].destinationName;
    },
    set(name: unknown) {
      if (typeof name !== 'string') {
        throw failure(INVALID_ARGUMENT, name, 'newDestinationName');
      }
      this[STATE].destinationName = name;
    },
  },
  topic: {
    enumerable: true,
    get() {
      return this[STATE].destinationName;
    },
    set(name: string) {
      this[STATE].destinationName = name;
    },
  },
  qos: {
    enumerable: true,
    get() {
      return this[STATE].qos;
    },
    set(qos: unknown) {
      if (qos !== 0 && qos !== 1 && qos !== 2) {
        throw new Error(`Invalid argument:${qos}`);
      }
      this[STATE].qos = qos;
    },
  },
  retained: {
    enumerable: true,
    get() {
      return this[STATE].retained;
    },
    set(retained: unknown) {
      if (typeof retained !== 'boolean') {
        throw failure(INVALID_ARGUMENT, retained, 'newRetained');
      }
      this[STATE].retained = retained;
    },
  },
  duplicate: {
    enumerable: true,
    get() {
      return this[STATE].duplicate;
    },
    set(duplicate: boolean) {
      this[STATE].duplicate = duplicate;
    },
  },
};

/** An application message, to be sent or received. */
export class Message {
  /** The payload as text. Throws AMQJS0009E where it is none. */
  declare readonly payloadString: string;
  /** The payload: a `Uint8Array` of text and of what was received, else what the message was made of. */
  declare readonly payloadBytes: ArrayBuffer | TypedArray;
  /** The topic. A message without one cannot be sent. */
  declare destinationName: string;
  /** The same as `destinationName`. */
  declare topic: string;
  /** Default: 0. */
  declare qos: Qos;
  /** Default: false. Of one that was received: it was kept by the server, and is sent because of the subscription. */
  declare retained: boolean;
  /** It may have been received before. */
  declare readonly duplicate: boolean;

  /** Throws AMQJS0013E for what is neither text nor bytes. */
  constructor(payload: Payload) {
    if (typeof payload !== 'string' && !isBytes(payload)) {
      throw failure(INVALID_ARGUMENT, payload, 'newPayload');
    }
    const value: State = { payload, destinationName: undefined, qos: 0, retained: false, duplicate: false };
    // Not fixed: a proxy may give one of its own for it.
    Object.defineProperty(this, STATE, { value, writable: true, configurable: true });
    Object.defineProperties(this, PROPERTIES);
  }
}

/** One that was received. */
export function received(topic: string, payload: Uint8Array, qos: Qos, retained: boolean, duplicate: boolean): Message {
  const message = new Message(payload as Uint8Array<ArrayBuffer>);
  Object.assign((message as unknown as Held)[STATE], { destinationName: topic, qos, retained, duplicate });
  return message;
}

/** Of this realm or another. */
function isBytes(value: unknown): boolean {
  const kind = Object.prototype.toString.call(value);
  return kind === '[object ArrayBuffer]' || (ArrayBuffer.isView(value) && kind !== '[object DataView]');
}

function decoded(payload: ArrayBuffer | TypedArray): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload as ArrayBuffer);
  } catch {
    throw failure(MALFORMED_UTF);
  }
}

function encoded(text: string): Uint8Array<ArrayBuffer> {
  if (/\p{Surrogate}/u.test(text)) {
    throw failure(MALFORMED_UNICODE);
  }
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}
