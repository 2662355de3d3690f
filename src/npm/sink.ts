/**
 * What the engine tells. It notes and returns, because the engine is borrowed while it tells; code of the application
 * runs in `turn_end` only. It does not know what the client makes of it.
 */

import { type ErrorData, errorOf, type MqttError } from './errors.js';
import type { Inbox } from './inbox.js';
import { Received } from './message.js';
import type { Pending } from './pending.js';
import type {
  AckOptions,
  AuthContext,
  ClientEventMap,
  Message,
  MessageProperties,
  ServerInfo,
  State,
  UserProperties,
} from './types.js';

const STATES: readonly State[] = ['idle', 'connecting', 'connected', 'waiting', 'closing', 'closed'];
const REASONS: readonly AuthContext['reason'][] = ['first', 'reconnect', 'rejected'];

/** What the client does with it, in the order in which it was told. */
export interface Told {
  state(state: State): void;
  connected(server: ServerInfo): void;
  disconnected(detail: ClientEventMap['disconnect']): void;
  message(message: Message): void;
  lost(inbox: Inbox | undefined, error: MqttError): void;
  authorize(attempt: number, reason: AuthContext['reason']): void;
  authenticate(step: number, data: Uint8Array): void;
  /** False when the message does not wait for it any more. */
  acknowledge(delivery: number, options: AckOptions | undefined): boolean;
}

type Detail = { -readonly [K in keyof ClientEventMap['disconnect']]: ClientEventMap['disconnect'][K] };

/** The names of its methods are those of `src/bindings/sink.rs`. */
export class Sink {
  /** Requests under way, by their tokens. */
  readonly pending = new Map<number, Pending<unknown>>();
  /** Subscriptions, by their numbers. */
  readonly inboxes = new Map<number, Inbox>();
  /** Those that acknowledge by hand, also when they have ended: each message owes them one. */
  readonly manual = new Set<number>();
  /** What CONNACK said of the connection there is; known before the event that tells of it. */
  server: ServerInfo | undefined;
  readonly #told: Told;
  /** A topic and its subscriptions, by a number of the engine's. */
  readonly #slots: [topic: string, subscriptions: Uint32Array][] = [];
  #notes: (() => void)[] = [];
  #detail: Detail | undefined;
  #running = false;

  constructor(told: Told) {
    this.#told = told;
  }

  route(slot: number, topic: string, subscriptions: Uint32Array): void {
    this.#slots[slot] = [topic, subscriptions];
  }

  message(
    slot: number,
    payload: Uint8Array,
    flags: number,
    properties: MessageProperties | undefined,
    delivery?: number,
  ): void {
    const [topic, subscriptions] = this.#slots[slot] ?? ['', []];
    const message = new Received(topic, payload, flags, properties);
    this.#notes.push(() => {
      this.#told.message(message);
      for (const id of subscriptions) {
        const inbox = this.inboxes.get(id);
        if (delivery === undefined || !this.manual.has(id)) {
          inbox?.push(message);
          continue;
        }
        let owed = true;
        const ack = (options?: AckOptions): boolean => {
          const owes = owed && this.#told.acknowledge(delivery, options);
          owed = false;
          return owes;
        };
        if (inbox) {
          inbox.push(new Received(topic, payload, flags, properties, ack), ack);
        } else {
          ack();
        }
      }
    });
  }

  published(token: number, reasonCode: number, reasonString?: string, flat?: readonly string[]): void {
    this.#settle(token, ({ qos }) => ({ qos, reasonCode, ...said(reasonString, flat) }));
  }

  subscribed(token: number, qos: number, reasonString?: string, flat?: readonly string[]): void {
    this.#settle(token, () => ({ qos, ...said(reasonString, flat) }));
  }

  unsubscribed(token: number, reasonCode: number, reasonString?: string, flat?: readonly string[]): void {
    this.#settle(token, () => ({ reasonCode, ...said(reasonString, flat) }));
  }

  reauthenticated(token: number): void {
    this.#settle(token, () => undefined);
  }

  pong(token: number, milliseconds: number): void {
    this.#settle(token, () => milliseconds);
  }

  flushed(token: number): void {
    this.#settle(token, () => undefined);
  }

  failed(token: number, error: ErrorData): void {
    this.#notes.push(() => this.#take(token)?.reject(errorOf(error)));
  }

  subscription_lost(id: number, error: ErrorData): void {
    this.#notes.push(() => this.#told.lost(this.inboxes.get(id), errorOf(error)));
  }

  state(state: number, retryIn: number): void {
    if (this.#detail && retryIn >= 0) {
      this.#detail.retryIn = retryIn;
    }
    this.#notes.push(() => this.#told.state(STATES[state] ?? 'closed'));
  }

  connected(server: ServerInfo): void {
    this.server = server;
    this.#notes.push(() => this.#told.connected(server));
  }

  disconnected(data: ErrorData): void {
    this.server = undefined;
    const error = errorOf(data);
    const detail: Detail = { error, willRetry: error.retryable };
    this.#detail = detail;
    this.#notes.push(() => this.#told.disconnected(detail));
  }

  authorize(attempt: number, reason: number): void {
    this.#notes.push(() => this.#told.authorize(attempt, REASONS[reason] ?? 'first'));
  }

  authenticate(step: number, data: Uint8Array): void {
    this.#notes.push(() => this.#told.authenticate(step, data));
  }

  turn_end(): void {
    if (this.#running) {
      return;
    }
    this.#running = true;
    // Notes may be added meanwhile.
    for (const note of this.#notes) {
      note();
    }
    this.#notes = [];
    this.#detail = undefined;
    this.#running = false;
  }

  #settle(token: number, value: (pending: Pending<unknown>) => unknown): void {
    this.#notes.push(() => {
      const pending = this.#take(token);
      pending?.resolve(value(pending));
    });
  }

  #take(token: number): Pending<unknown> | undefined {
    const pending = this.pending.get(token);
    this.pending.delete(token);
    return pending;
  }
}

/** What an acknowledgement says besides its code; the pairs come one after the other. */
function said(
  reasonString: string | undefined,
  flat: readonly string[] = [],
): { reasonString?: string; userProperties: UserProperties } {
  const userProperties: [string, string][] = [];
  for (let at = 0; at < flat.length; at += 2) {
    userProperties.push([flat[at] ?? '', flat[at + 1] ?? '']);
  }
  return { ...(reasonString !== undefined && { reasonString }), userProperties };
}
