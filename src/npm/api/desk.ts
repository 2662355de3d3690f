/**
 * Where what the engine tells is sorted: answers to who asked, messages to who subscribed, the rest to the client. It
 * does not know what is asked, nor when.
 */

import type { Properties } from '../port/bytes.js';
import { ACKNOWLEDGE, KEPT, PONG, PUBLISHED, SUBSCRIBED, UNSUBSCRIBED } from '../port/port.js';
import { readAck } from './acknowledge.js';
import type { AuthContext } from './connection.js';
import type { MqttError } from './errors.js';
import type { Frame, Route, Told } from './events.js';
import { hinted } from './hint.js';
import type { Inbox } from './inbox.js';
import type { Link } from './link.js';
import { Received } from './message.js';
import type { AckOptions, ClientEventMap, Message, QoS, Republished, ServerInfo, Sharing, State } from './types.js';

/** What the client does with it, in the order in which it was told. */
export interface Life {
  state(state: State): void;
  connected(server: ServerInfo): void;
  disconnected(detail: ClientEventMap['disconnect']): void;
  message(message: Message): void;
  lost(inbox: Inbox | undefined, error: MqttError): void;
  sessionLost(republished: Republished[]): void;
  stored(tokens: number[]): void;
  restored(token: number, qos: QoS, since: number, topic: string, id: string | undefined): void;
  authorize(attempt: number, reason: AuthContext['reason']): void;
  authenticate(step: number, data: Uint8Array): void;
  refused(error: MqttError): void;
  shared(sharing: Sharing): void;
  frame(...frame: Frame): void;
}

export class Desk implements Told {
  /** Where connections are made to. */
  urls: readonly string[] = [];
  /** Subscriptions, by their numbers. */
  readonly inboxes = new Map<number, Inbox>();
  /** Those that acknowledge by hand, also when they have ended: each message owes them one. */
  readonly manual = new Set<number>();
  /** What CONNACK said of the connection there is. */
  server: ServerInfo | undefined;
  readonly #link: Link;
  readonly #life: Life;
  /** The connection, and the session that the server keeps, by numbers: what came with an earlier one comes again. */
  #connection = 0;
  #session = 0;

  constructor(link: Link, life: Life) {
    this.#link = link;
    this.#life = life;
  }

  message(
    { topic, subscriptions }: Route,
    payload: Uint8Array,
    flags: number,
    properties: Properties,
    delivery: number,
  ): void {
    const message = new Received(topic, payload, flags, properties);
    this.#life.message(message);
    for (const id of subscriptions) {
      const inbox = this.inboxes.get(id);
      if (delivery === 0 || !this.manual.has(id)) {
        inbox?.push(message);
        continue;
      }
      const ack = this.#acknowledger(delivery, message.qos === 2);
      if (inbox) {
        inbox.push(new Received(topic, payload, flags, properties, ack), ack);
      } else {
        ack();
      }
    }
  }

  done(token: number, kind: number, number: number, properties: Properties): void {
    const pending = this.#link.answered(token);
    switch (pending && kind) {
      case PUBLISHED:
        pending?.resolve({ qos: pending.qos, reasonCode: number, ...properties });
        break;
      case SUBSCRIBED:
        pending?.resolve({ qos: number, ...properties });
        break;
      case UNSUBSCRIBED:
        pending?.resolve({ reasonCode: number, ...properties });
        break;
      default:
        pending?.resolve(kind === PONG ? number : undefined);
    }
  }

  failed(token: number, error: MqttError): void {
    const pending = this.#link.answered(token);
    pending?.reject(error);
    if (!pending && token === KEPT) {
      this.#life.refused(error);
    }
  }

  lost(subscription: number, error: MqttError): void {
    this.#life.lost(this.inboxes.get(subscription), error);
  }

  sessionLost(republished: Republished[]): void {
    this.#life.sessionLost(republished);
  }

  stored(tokens: number[]): void {
    this.#life.stored(tokens);
  }

  restored(token: number, qos: QoS, since: number, topic: string, id: string | undefined): void {
    this.#life.restored(token, qos, since, topic, id);
  }

  disconnected(told: MqttError, retryIn: number | undefined): void {
    const error = hinted(told, this.urls);
    this.server = undefined;
    this.#connection++;
    const willRetry = error.retryable;
    this.#life.disconnected({ error, willRetry, ...(retryIn !== undefined && { retryIn }) });
  }

  connected(server: number, host: string, info: Omit<ServerInfo, 'url'>): void {
    if (!info.sessionPresent) {
      this.#session++;
    }
    const address = this.urls[server] ?? '';
    // A host stands for all between the scheme and the path.
    const url = host ? address.replace(/\/\/[^/?#]*/, () => `//${host}`) : address;
    this.server = { url, ...info };
    this.#life.connected(this.server);
  }

  state(state: State): void {
    this.#life.state(state);
  }

  authorize(attempt: number, reason: AuthContext['reason']): void {
    this.#life.authorize(attempt, reason);
  }

  authenticate(step: number, data: Uint8Array): void {
    this.#life.authenticate(step, data);
  }

  refused(error: MqttError): void {
    this.#life.refused(error);
  }

  shared(sharing: Sharing): void {
    this.#life.shared(sharing);
  }

  #readAck(options: AckOptions | undefined): ReturnType<typeof readAck> {
    try {
      return readAck(options, this.server);
    } catch (thrown) {
      throw this.#link.placed(thrown);
    }
  }

  frame(...frame: Frame): void {
    this.#life.frame(...frame);
  }

  /** Acknowledges once. False when the message does not wait for it any more. */
  #acknowledger(delivery: number, exactlyOnce: boolean): (options?: AckOptions) => boolean {
    const [connection, session] = [this.#connection, this.#session];
    let owed = true;
    return (options) => {
      const { reasonCode, properties } = this.#readAck(options);
      const lost = exactlyOnce ? session !== this.#session : connection !== this.#connection;
      const { port } = this.#link;
      if (!owed || lost || !port) {
        return false;
      }
      owed = false;
      port.send(ACKNOWLEDGE, 0, delivery, reasonCode, '', undefined, properties);
      return true;
    };
  }
}
