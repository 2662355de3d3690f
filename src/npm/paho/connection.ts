/**
 * What one call of `connect` begins: attempts at each address, then a connection, which may be lost and made again, until it ends
 * for good. It is a client of the package for each attempt; the one that connects stays. It does not know who called.
 */

import type { Message as Arrived, ClientEventMap, ConnectOptions, Client as Mqtt, MqttError } from '../index.js';
import { connect } from '../index.js';
import { OK, REJECTED, type Reason, reason, reasonOf, refusal, SOCKET_CLOSE } from './errors.js';
import { take } from './identifiers.js';
import type { Plan } from './options.js';
import { forget, isNoted, note } from './sessions.js';
import { Subscribed } from './subscribed.js';

/** Who is told what becomes of it. */
export interface Told {
  /** CONNACK accepted it, for the first time or again. */
  connected(again: boolean, uri: string): void;
  /** It never was connected, or never will be again. */
  failed(why: Reason): void;
  lost(why: Reason, reconnects: boolean, uri: string): void;
  arrived(message: Arrived): void;
  /** One of an earlier connection, by the word that it was sent with. */
  delivered(id: string | undefined, topic: string, qos: 0 | 1 | 2): void;
  trace(what: string, ...details: readonly unknown[]): void;
}

type State = 'connecting' | 'connected' | 'reconnecting' | 'ended';

export class Connection {
  state: State = 'connecting';
  readonly #plan: Plan;
  readonly #clientId: string;
  /** Of the session that is stored; undefined where none is. */
  #session: string | undefined;
  readonly #told: Told;
  readonly #release: () => void;
  #version: 3 | 4;
  #uri: string;
  #client: Mqtt | undefined;
  #subscribed: Subscribed | undefined;

  /** `session` is the name that one would have. */
  constructor(plan: Plan, clientId: string, session: string, told: Told) {
    this.#plan = plan;
    this.#clientId = clientId;
    this.#told = told;
    this.#version = plan.version ?? 4;
    this.#uri = plan.uris[0] ?? '';
    this.#release = take(plan.uris, clientId, () => this.#taken());
    if (plan.clean && clientId !== '' && isNoted(session)) {
      forget(this.#uri, session).then(() => this.#attempt(0));
    } else if (!plan.clean && clientId === '') {
      // 3.1.1, 3.1.3-8: the server has to refuse it.
      queueMicrotask(() => this.#fail(refusal(REJECTED)));
    } else {
      this.#session = plan.clean ? undefined : session;
      this.#attempt(0);
    }
  }

  /** Whether what is sent outlives the connection. */
  get stores(): boolean {
    return this.#session !== undefined;
  }

  subscribe(filters: readonly string[], qos: 0 | 1 | 2): Promise<Uint8Array> {
    return this.#subscribed?.subscribe(filters, qos) ?? never();
  }

  unsubscribe(filters: readonly string[]): Promise<void> {
    return this.#subscribed?.unsubscribe(filters) ?? never();
  }

  /** Resolves when it is delivered; with `id` another connection may tell so, if this one ends before. */
  publish(
    topic: string,
    payload: ArrayBuffer | ArrayBufferView,
    options: { qos: 0 | 1 | 2; retain: boolean; id?: string },
  ): Promise<unknown> {
    return this.#client?.publish(topic, payload, options) ?? never();
  }

  /** By the application: what was sent before goes first. */
  disconnect(): void {
    const { state } = this;
    this.#end(false);
    if (state === 'connected') {
      this.#told.lost(reason(OK), this.#plan.reconnect, this.#uri);
    }
  }

  /** Ends it, and nobody is told. */
  abandon(): void {
    this.#end(false);
  }

  #attempt(index: number): void {
    const { uris } = this.#plan;
    const uri = uris[index];
    if (this.state === 'ended' || uri === undefined) {
      return;
    }
    this.#uri = uri;
    this.#told.trace('attempt', uri, this.#version);
    const others = [...uris.slice(index + 1), ...uris.slice(0, index)];
    const client = connect([uri, ...others], this.#options());
    this.#client = client;
    this.#subscribed = new Subscribed(client);
    if (this.#session !== undefined) {
      note(this.#session);
      client.pending().then(
        (earlier) => {
          for (const { id, topic, qos, done } of earlier) {
            done.then(
              () => this.#told.delivered(id, topic, qos),
              () => {},
            );
          }
        },
        () => {},
      );
    }
    const listen = <K extends keyof ClientEventMap>(type: K, act: (detail: ClientEventMap[K]) => void): void =>
      client.addEventListener(type, ({ detail }) => {
        if (client === this.#client) {
          act(detail);
        }
      });
    listen('connect', ({ url }) => this.#connected(url));
    listen('disconnect', ({ error, willRetry }) => this.#disconnected(error, willRetry, index));
    listen('close', ({ error }) => this.#disconnected(error, false, index));
    listen('message', (message) => this.#told.arrived(message));
  }

  #options(): ConnectOptions {
    const { clean, keepAlive, timeout, userName, password, will, reconnect } = this.#plan;
    return {
      protocol: this.#version,
      clientId: this.#clientId,
      username: userName,
      password,
      keepAlive,
      connectTimeout: timeout,
      will,
      reconnect: reconnect ? {} : false,
      // What there is no room for is refused by `disconnectedBufferSize`.
      queue: { maxMessages: MOST, maxBytes: MOST },
      ...(this.#session === undefined
        ? { cleanStart: clean }
        : { session: { persist: 'indexeddb', name: this.#session } as const }),
    };
  }

  #connected(url: string): void {
    const again = this.state === 'reconnecting';
    this.state = 'connected';
    this.#uri = this.#plan.uris.find((uri) => new URL(uri).href === url) ?? url;
    this.#told.connected(again, this.#uri);
  }

  /** A connection or an attempt ended, and after that, without a word, the client. */
  #disconnected(error: MqttError | undefined, willRetry: boolean, index: number): void {
    switch (this.state) {
      case 'connecting':
        this.#failed(error, index);
        break;
      case 'connected': {
        const why = reasonOf(error, true);
        if (willRetry) {
          this.state = 'reconnecting';
        } else {
          this.#end(false);
        }
        this.#told.lost(why, willRetry, this.#uri);
        break;
      }
      case 'reconnecting':
        if (!willRetry) {
          this.#fail(reasonOf(error, false));
        }
        break;
      default:
    }
  }

  #failed(error: MqttError | undefined, index: number): void {
    const why = reasonOf(error, false);
    this.#told.trace('attempt failed', why.errorMessage);
    const client = this.#client;
    this.#client = undefined;
    client?.close().catch(() => {});
    const refused = error?.code === 'auth' || error?.code === 'connection-refused';
    if (error?.code === 'load' && this.#session !== undefined) {
      // A script that was copied alone has no store beside it.
      this.#session = undefined;
      this.#attempt(index);
    } else if (index + 1 < this.#plan.uris.length) {
      this.#attempt(index + 1);
    } else if (
      this.#plan.version === undefined &&
      this.#version === 4 &&
      (!refused || error.reasonCode === UNACCEPTABLE) &&
      error?.code !== 'taken-over'
    ) {
      this.#version = 3;
      this.#attempt(0);
    } else {
      this.#fail(why);
    }
  }

  #fail(why: Reason): void {
    if (this.state !== 'ended') {
      this.#end(false);
      this.#told.failed(why);
    }
  }

  /** Another client of this origin has the identifier now. */
  #taken(): void {
    const { state } = this;
    // As when the server throws it out: the will is published.
    this.#end(true);
    if (state === 'connected') {
      this.#told.lost(reason(SOCKET_CLOSE), false, this.#uri);
    } else if (state !== 'ended') {
      this.#told.failed(reason(SOCKET_CLOSE));
    }
  }

  #end(withWill: boolean): void {
    if (this.state === 'ended') {
      return;
    }
    this.state = 'ended';
    this.#release();
    const client = this.#client;
    this.#client = undefined;
    client?.close({ sendWill: withWill }).catch(() => {});
  }
}

/** Nothing is asked for but while it is connected. */
function never(): Promise<never> {
  return new Promise(() => {});
}

/** Unsupported protocol version, as 5.0 says it. */
const UNACCEPTABLE = 132;

const MOST = 0xffff_ffff;
