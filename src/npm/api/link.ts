/**
 * The way to the engine: what the application asks for waits here, in order, until there is an engine and until a payload
 * before it is read. It does not know what is asked.
 */

import { CANCEL, type Port, PUBLISH, SUBSCRIBE } from '../port/port.js';
import { rejected } from './deferred.js';
import { closed, errorOf, type MqttError } from './errors.js';
import { Pending } from './pending.js';
import type { WaitOptions } from './types.js';

/** What goes through the port beside the token: what it is, and what it may carry. */
export type Command = readonly [
  kind: number,
  first?: number | undefined,
  second?: number | undefined,
  text?: string | undefined,
  data?: Uint8Array | undefined,
  properties?: Uint8Array | undefined,
];

interface Queued {
  readonly pending: Pending<unknown>;
  /** Undefined while its payload is being read. */
  command: Command | undefined;
}

/** Where the phase is among the counters of the engine. */
const PHASE = 13;
/** Its number. */
const CLOSED = 5;

/** Tokens that are left to publishes of earlier pages. */
const RESTORED = 2 ** 20;

export class Link {
  port: Port | undefined;
  /** The engine tells what is sent and received: somebody listens, or has to be found not to. */
  tapped = false;
  /** Nothing more is accepted. */
  ended = false;
  /** What ended it, if that was an error. */
  cause: MqttError | undefined;
  /** What was handed over and is not answered, by tokens. */
  readonly #pending = new Map<number, Pending<unknown>>();
  #queue: Queued[] = [];
  #last = RESTORED;

  /** What was thrown, and where the connection stands. */
  placed(thrown: unknown): MqttError {
    // What ended the client came before the end.
    return errorOf(thrown, this.port?.stats()[PHASE] ?? (this.ended && thrown !== this.cause ? CLOSED : 0));
  }

  /** A rejection with what was thrown at an argument. */
  refused(thrown: unknown): Promise<never> {
    return rejected(this.placed(thrown));
  }

  /** Hands a command over, or keeps it until that can be. */
  ask<T>(
    pending: Pending<T>,
    wait: WaitOptions | undefined,
    kind: number,
    first?: number,
    second?: number,
    text?: string,
    data?: Uint8Array,
    properties?: Uint8Array,
  ): Promise<T> {
    if (!this.#accepts(pending, wait)) {
      return pending.promise;
    }
    if (this.port && this.#queue.length === 0) {
      this.#sent(pending as Pending<unknown>, kind);
      this.port.send(kind, pending.id, first, second, text, data, properties);
    } else {
      // What the application gave it may change.
      const command: Command = [kind, first, second, text, data?.slice(), properties];
      this.#queue.push({ pending: pending as Pending<unknown>, command });
    }
    return pending.promise;
  }

  /** Hands over, in its turn, what is not answered. */
  tell(kind: number): void {
    if (this.port && this.#queue.length === 0) {
      this.port.send(kind);
    } else if (!this.ended) {
      this.#queue.push({ pending: new Pending(), command: [kind] });
    }
  }

  /** As `ask`, with a command that is not known yet; what is asked later waits for it. */
  askLater<T>(pending: Pending<T>, wait: WaitOptions | undefined, command: Promise<Command>): Promise<T> {
    if (this.#accepts(pending, wait)) {
      const queued: Queued = { pending: pending as Pending<unknown>, command: undefined };
      this.#queue.push(queued);
      command
        .then(
          (known) => {
            queued.command = known;
          },
          (error: MqttError) => pending.reject(error),
        )
        .then(() => this.pump());
    }
    return pending.promise;
  }

  /** Hands over what can be. */
  pump(): void {
    const queue = this.#queue;
    for (let next = queue[0]; this.port && next && (next.pending.done || next.command); next = queue[0]) {
      queue.shift();
      const { pending, command } = next;
      if (!pending.done && command) {
        const [kind, ...carried] = command;
        this.#sent(pending, kind);
        this.port.send(kind, pending.id, ...carried);
      }
    }
  }

  /** Whoever waits for the answer to that token, for whom this is the answer. */
  answered(token: number): Pending<unknown> | undefined {
    const pending = this.#pending.get(token);
    this.#pending.delete(token);
    return pending;
  }

  /** As if that had been handed over under that token. */
  adopt(pending: Pending<unknown>, token: number): void {
    pending.id = token;
    this.#sent(pending, PUBLISH);
  }

  /** The engine that had it is gone. Another one subscribes again by itself; of the rest nobody knows anything. */
  lost(error: MqttError): void {
    for (const [token, pending] of this.#pending) {
      if (pending.kind !== SUBSCRIBE) {
        this.#pending.delete(token);
        pending.reject(error);
      }
    }
  }

  /** Nothing will be answered any more. */
  end(error: MqttError): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const pending of [...queue.map((queued) => queued.pending), ...this.#pending.values()]) {
      pending.reject(error);
    }
    this.#pending.clear();
  }

  #accepts<T>(pending: Pending<T>, wait: WaitOptions | undefined): boolean {
    this.#last = (this.#last + 1) >>> 0;
    pending.id = this.#last;
    pending.link = this;
    if (wait) {
      pending.limit(wait, () => this.#quit(pending.id));
    }
    if (this.ended) {
      pending.reject(closed(this.cause));
    }
    return !pending.done;
  }

  #sent(pending: Pending<unknown>, kind: number): void {
    pending.sent = true;
    pending.kind = kind;
    this.#pending.set(pending.id, pending);
  }

  #quit(token: number): void {
    if (this.#pending.delete(token)) {
      this.port?.send(CANCEL, 0, token);
    }
    this.pump();
  }
}
