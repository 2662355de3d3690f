/**
 * Publishes of a stored session that are not complete: of this page, and of those before it. It does not know how they
 * are stored.
 */

import { Deferred, ignore } from './deferred.js';
import { closed, type MqttError } from './errors.js';
import type { Link } from './link.js';
import { Pending } from './pending.js';
import type { PendingPublish, Publishing, PublishResult, QoS } from './types.js';

interface Entry extends PendingPublish {
  readonly kept: Deferred<void>;
}

export class Outstanding {
  readonly #link: Link;
  readonly #all = new Set<[pending: Pending<PublishResult>, entry: Entry]>();
  /** By their tokens, those that are not stored yet. */
  readonly #awaited = new Map<number, Deferred<void>>();
  readonly #loaded = new Deferred<void>();
  /** Why nothing is stored any more. */
  #error: MqttError | undefined;

  constructor(link: Link) {
    this.#link = link;
    this.#loaded.promise.catch(ignore);
  }

  /** Those there are, once the store was read. */
  async list(): Promise<PendingPublish[]> {
    await this.#loaded.promise;
    const all = [...this.#all].sort(([one], [other]) => one.id - other.id);
    return all.map(([, { topic, qos, since, id, stored, done }]) => ({ topic, qos, since, id, stored, done }));
  }

  /** One of this page was handed over, or waits to be; the promise of it. */
  add(pending: Pending<PublishResult>, topic: string, id: string | undefined): Publishing {
    const kept = this.#add(pending, topic, pending.qos, new Date(), id);
    if (this.#error || pending.done) {
      kept.reject(this.#error ?? closed());
    } else {
      this.#awaited.set(pending.id, kept);
    }
    return Object.assign(pending.promise, { stored: kept.promise });
  }

  /** One of an earlier page. */
  restored(token: number, qos: QoS, since: number, topic: string, id: string | undefined): void {
    const pending = new Pending<PublishResult>(qos);
    // Nobody may ask for it.
    pending.promise.catch(ignore);
    this.#link.adopt(pending as Pending<unknown>, token);
    this.#add(pending, topic, qos, new Date(since), id).resolve();
  }

  /** Those are stored; of none it is told once all of earlier pages are restored. */
  stored(tokens: readonly number[]): void {
    this.#loaded.resolve();
    for (const token of tokens) {
      this.#awaited.get(token)?.resolve();
      this.#awaited.delete(token);
    }
  }

  /** Nothing is stored any more. */
  broken(error: MqttError): void {
    this.#error = error;
    this.#loaded.resolve();
    for (const kept of this.#awaited.values()) {
      kept.reject(error);
    }
    this.#awaited.clear();
  }

  /** The client is closed. `last`: what it said last is being stored. */
  end(error: MqttError, last: Promise<void> | undefined): void {
    if (!this.#loaded.done) {
      this.#loaded.reject(error);
    }
    last?.then(
      () => this.stored([...this.#awaited.keys()]),
      () => this.broken(error),
    ) ?? this.broken(error);
  }

  #add(pending: Pending<PublishResult>, topic: string, qos: QoS, since: Date, id: string | undefined): Deferred<void> {
    const kept = new Deferred<void>();
    kept.promise.catch(ignore);
    const item: [Pending<PublishResult>, Entry] = [
      pending,
      { topic, qos, since, id, stored: kept.promise, done: pending.promise, kept },
    ];
    this.#all.add(item);
    const ended = (): void => {
      this.#all.delete(item);
      // Complete, or given up, before it needed to be stored.
      if (this.#awaited.get(pending.id) === kept && !this.#link.ended) {
        this.#awaited.delete(pending.id);
        kept.resolve();
      }
    };
    pending.promise.then(ended, ended);
    return kept;
  }
}
