/**
 * One subscription for all views that ask for the same: its last message, the last one of each topic and, where they are
 * wanted, those before. It does not know who views it.
 */

import type { MqttError } from '../api/errors.js';
import type { Message, SubscribeResult } from '../api/types.js';
import { Cell } from './frames.js';
import type { FilterOptions, SubscriptionState } from './types.js';

/** Before anything is known. */
export const NOTHING: SubscriptionState = { message: undefined, granted: undefined, error: undefined };
export const NO_MESSAGES: readonly Message[] = [];
export const NO_TOPICS: ReadonlyMap<string, Message> = new Map();

/** Topics that are remembered in any case. */
const TOPICS = 1000;

/** Messages that came since the last frame, before those that nobody will see are thrown away. */
const CROWD = 4096;

/** What a view wants besides the last message. */
export interface Wants {
  /** Whether it shows what became of the subscription: who does not leaves an error to the client's `error` event. */
  readonly outcome?: boolean;
  /** Messages. */
  readonly messages?: number;
  /** Topics. */
  readonly topics?: number;
}

/** What subscribes: a client, or one that `typed` of `wasmqtt/payloads` made. */
export interface Subscriber {
  subscribe(filter: string, handler: (message: Message) => unknown, options?: FilterOptions): Subscribed;
}

/** What is needed of a subscription. */
export interface Subscribed {
  readonly ready: Promise<SubscribeResult>;
  unsubscribe(): Promise<unknown>;
}

export class Feed extends Cell {
  state: SubscriptionState = NOTHING;
  readonly #subscription: Subscribed & { readonly lives?: boolean };
  readonly #wants = new Set<Wants>();
  /** Since the last frame. */
  #fresh: Message[] = [];
  #crowd = CROWD;
  #outcome: Partial<SubscriptionState> | undefined;
  #watched = false;
  readonly #latest = new Map<string, Message>();
  /** The oldest first. */
  #history: Message[] = [];
  #topics: ReadonlyMap<string, Message> | undefined;
  readonly #messages = new Map<number, readonly Message[]>();

  constructor(client: Subscriber, filter: string, options: FilterOptions) {
    super();
    this.#subscription = client.subscribe(filter, (message) => this.#message(message), options);
  }

  /** Nobody wants anything. */
  get idle(): boolean {
    return this.#wants.size === 0;
  }

  /** The function that is returned ends it. */
  want(wants: Wants): () => void {
    const own = { ...wants };
    if (own.messages && this.#depth === 0) {
      this.#history = this.#known();
    }
    this.#wants.add(own);
    if (own.outcome && !this.#watched) {
      this.#watched = true;
      const settled = (outcome: Partial<SubscriptionState>): void => {
        this.#outcome = outcome;
        this.changed();
      };
      this.#subscription.ready.then(
        (granted) => settled({ granted }),
        (error: MqttError) => settled({ error }),
      );
    }
    return () => {
      this.#wants.delete(own);
      this.#history = last(this.#history, this.#depth);
    };
  }

  /** The last message of each topic, in the order in which the topics came. */
  get topics(): ReadonlyMap<string, Message> {
    this.#topics ??= new Map(this.#latest);
    return this.#topics;
  }

  /** The last ones, the oldest first. */
  messages(limit: number): readonly Message[] {
    let messages = this.#messages.get(limit);
    if (!messages) {
      messages = last(this.#depth === 0 ? this.#known() : this.#history, limit);
      this.#messages.set(limit, messages);
    }
    return messages;
  }

  /** The client tells of an error: that may have been the end of this subscription. */
  failed(error: MqttError): void {
    if (this.#subscription.lives === false && !this.state.error) {
      this.#outcome = { error };
      this.changed();
    }
  }

  end(): void {
    this.#subscription.unsubscribe().catch(() => {});
  }

  override take(): boolean {
    const fresh = this.#fresh;
    const outcome = this.#outcome;
    this.#fresh = [];
    this.#crowd = CROWD;
    this.#outcome = undefined;
    const message = fresh.at(-1);
    if (message) {
      for (const one of fresh) {
        this.#latest.set(one.topic, one);
      }
      const topics = this.#most('topics', TOPICS);
      for (const topic of this.#latest.keys()) {
        if (this.#latest.size <= topics) {
          break;
        }
        this.#latest.delete(topic);
      }
      const depth = this.#depth;
      this.#history = depth > 0 ? last([...this.#history, ...fresh], depth) : [];
      this.#topics = undefined;
      this.#messages.clear();
    }
    if (!message && !outcome) {
      return false;
    }
    this.state = { ...this.state, ...outcome, ...(message && { message }) };
    return true;
  }

  #message(message: Message): void {
    const fresh = this.#fresh;
    fresh.push(message);
    if (fresh.length >= this.#crowd) {
      // A page without frames: what counts is the last one of each topic, and the last ones.
      const latest = new Set(new Map(fresh.map((one) => [one.topic, one])).values());
      const from = fresh.length - this.#depth;
      this.#fresh = fresh.filter((one, index) => index >= from || latest.has(one));
      this.#crowd = this.#fresh.length + CROWD;
    }
    this.changed();
  }

  /** How many messages are wanted. */
  get #depth(): number {
    return this.#most('messages', 0);
  }

  #most(what: 'messages' | 'topics', least: number): number {
    let most = least;
    for (const wants of this.#wants) {
      most = Math.max(most, wants[what] ?? 0);
    }
    return most;
  }

  /** What is known while no messages are kept: the last of each topic, and the last of all at the end. */
  #known(): Message[] {
    const { message } = this.state;
    return message ? [...[...this.#latest.values()].filter((one) => one !== message), message] : [];
  }
}

/** The last so many of them. */
function last(messages: Message[], count: number): Message[] {
  return messages.slice(Math.max(0, messages.length - count));
}
