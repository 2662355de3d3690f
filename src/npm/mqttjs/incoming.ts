/**
 * Messages on their way to the application, one at a time where it takes its time, and what is answered of each. It does not
 * know who subscribed.
 */

import type { AckOptions, Message } from '../api/types.js';
import { type MessagePayload, payloadOf } from './bytes.js';
import type { Inside } from './inside.js';
import type { IPublishPacket } from './packet-types.js';
import { publishPropertiesOf } from './properties.js';

/** Reason codes of PUBACK and PUBREC (5.0, 3.4.2.1, 3.5.2.1). */
const CODES: readonly unknown[] = [0, 16, 128, 131, 135, 144, 145, 151, 153];

type Ack = (options?: AckOptions) => boolean;

interface Entry {
  readonly message: Message;
  readonly identifiers: number[];
  readonly acks: Ack[];
  /** What is answered; undefined before it is known, null for nothing. */
  answer: number | null | undefined;
}

export class Incoming {
  readonly #client: Inside;
  #queue: Entry[] = [];
  #last: Entry | undefined;
  #busy = false;

  constructor(client: Inside) {
    this.#client = client;
  }

  /** Every message, before it is told for which subscriptions it is; `identified`: that has to be known first. */
  message(message: Message, identified: boolean): void {
    this.#last = { message, identifiers: [], acks: [], answer: undefined };
    this.#queue.push(this.#last);
    if (identified) {
      queueMicrotask(() => this.#run());
    } else {
      this.#run();
    }
  }

  /** The one before is for a subscription, with that identifier if it has one. */
  matched(ack: Ack, identifier: number | undefined): void {
    const entry = this.#last;
    if (!entry) {
      return;
    }
    if (identifier !== undefined) {
      entry.identifiers.push(identifier);
    }
    if (entry.answer === undefined) {
      entry.acks.push(ack);
    } else {
      acknowledge([ack], entry.answer);
    }
  }

  /** The application has ended the client: it is told nothing more. */
  clear(): void {
    this.#queue = [];
    this.#last = undefined;
    this.#busy = false;
  }

  #run(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      this.#tell(next);
    }
  }

  #next(): Entry | undefined {
    return this.#busy ? undefined : this.#queue.shift();
  }

  #tell(entry: Entry): void {
    this.#busy = true;
    const client = this.#client;
    const { message, identifiers } = entry;
    const { topic, qos, retain, duplicate, packetIdentifier, properties } = message;
    const payload = payloadOf(message.payload);
    const packet: IPublishPacket = { cmd: 'publish', topic, payload, qos, retain, dup: duplicate };
    if (qos > 0) {
      packet.messageId = packetIdentifier;
    }
    const five = client.options.protocolVersion === 5;
    if (five) {
      packet.properties = publishPropertiesOf(properties, identifiers);
    }
    const { customHandleAcks } = client.options;
    if (!five || !customHandleAcks || qos === 0) {
      this.#deliver(entry, payload, packet, 0);
      return;
    }
    let asked = true;
    customHandleAcks(topic, payload, packet, (error, code) => {
      if (!asked) {
        return;
      }
      asked = false;
      const reason = typeof error === 'number' ? error : code;
      if (typeof error !== 'number' && error) {
        client.emit('error', error);
        this.#done(entry, null);
      } else if (!CODES.includes(reason)) {
        client.emit('error', new Error(`Wrong reason code for ${qos === 1 ? 'puback' : 'pubrec'}`));
        this.#done(entry, null);
      } else {
        this.#deliver(entry, payload, packet, reason ?? 0);
      }
    });
  }

  #deliver(entry: Entry, payload: MessagePayload, packet: IPublishPacket, code: number): void {
    const client = this.#client;
    if (code && packet.qos === 2) {
      this.#done(entry, code);
      return;
    }
    if (!code) {
      client.emit('message', packet.topic, payload, packet);
    }
    let waits = true;
    client.handleMessage(packet, (error) => {
      if (waits) {
        waits = false;
        this.#done(entry, error ? null : code);
      }
    });
  }

  #done(entry: Entry, answer: number | null): void {
    entry.answer = answer;
    acknowledge(entry.acks, answer);
    const queued = this.#busy;
    this.#busy = false;
    if (queued) {
      this.#run();
    }
  }
}

function acknowledge(acks: readonly Ack[], answer: number | null): void {
  if (answer !== null) {
    for (const ack of acks) {
      ack(answer ? { reasonCode: answer } : undefined);
    }
  }
}
