/** What a test has arranged to go wrong: which packets are dropped, delayed, changed, refused, forbidden. It sends nothing. */

import { matches } from '../packets/topics.js';
import type { Packet } from '../packets/types.js';
import type { PacketFilter, ReasonOptions, Rule, RuleFilter } from './types.js';

type Sender = 'client' | 'server';

/** Milliseconds, or the packet to go on with, or `null` to drop it. */
export type Action = number | ((packet: Packet) => Packet | null);

export interface Refusal extends ReasonOptions {
  readonly reasonCode: number;
  readonly times: number;
}

export interface Prohibition {
  readonly filter: string;
  readonly publish: number | undefined;
  readonly subscribe: number | undefined;
}

/** Entries in their order, each of which is removed by itself. */
class List<Entry> {
  readonly entries: { readonly entry: Entry; readonly rule: { count: number; remove: () => void } }[] = [];

  add(entry: Entry): Rule {
    const rule = {
      count: 0,
      remove: () => {
        const at = this.entries.findIndex((one) => one.rule === rule);
        if (at >= 0) {
          this.entries.splice(at, 1);
        }
      },
    };
    this.entries.push({ entry, rule });
    return rule;
  }
}

export class Rules {
  readonly #packets = new List<{ filter: RuleFilter; action: Action }>();
  readonly #refusals = new List<Refusal>();
  readonly #prohibitions = new List<Prohibition>();

  intercept(filter: RuleFilter, action: Action): Rule {
    return this.#packets.add({ filter: { ...filter }, action });
  }

  refuse(refusal: Refusal): Rule {
    return this.#refusals.add(refusal);
  }

  forbid(prohibition: Prohibition): Rule {
    return this.#prohibitions.add(prohibition);
  }

  clear(): void {
    for (const list of [this.#packets, this.#refusals, this.#prohibitions]) {
      list.entries.length = 0;
    }
  }

  /** What becomes of a packet: `undefined` is dropped. */
  applied(packet: Packet, from: Sender, clientId: string): { packet: Packet | undefined; delay: number } {
    let delay = 0;
    let result: Packet = packet;
    for (const { entry, rule } of [...this.#packets.entries]) {
      if (!isMeant(entry.filter, result, from, clientId)) {
        continue;
      }
      used(rule, entry.filter.times);
      if (typeof entry.action === 'number') {
        delay += entry.action;
        continue;
      }
      const changed = entry.action(result);
      if (!changed) {
        return { packet: undefined, delay: 0 };
      }
      result = changed;
    }
    return { packet: result, delay };
  }

  refusal(clientId: string): Refusal | undefined {
    const found = this.#refusals.entries.find(({ entry }) => (entry.clientId ?? clientId) === clientId);
    if (found) {
      used(found.rule, found.entry.times);
    }
    return found?.entry;
  }

  /**
   * The reason code for who publishes to the topic or subscribes to the filter. A filter is forbidden where the forbidden one
   * covers it: `secret/#` covers `secret/+`, and not `#`.
   */
  forbidden(what: 'publish' | 'subscribe', topic: string): number | undefined {
    for (const { entry, rule } of this.#prohibitions.entries) {
      const code = entry[what];
      if (code !== undefined && (entry.filter === topic || matches(entry.filter, topic))) {
        used(rule);
        return code;
      }
    }
    return undefined;
  }
}

function used(rule: { count: number; remove: () => void }, times = Number.POSITIVE_INFINITY): void {
  rule.count++;
  if (rule.count >= times) {
    rule.remove();
  }
}

/** Whether a filter means this packet. */
export function isMeant(filter: PacketFilter, packet: Packet, from: Sender, clientId: string): boolean {
  const types = typeof filter.type === 'string' ? [filter.type] : filter.type;
  return (
    (types?.includes(packet.type) ?? true) &&
    (filter.from ?? from) === from &&
    (filter.clientId ?? clientId) === clientId &&
    (filter.topic === undefined || isAbout(packet, filter.topic)) &&
    (filter.where?.(packet) ?? true)
  );
}

function isAbout(packet: Packet, topic: string): boolean {
  switch (packet.type) {
    case 'publish':
      return matches(topic, packet.topic);
    case 'subscribe':
      return packet.subscriptions.some(({ filter }) => filter === topic);
    case 'unsubscribe':
      return packet.filters.includes(topic);
    default:
      return false;
  }
}
