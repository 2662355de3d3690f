/**
 * What the engine tells, read from the batches of the port and handed on in its order. Code of the application may run
 * in each call, and may have more told. It does not know what the client makes of it.
 */

import { decode, NO_PROPERTIES, type Properties, readProperties } from '../port/bytes.js';
import * as port from '../port/port.js';
import type { AuthContext } from './connection.js';
import { type MqttError, type MqttErrorDetails, told } from './errors.js';
import type { ProtocolVersion, QoS, Republished, ServerInfo, Sharing, State } from './types.js';

const STATES: readonly State[] = ['idle', 'connecting', 'connected', 'waiting', 'closing', 'closed'];
const PLACES: readonly Sharing['place'][] = ['this-page', 'other-page', 'shared-worker'];
const REASONS: readonly AuthContext['reason'][] = ['first', 'reconnect', 'rejected'];

/** Of a topic: its name and the numbers of its subscriptions, until they change. */
export interface Route {
  readonly topic: string;
  readonly subscriptions: readonly number[];
}

/** Who is told. */
export interface Told {
  /** Bits 0 and 1 of `flags` are the QoS, bit 2 RETAIN, bit 3 DUP. `delivery` is 0 where none is owed. */
  message(route: Route, payload: Uint8Array, flags: number, properties: Properties, delivery: number): void;
  /** `kind` of the event, and the number that goes with it: a reason code, a QoS, milliseconds. */
  done(token: number, kind: number, number: number, properties: Properties): void;
  failed(token: number, error: MqttError): void;
  lost(subscription: number, error: MqttError): void;
  sessionLost(republished: Republished[]): void;
  stored(tokens: number[]): void;
  /** `since` in milliseconds since 1970. */
  restored(token: number, qos: QoS, since: number, topic: string, id: string | undefined): void;
  disconnected(error: MqttError, retryIn: number | undefined): void;
  state(state: State): void;
  /** `server` is the number of the address, `host` what a server said in its place. */
  connected(server: number, host: string, info: Omit<ServerInfo, 'url'>): void;
  authorize(attempt: number, reason: AuthContext['reason']): void;
  authenticate(step: number, data: Uint8Array): void;
  refused(error: MqttError): void;
  shared(sharing: Sharing): void;
  frame(...frame: Frame): void;
}

/** What was sent or received, as `Tapped` of `src/bindings/batch.rs` tells it. */
export type Frame = readonly [kind: number, number: number, long: number, bytes: Uint8Array];

export class Events {
  readonly #told: Told;
  readonly #routes: Route[] = [];
  /** Came while one was handed on: code of the application can make that happen. */
  readonly #waiting: port.Batch[] = [];
  #running = false;
  #words: Uint32Array = new Uint32Array(256);
  #end = 0;
  #at = 0;
  #bytes: Uint8Array = new Uint8Array();
  #from = 0;

  constructor(told: Told) {
    this.#told = told;
  }

  take({ words, bytes, buffers }: port.Batch): void {
    if (this.#running) {
      this.#waiting.push({ words: words.slice(), bytes: bytes.slice(), buffers });
      return;
    }
    this.#running = true;
    // The memory they are views on may move when the engine is called.
    if (this.#words.length < words.length) {
      this.#words = new Uint32Array(words.length * 2);
    }
    this.#words.set(words);
    this.#run(words.length, bytes.length > 0 ? bytes.slice() : bytes, buffers);
    while (this.#waiting.length > 0) {
      const next = this.#waiting.shift() as port.Batch;
      this.#words = next.words;
      this.#run(next.words.length, next.bytes, next.buffers);
    }
    this.#running = false;
  }

  #run(length: number, bytes: Uint8Array, buffers: readonly Uint8Array[]): void {
    this.#end = length;
    this.#at = 0;
    this.#bytes = bytes;
    this.#from = 0;
    while (this.#at < this.#end) {
      this.#event(this.#word(), this.#word(), buffers);
    }
  }

  #event(first: number, number: number, buffers: readonly Uint8Array[]): void {
    const told = this.#told;
    const kind = first & 255;
    switch (kind) {
      case port.MESSAGE: {
        const buffer = buffers[this.#word()] ?? this.#bytes;
        const payload = view(buffer, this.#word(), this.#word());
        const delivery = this.#word();
        told.message(this.#routes[number] ?? NOWHERE, payload, first >>> 8, this.#properties(), delivery);
        break;
      }
      case port.ROUTE: {
        const topic = this.#text();
        const subscriptions = Array.from({ length: this.#word() }, () => this.#word());
        this.#routes[number] = { topic, subscriptions };
        break;
      }
      case port.FAILED:
        told.failed(number, this.#error());
        break;
      case port.SUBSCRIPTION_LOST:
        told.lost(number, this.#error());
        break;
      case port.SESSION_LOST:
        told.sessionLost(Array.from({ length: number }, () => ({ qos: this.#word() as QoS, topic: this.#text() })));
        break;
      case port.IS_STORED:
        told.stored(Array.from({ length: number }, () => this.#word()));
        break;
      case port.RESTORED: {
        const qos = this.#word() as QoS;
        const since = this.#word() * 2 ** 32 + this.#word();
        const topic = this.#text();
        const labelled = this.#word();
        const id = this.#text();
        told.restored(number, qos, since, topic, labelled ? id : undefined);
        break;
      }
      case port.DISCONNECTED: {
        const error = this.#error();
        // When the next attempt is due is said next.
        const waits = this.#at < this.#end && this.#words[this.#at] === port.STATE;
        told.disconnected(error, waits ? duration(this.#words[this.#at + 2]) : undefined);
        break;
      }
      case port.STATE:
        this.#word();
        told.state(STATES[number] ?? 'closed');
        break;
      case port.CONNECTED:
        this.#connected(number);
        break;
      case port.AUTHORIZE:
        told.authorize(number, REASONS[this.#word()] ?? 'first');
        break;
      case port.AUTHENTICATE:
        told.authenticate(number, this.#block());
        break;
      case port.REFUSED:
        told.refused(this.#error());
        break;
      case port.SHARED:
        told.shared({ place: PLACES[number] ?? 'other-page', pages: this.#word() });
        break;
      case port.FRAME: {
        const long = this.#word() * 2 ** 32 + this.#word();
        told.frame(first >>> 8, number, long, buffers[this.#word()] ?? this.#bytes);
        break;
      }
      default:
        told.done(number, kind, this.#word(), this.#properties());
    }
  }

  #connected(server: number): void {
    const protocol = this.#word() as ProtocolVersion;
    const flags = this.#word();
    const info = {
      protocol,
      sessionPresent: (flags & 1) !== 0,
      retainAvailable: (flags & 2) !== 0,
      wildcardSubscriptionAvailable: (flags & 4) !== 0,
      sharedSubscriptionAvailable: (flags & 8) !== 0,
      subscriptionIdentifierAvailable: (flags & 16) !== 0,
      keepAlive: this.#word(),
      sessionExpiry: this.#word(),
      receiveMaximum: this.#word(),
      maximumPacketSize: this.#word(),
      maximumQoS: this.#word() as QoS,
      topicAliasMaximum: this.#word(),
      clientId: this.#text(),
    };
    const host = this.#text();
    this.#told.connected(server, host, { ...info, ...this.#properties() });
  }

  #error(): MqttError {
    const code = this.#word();
    const flags = this.#word();
    const reason = this.#word();
    const closeCode = this.#word();
    const message = this.#text();
    const words = this.#text();
    const { reasonString, userProperties } = this.#properties();
    const close = closeCode ? { code: closeCode, reason: words, wasClean: (flags & 0x200) !== 0 } : undefined;
    const details: MqttErrorDetails = {
      reasonCode: reason < 256 ? reason : undefined,
      reasonString,
      userProperties,
      close,
      retryable: (flags & 0x100) !== 0,
    };
    return told(code, flags & 255, message, details);
  }

  #word(): number {
    return this.#words[this.#at++] ?? 0;
  }

  #block(): Uint8Array {
    const begin = this.#from;
    this.#from += this.#word();
    return this.#bytes.subarray(begin, this.#from);
  }

  #text(): string {
    return decode(this.#block());
  }

  #properties(): Properties {
    if (this.#words[this.#at] === 0) {
      this.#at++;
      return NO_PROPERTIES;
    }
    return readProperties(this.#block());
  }
}

const NOWHERE: Route = { topic: '', subscriptions: [] };

function duration(milliseconds = 0): number | undefined {
  return milliseconds < 0xffff_ffff ? milliseconds : undefined;
}

/**
 * The payload without a copy: a view on the buffer it came in, or a copy of that part where a view would keep a large
 * buffer alive for a small payload.
 */
function view({ buffer, byteOffset, length: all }: Uint8Array, begin: number, length: number): Uint8Array {
  const payload = new Uint8Array(buffer, byteOffset + begin, length);
  return all > SMALL && length < all / WASTE ? payload.slice() : payload;
}

/** Bytes that a view may always keep alive. */
const SMALL = 16 * 1024;

/** Above that, a view must use at least one part in so many. */
const WASTE = 4;
