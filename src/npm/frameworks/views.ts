/** What each of the functions that subscribe wants to be kept of a filter, and shows of it. A view is made anew for each filter. */

import type { Message } from '../api/types.js';
import { type Feed, NO_MESSAGES, NO_TOPICS, NOTHING, type Wants } from './feed.js';
import { Reading } from './reading.js';
import type { Read, SubscriptionState } from './types.js';

export interface View<T> {
  readonly wants: Wants;
  shown(feed: Feed | undefined): T;
}

/** The last message, and what became of the subscription. */
export function outcomeView(): View<SubscriptionState> {
  return { wants: { outcome: true }, shown: (feed) => feed?.state ?? NOTHING };
}

/** What is made of the last message: of another topic no value stays. */
export function valueView<T>(read: Read<T>): View<T | undefined> {
  const reading = new Reading<T>();
  return { wants: {}, shown: (feed) => reading.of(feed?.state.message, read) };
}

/** The last message of each topic. */
export function topicsView(limit = 0): View<ReadonlyMap<string, Message>> {
  return { wants: { topics: limit }, shown: (feed) => feed?.topics ?? NO_TOPICS };
}

/** The last messages. */
export function messagesView(limit = 100): View<readonly Message[]> {
  return { wants: { messages: limit }, shown: (feed) => feed?.messages(limit) ?? NO_MESSAGES };
}
