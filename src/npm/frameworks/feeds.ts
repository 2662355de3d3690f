/** The feeds of one client: each is there while somebody follows it, and some time after. */

import type { MqttError } from '../api/errors.js';
import { Feed, type Subscriber, type Wants } from './feed.js';
import type { Filter, FilterOptions } from './types.js';

export type { Subscriber } from './feed.js';

/** Milliseconds. */
export const LINGER = 500;

/**
 * The subscription of a filter with these options has this name, which says all of it; `""` where there is no filter.
 */
export function nameOf(filter: Filter, options: FilterOptions | undefined): string {
  const { qos, noLocal, retainAsPublished, retainHandling } = options ?? {};
  return typeof filter === 'string'
    ? JSON.stringify([filter, { qos, noLocal, retainAsPublished, retainHandling }])
    : '';
}

export abstract class Feeds {
  /** Milliseconds for which a feed outlives who followed it. */
  linger = LINGER;
  readonly #feeds = new Map<string, Feed>();
  /** When those end that nobody wants. */
  readonly #idle = new WeakMap<Feed, ReturnType<typeof setTimeout>>();

  /** The client, made if there is none. */
  abstract open(): Subscriber;

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

  /** The client tells of an error. */
  protected failed(error: MqttError): void {
    for (const feed of this.#feeds.values()) {
      feed.failed(error);
    }
  }

  /** The client is closed. */
  protected clear(): void {
    this.#feeds.clear();
  }

  #drop(name: string, feed: Feed): void {
    if (this.#feeds.get(name) === feed) {
      this.#feeds.delete(name);
      feed.end();
    }
  }
}

export function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (!done) {
      done = true;
      run();
    }
  };
}
