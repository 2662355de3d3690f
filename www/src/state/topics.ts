/**
 * By topic: the last message, how many there were, and how many a second.
 * It does not keep messages but the last, and not more topics than it can show.
 */
import type { Entry } from './ring.js';

const MAX_TOPICS = 5_000;
const WINDOW = 1_000;

export interface TopicStat {
  readonly topic: string;
  last: Entry;
  count: number;
  /** Messages a second over the last second or so. */
  rate: number;
  countAtBeat: number;
}

export class Topics {
  readonly #stats = new Map<string, TopicStat>();
  #dirty = new Set<TopicStat>();
  #beat = performance.now();
  /** The topics in order; made anew when one was added. */
  #sorted: TopicStat[] | undefined;
  /** Messages on topics beyond the bound. */
  beyond = 0;

  add(entry: Entry): void {
    const { topic } = entry.message;
    let stat = this.#stats.get(topic);
    if (stat === undefined) {
      if (this.#stats.size >= MAX_TOPICS) {
        this.beyond += 1;
        return;
      }
      stat = { topic, last: entry, count: 0, rate: 0, countAtBeat: 0 };
      this.#stats.set(topic, stat);
      this.#sorted = undefined;
    }
    stat.last = entry;
    stat.count += 1;
    this.#dirty.add(stat);
  }

  /** The topics that got a message since the last call. */
  takeDirty(): Set<TopicStat> {
    const dirty = this.#dirty;
    this.#dirty = new Set();
    return dirty;
  }

  /** Works the rates out, once a second at most. */
  beat(now: number): void {
    const elapsed = now - this.#beat;
    if (elapsed < WINDOW) return;
    this.#beat = now;
    for (const stat of this.#stats.values()) {
      const current = ((stat.count - stat.countAtBeat) * 1_000) / elapsed;
      // Smoothed, so that a value every 0.7 s does not flicker between 1 and 2; a silent topic falls to 0.
      stat.rate = current === 0 && stat.rate < 0.2 ? 0 : stat.rate === 0 ? current : stat.rate * 0.6 + current * 0.4;
      stat.countAtBeat = stat.count;
    }
  }

  get size(): number {
    return this.#stats.size;
  }

  get(topic: string): TopicStat | undefined {
    return this.#stats.get(topic);
  }

  sorted(): readonly TopicStat[] {
    this.#sorted ??= [...this.#stats.values()].sort((a, b) => (a.topic < b.topic ? -1 : 1));
    return this.#sorted;
  }

  clear(): void {
    this.#stats.clear();
    this.#dirty.clear();
    this.#sorted = undefined;
    this.beyond = 0;
  }
}
