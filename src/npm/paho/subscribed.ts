/**
 * The filters of one connection, each once, however often it is subscribed to. Messages are not its business: each comes once,
 * whatever filters it matches.
 */

import type { Client as Mqtt, MqttError, Subscription } from '../index.js';

type Qos = 0 | 1 | 2;

interface Entry {
  readonly qos: Qos;
  readonly subscription: Subscription;
  granted: boolean;
}

export class Subscribed {
  readonly #client: Mqtt;
  /** The last of each is the one that counts. */
  readonly #entries = new Map<string, Entry[]>();

  constructor(client: Mqtt) {
    this.#client = client;
  }

  /** What SUBACK says of each. Rejects only where the client ends, or ends one of them, before. */
  async subscribe(filters: readonly string[], qos: Qos): Promise<Uint8Array> {
    return Uint8Array.from(await Promise.all(filters.map((filter) => this.#subscribe(filter, qos))));
  }

  /** Rejects only where the client ends before. */
  async unsubscribe(filters: readonly string[]): Promise<void> {
    await Promise.all(filters.map((filter) => this.#unsubscribe(filter)));
  }

  #subscribe(filter: string, qos: Qos): Promise<number> {
    const earlier = this.#entries.get(filter) ?? [];
    // Of several the greatest QoS is asked for: one that goes down is begun anew.
    this.#drop(earlier, (entry) => entry.granted && entry.qos > qos);
    const entry: Entry = { qos, subscription: this.#client.subscribe(filter, ignore, { qos }), granted: false };
    const entries = [...earlier, entry];
    this.#entries.set(filter, entries);
    return entry.subscription.ready.then(
      (granted) => {
        entry.granted = true;
        this.#drop(entries, (other) => other !== entry && other.granted);
        return granted.qos;
      },
      (error: MqttError) => {
        this.#drop(entries, (other) => other === entry);
        if (error.code === 'closed' || error.code === 'aborted') {
          throw error;
        }
        return error.code === 'refused' ? (error.reasonCode ?? REFUSED) : REFUSED;
      },
    );
  }

  async #unsubscribe(filter: string): Promise<void> {
    const entries = this.#entries.get(filter) ?? [];
    this.#entries.delete(filter);
    if (entries.length === 0) {
      // Of an earlier page, it may be.
      await this.#client.unsubscribe(filter);
    }
    await Promise.all(entries.map(({ subscription }) => subscription.unsubscribe()));
  }

  #drop(entries: Entry[], which: (entry: Entry) => boolean): void {
    for (const entry of entries.filter(which)) {
      entries.splice(entries.indexOf(entry), 1);
      entry.subscription.unsubscribe().catch(ignore);
    }
  }
}

/** Of a filter that was refused, in 3.1.1. */
const REFUSED = 0x80;

function ignore(): void {}
