/**
 * One client for the views below a provider: it is made when the first of them is there, and closed some time after the
 * last has gone. What several views ask for is asked of the server once. It does not know the frameworks.
 */

import type { Client } from '../api/client.js';
import type { Payload, Publishing, PublishOptions } from '../api/types.js';
import { Feed, type Wants } from './feed.js';
import { Status } from './status.js';
import type { ClientSource, Filter, FilterOptions, ProviderOptions } from './types.js';

/** Milliseconds. */
const LINGER = 500;

/** Of each client, or function that makes one, the same whoever asks: a provider that is made anew finds it. */
const known = new WeakMap<object, Source>();

/** Those whose own client nobody holds any more, and is not closed yet. */
const leaving = new Set<Source>();

export function sourceOf(given: ClientSource, { linger = LINGER }: ProviderOptions = {}): Source {
  let source = known.get(given);
  if (!source) {
    source = new Source(given);
    known.set(given, source);
  }
  source.linger = linger;
  return source;
}

/**
 * The subscription of a filter with these options has this name, which says all of it; `""` where there is no filter.
 */
export function nameOf(filter: Filter, options: FilterOptions | undefined): string {
  const { qos, noLocal, retainAsPublished, retainHandling } = options ?? {};
  return typeof filter === 'string'
    ? JSON.stringify([filter, { qos, noLocal, retainAsPublished, retainHandling }])
    : '';
}

export class Source {
  linger = LINGER;
  readonly status = new Status();
  readonly #given: ClientSource;
  #client: Client | undefined;
  readonly #feeds = new Map<string, Feed>();
  /** When those end that nobody wants. */
  readonly #idle = new WeakMap<Feed, ReturnType<typeof setTimeout>>();
  #holders = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(given: ClientSource) {
    this.#given = given;
    if (typeof given !== 'function') {
      this.open();
      // What a view reads first is how it is.
      this.status.take();
    }
  }

  /** Makes the client, if there is none yet: not for a server. */
  open(): Client {
    if (!this.#client) {
      // An identifier may be for one client at a time.
      for (const other of [...leaving]) {
        other.#close();
      }
      const client = typeof this.#given === 'function' ? this.#given() : this.#given;
      this.#client = client;
      this.status.watch(client);
      client.addEventListener('error', ({ detail }) => {
        for (const feed of this.#feeds.values()) {
          feed.failed(detail);
        }
      });
    }
    return this.#client;
  }

  /** For a provider, as long as it is there. The function that is returned ends that. */
  hold(): () => void {
    this.#holders++;
    clearTimeout(this.#timer);
    leaving.delete(this);
    return once(() => {
      this.#holders--;
      if (this.#holders === 0 && typeof this.#given === 'function' && this.#client) {
        leaving.add(this);
        this.#timer = setTimeout(() => this.#close(), this.linger);
      }
    });
  }

  /** The subscription of that name, if anybody has it. */
  feed(name: string): Feed | undefined {
    return this.#feeds.get(name);
  }

  /** Subscribes, if nobody has; the last one that ends it unsubscribes. The function that is returned ends it. */
  follow(name: string, wants: Wants, told: () => void): () => void {
    if (name === '') {
      return () => {};
    }
    let feed = this.#feeds.get(name);
    if (!feed) {
      const [filter, options] = JSON.parse(name) as [string, FilterOptions];
      feed = new Feed(this.open(), filter, options);
      this.#feeds.set(name, feed);
    }
    const followed = feed;
    clearTimeout(this.#idle.get(followed));
    const leave = followed.want(wants);
    const silence = followed.listen(told);
    return once(() => {
      leave();
      silence();
      if (followed.idle) {
        const drop = (): void => this.#drop(name, followed);
        this.#idle.set(followed, setTimeout(drop, this.linger));
      }
    });
  }

  publish(topic: string, payload: Payload, options?: PublishOptions): Publishing {
    return this.open().publish(topic, payload, options);
  }

  #drop(name: string, feed: Feed): void {
    if (this.#feeds.get(name) === feed) {
      this.#feeds.delete(name);
      feed.end();
    }
  }

  #close(): void {
    clearTimeout(this.#timer);
    leaving.delete(this);
    this.#feeds.clear();
    this.#client?.close().catch(() => {});
    this.#client = undefined;
    this.status.watch(undefined);
  }
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (!done) {
      done = true;
      run();
    }
  };
}
