/** What outlives a connection: subscriptions, and the exchanges that are not complete. It does not know how it is kept. */

import type { ProtocolVersion, QoS } from '../api/types.js';
import type { Acknowledgement, PacketToEncode, Publish, SubscriptionRequest, Will } from '../packets/types.js';
import { Alarm } from './clock.js';
import { type Message, propertiesNow } from './message.js';

export interface Subscription extends SubscriptionRequest {
  readonly identifier: number | undefined;
}

/** A message for one client. */
export interface Delivery {
  readonly message: Message;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly identifiers: readonly number[];
}

/** The connection that a session has. */
export interface Outlet {
  readonly version: ProtocolVersion;
  /** Publishes of QoS 1 and 2 that the client takes without acknowledging them. */
  readonly receiveMaximum: number;
  /** False where it is larger than what the client takes. */
  canTake(packet: PacketToEncode): boolean;
  send(packet: PacketToEncode): Promise<void>;
}

interface Exchange {
  readonly delivery: Delivery;
  isReleased: boolean;
}

export class Session {
  readonly clientId: string;
  readonly subscriptions = new Map<string, Subscription>();
  /** What came of QoS 2 and is not released, by its Packet Identifier; nothing where it is not to be published. */
  readonly received = new Map<number, Publish | undefined>();
  /** Seconds that it is kept without a connection. */
  expiry = 0;
  outlet: Outlet | undefined;
  /** What is published where the connection is lost, and when that is due. */
  will: Will | undefined;
  readonly willAlarm = new Alarm();
  readonly expiryAlarm = new Alarm();
  /** By Packet Identifier, in the order of the first sending. */
  readonly #exchanges = new Map<number, Exchange>();
  #queue: Delivery[] = [];
  #identifier = 0;

  constructor(clientId: string) {
    this.clientId = clientId;
  }

  /** Messages that wait, or are unacknowledged. */
  get pending(): number {
    return this.#exchanges.size + this.#queue.length;
  }

  /** Sends it, or keeps it. The promise is kept when the client has what was sent. */
  async deliver(delivery: Delivery): Promise<void> {
    if (delivery.qos > 0) {
      if (this.outlet || this.expiry > 0) {
        this.#queue.push(delivery);
        await this.#pump();
      }
    } else if (this.outlet) {
      await this.#publish(this.outlet, delivery);
    }
  }

  /** What was not complete is sent again, in its order; then what waits [MQTT-4.4.0-1]. */
  async resume(outlet: Outlet): Promise<void> {
    this.outlet = outlet;
    for (const [packetIdentifier, { delivery, isReleased }] of this.#exchanges) {
      if (isReleased) {
        void outlet.send({ type: 'pubrel', packetIdentifier });
      } else {
        void this.#publish(outlet, delivery, packetIdentifier, true);
      }
    }
    await this.#pump();
  }

  /** Of the client. */
  acknowledged({ type, packetIdentifier, reasonCode }: Acknowledgement): void {
    const exchange = this.#exchanges.get(packetIdentifier);
    const isExactlyOnce = exchange?.delivery.qos === 2;
    if (type === 'pubrec' && isExactlyOnce && reasonCode < 0x80) {
      exchange.isReleased = true;
      void this.outlet?.send({ type: 'pubrel', packetIdentifier });
      return;
    }
    if (type === 'pubrec' && !exchange) {
      const notFound = this.outlet?.version === 5 ? 0x92 : 0;
      void this.outlet?.send({ type: 'pubrel', packetIdentifier, reasonCode: notFound });
      return;
    }
    if (exchange && (type === 'puback') !== isExactlyOnce) {
      this.#exchanges.delete(packetIdentifier);
      void this.#pump();
    }
  }

  /** What waits, as far as the client takes it. */
  async #pump(): Promise<void> {
    let last: Promise<void> | undefined;
    while (this.outlet && this.#queue.length > 0 && this.#exchanges.size < this.outlet.receiveMaximum) {
      const [delivery, ...rest] = this.#queue;
      this.#queue = rest;
      if (delivery) {
        const identifier = this.#free();
        this.#exchanges.set(identifier, { delivery, isReleased: false });
        last = this.#publish(this.outlet, delivery, identifier);
      }
    }
    await last;
  }

  #publish(outlet: Outlet, delivery: Delivery, packetIdentifier?: number, duplicate = false): Promise<void> {
    const { message, qos, retain, identifiers } = delivery;
    const { topic, payload } = message;
    const current = propertiesNow(message);
    const properties = {
      ...current,
      ...(identifiers.length > 0 && { subscriptionIdentifiers: identifiers }),
    };
    const packet: PacketToEncode = {
      ...{ type: 'publish', duplicate, qos, retain, topic, payload },
      ...(packetIdentifier !== undefined && { packetIdentifier }),
      ...(outlet.version === 5 && { properties }),
    };
    if (!current || !outlet.canTake(packet)) {
      if (packetIdentifier !== undefined) {
        this.#exchanges.delete(packetIdentifier);
      }
      return Promise.resolve();
    }
    return outlet.send(packet);
  }

  #free(): number {
    do {
      this.#identifier = (this.#identifier % 0xffff) + 1;
    } while (this.#exchanges.has(this.#identifier));
    return this.#identifier;
  }
}
