/** What has happened, for a test to look at and to wait for. It does not know why it happened. */

import { matches } from '../packets/topics.js';
import type { Packet } from '../packets/types.js';
import { Alarm } from './clock.js';
import { type Message, shown } from './message.js';
import { isMeant } from './rules.js';
import type { PacketFilter, PublishedMessage, ReceivedPacket } from './types.js';

/** What counts as true. */
export type Truthy<Value> = Exclude<Value, false | 0 | '' | null | undefined>;

export class Records {
  readonly received: ReceivedPacket[] = [];
  readonly sent: ReceivedPacket[] = [];
  readonly #published: PublishedMessage[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #expecting = new Set<(packet: ReceivedPacket, from: 'client' | 'server') => void>();

  packet(packet: Packet, from: 'client' | 'server', clientId: string): void {
    const record = { ...packet, clientId };
    (from === 'client' ? this.received : this.sent).push(record);
    for (const expect of [...this.#expecting]) {
      expect(record, from);
    }
  }

  message(message: Message): void {
    this.#published.push(shown(message));
  }

  published(filter: string): PublishedMessage[] {
    return this.#published.filter(({ topic }) => matches(filter, topic));
  }

  /** The next packet that is meant. */
  next(filter: PacketFilter, timeout: number): Promise<ReceivedPacket> {
    return new Promise((resolve, reject) => {
      const alarm = new Alarm();
      const expect = (packet: ReceivedPacket, from: 'client' | 'server') => {
        if (isMeant(filter, packet, from, packet.clientId)) {
          end();
          resolve(packet);
        }
      };
      const end = () => {
        alarm.clear();
        this.#expecting.delete(expect);
      };
      this.#expecting.add(expect);
      alarm.set(timeout, () => {
        end();
        const types = this.received.map(({ type }) => type).join(', ') || 'nothing';
        reject(new Error(`no ${filter.type ?? 'packet'} came within ${timeout} ms; what has come: ${types}`));
      });
    });
  }

  /** The condition's value, once there is one. */
  waitFor<Value>(condition: () => Value, timeout: number): Promise<Truthy<Value>> {
    return new Promise((resolve, reject) => {
      const alarm = new Alarm();
      let cause: unknown;
      const look = () => {
        try {
          const value = condition();
          cause = undefined;
          if (value) {
            alarm.clear();
            this.#waiting.delete(look);
            resolve(value as Truthy<Value>);
          }
        } catch (error) {
          cause = error;
        }
      };
      alarm.set(timeout, () => {
        this.#waiting.delete(look);
        reject(cause ?? new Error(`the condition was not met within ${timeout} ms`));
      });
      this.#waiting.add(look);
      look();
    });
  }

  /** Whoever waits looks again: now, and when what awaits the same has gone on. */
  changed(): void {
    this.#look();
    void Promise.resolve().then(() => this.#look());
  }

  #look(): void {
    for (const look of [...this.#waiting]) {
      look();
    }
  }

  clear(): void {
    this.received.length = 0;
    this.sent.length = 0;
    this.#published.length = 0;
  }
}
