/** Who gets a message, and the messages that are retained. It does not know connections. */

import type { QoS } from '../api/types.js';
import { matches, sharedFilter } from '../packets/topics.js';
import type { SubscriptionRequest } from '../packets/types.js';
import { type Message, propertiesNow } from './message.js';
import type { Session, Subscription } from './session.js';

export class Router {
  readonly #sessions: ReadonlyMap<string, Session>;
  readonly #retained = new Map<string, Message>();
  /** Which member of a shared subscription is next. */
  readonly #turns = new Map<string, number>();

  constructor(sessions: ReadonlyMap<string, Session>) {
    this.#sessions = sessions;
  }

  /** Gives it to all that have subscribed, once each; of a shared subscription to one. A promise for each of them. */
  route(message: Message): Promise<void>[] {
    if (message.retain) {
      this.#retained.delete(message.topic);
      if (message.payload.length > 0) {
        this.#retained.set(message.topic, message);
      }
    }
    const groups = new Map<string, [Session, Subscription][]>();
    const given: Promise<void>[] = [];
    for (const session of this.#sessions.values()) {
      const own: Subscription[] = [];
      for (const subscription of session.subscriptions.values()) {
        const shared = sharedFilter(subscription.filter);
        if (!matches(shared?.filter ?? subscription.filter, message.topic)) {
          continue;
        }
        if (shared) {
          groups.set(subscription.filter, [...(groups.get(subscription.filter) ?? []), [session, subscription]]);
        } else if (!subscription.noLocal || message.clientId !== session.clientId) {
          own.push(subscription);
        }
      }
      if (own.length > 0) {
        given.push(deliver(session, message, own, false));
      }
    }
    for (const [filter, members] of groups) {
      const chosen = this.#chosen(filter, members);
      if (chosen) {
        given.push(deliver(chosen[0], message, [chosen[1]], false));
      }
    }
    return given;
  }

  /** The next in turn, of those that are connected if any is. */
  #chosen(filter: string, members: [Session, Subscription][]): [Session, Subscription] | undefined {
    const connected = members.filter(([session]) => session.outlet);
    const able = connected.length > 0 ? connected : members;
    const turn = this.#turns.get(filter) ?? 0;
    this.#turns.set(filter, turn + 1);
    return able[turn % able.length];
  }

  /** A new subscription, or one that is made anew, gets what is retained (3.8.3.1). */
  subscribe(session: Session, subscription: Subscription): void {
    const isNew = !session.subscriptions.has(subscription.filter);
    session.subscriptions.set(subscription.filter, subscription);
    if (!isDue(subscription, isNew)) {
      return;
    }
    for (const message of this.retained(subscription.filter)) {
      void deliver(session, message, [subscription], true);
    }
  }

  /** Retained messages whose topics match, in the order of their topics. */
  retained(filter: string): Message[] {
    const all = [...this.#retained.values()].filter((message) => propertiesNow(message));
    const wanted = all.filter(({ topic }) => matches(filter, topic));
    return wanted.sort((a, b) => (a.topic < b.topic ? -1 : 1));
  }

  clear(): void {
    this.#retained.clear();
    this.#turns.clear();
  }
}

function isDue({ filter, retainHandling }: SubscriptionRequest, isNew: boolean): boolean {
  return !sharedFilter(filter) && (retainHandling === 0 || (retainHandling === 1 && isNew));
}

/** With the greatest QoS, and the identifiers of all subscriptions that match (5.0, 3.3.4). */
function deliver(session: Session, message: Message, matching: Subscription[], isRetained: boolean): Promise<void> {
  const qos = Math.min(message.qos, Math.max(...matching.map(({ qos }) => qos))) as QoS;
  const retain = isRetained || (message.retain && matching.some(({ retainAsPublished }) => retainAsPublished));
  const identifiers = matching.flatMap(({ identifier }) => identifier ?? []);
  return session.deliver({ message, qos, retain, identifiers });
}
