/** The last value of each topic of a filter, as a store. When it is told of, and what is kept, is `frameworks/feed.ts`. */

import type { Message } from '../api/types.js';
import { NO_TOPICS } from '../frameworks/feed.js';
import { Feeds, nameOf, type Subscriber } from '../frameworks/feeds.js';
import { Reading } from '../frameworks/reading.js';
import type { FilterOptions, Read } from '../frameworks/types.js';

/** A value that changes, as `useSyncExternalStore`, Svelte's `$store` and signals take it. */
export interface Store<T> {
  /** The value now: the same object until it changes. */
  get(): T;
  /** Calls the listener with the value, now and after each change, until the function that is returned is called. */
  subscribe(listener: (value: T) => void): () => void;
}

export interface LastOptions<T> extends FilterOptions {
  /** Topics kept, the newest of them; at least 1. Default: 1 000. */
  limit?: number | undefined;
  /** Makes the value of a message. One that throws is reported as an uncaught error, and the value stays. Default: the message itself. */
  read?: Read<T> | undefined;
}

/** Of each client those of its filters. */
const known: WeakMap<object, Feeds> = /* @__PURE__ */ new WeakMap();

/**
 * The last value of each topic of a filter. Subscribes with the first listener, one subscription for all stores of the same filter
 * and options, and lets it go half a second after the last has gone; listeners are told at most once a frame.
 *
 * ```ts
 * const temperatures = last(client, 'plant/+/temperature', { read: (message) => Number(message.text()) });
 * const stop = temperatures.subscribe((all) => draw(all)); // a Map by topic
 * ```
 */
export function last<T = Message>(
  client: Subscriber,
  filter: string,
  { limit = 1000, read, ...options }: LastOptions<T> = {},
): Store<ReadonlyMap<string, T>> {
  let feeds = known.get(client);
  if (!feeds) {
    feeds = new Own(client);
    known.set(client, feeds);
  }
  return new Last(feeds, nameOf(filter, options), limit, read ?? ((message) => message as T));
}

class Own extends Feeds {
  readonly #client: Subscriber;

  constructor(client: Subscriber) {
    super();
    this.#client = client;
  }

  override open(): Subscriber {
    return this.#client;
  }
}

class Last<T> implements Store<ReadonlyMap<string, T>> {
  readonly #feeds: Feeds;
  readonly #name: string;
  readonly #limit: number;
  readonly #read: Read<T>;
  /** What the values are of. */
  #topics: ReadonlyMap<string, Message> = NO_TOPICS;
  #values: ReadonlyMap<string, T> = new Map();
  #readings = new Map<string, Reading<T>>();

  constructor(feeds: Feeds, name: string, limit: number, read: Read<T>) {
    this.#feeds = feeds;
    this.#name = name;
    this.#limit = limit;
    this.#read = read;
    this.get = this.get.bind(this);
    this.subscribe = this.subscribe.bind(this);
  }

  get(): ReadonlyMap<string, T> {
    const topics = this.#feeds.feed(this.#name)?.topics ?? NO_TOPICS;
    if (topics !== this.#topics) {
      this.#topics = topics;
      const readings = new Map<string, Reading<T>>();
      const values = new Map<string, T>();
      for (const [topic, message] of [...topics].slice(-this.#limit)) {
        const reading = this.#readings.get(topic) ?? new Reading<T>();
        readings.set(topic, reading);
        const value = reading.of(message, this.#read);
        if (value !== undefined) {
          values.set(topic, value);
        }
      }
      this.#readings = readings;
      this.#values = values;
    }
    return this.#values;
  }

  subscribe(listener: (value: ReadonlyMap<string, T>) => void): () => void {
    const leave = this.#feeds.follow(this.#name, { topics: this.#limit }, () => listener(this.get()));
    listener(this.get());
    return leave;
  }
}
