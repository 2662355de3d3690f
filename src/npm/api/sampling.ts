/** At most one of each topic in some time, the newest. It does not know what it hands on. */

interface Named {
  readonly topic: string;
}

/** The first at once, and when the time is over the newest of what came since. */
export class Sampler<T extends Named> {
  readonly #interval: number;
  readonly #give: (item: T) => void;
  /** Until when a topic has had its one, and the next; the earliest first. */
  readonly #topics = new Map<string, { readonly until: number; next?: T }>();
  /** It is there while something waits, and fires then. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at = Number.POSITIVE_INFINITY;

  constructor(interval: number, give: (item: T) => void) {
    this.#interval = interval;
    this.#give = give;
  }

  /** What it takes the place of, which nobody gets. */
  push(item: T): T | undefined {
    const now = performance.now();
    const known = this.#topics.get(item.topic);
    const replaced = known?.next;
    if (known && known.until > now) {
      known.next = item;
      this.#wait(known.until, now);
    } else {
      this.#pass(item, now);
    }
    this.due(now);
    return replaced;
  }

  /** Gives what waited up to that time, with `Infinity` everything, and forgets whose time is over. */
  due(now: number): void {
    for (const [topic, { until, next }] of this.#topics) {
      if (until > now) {
        break;
      }
      this.#topics.delete(topic);
      if (next) {
        this.#pass(next, now);
      }
    }
  }

  /** Nothing is given any more. */
  end(): void {
    this.#topics.clear();
    this.#idle();
  }

  #wait(until: number, now: number): void {
    if (until < this.#at) {
      this.#idle();
      this.#at = until;
      this.#timer = setTimeout(() => this.#fire(), until - now);
    }
  }

  #fire(): void {
    const now = performance.now();
    this.#idle();
    this.due(now);
    for (const { until, next } of this.#topics.values()) {
      if (next) {
        this.#wait(until, now);
        break;
      }
    }
  }

  #idle(): void {
    clearTimeout(this.#timer);
    this.#at = Number.POSITIVE_INFINITY;
  }

  #pass(item: T, now: number): void {
    this.#topics.delete(item.topic);
    this.#topics.set(item.topic, { until: now + this.#interval });
    this.#give(item);
  }
}
