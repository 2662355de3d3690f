/**
 * MQTT in Svelte, 4 and 5: a client in the context, and functions for the beginning of a component that give stores.
 * They subscribe when the component is mounted, so nothing happens on a server and hydration finds what the server has
 * drawn.
 */

// What is subscribed to, and when it ends, is `frameworks/source.ts`.

import { getContext, onMount, setContext } from 'svelte';
import { type Readable, writable } from 'svelte/store';
import type { Client } from './api/client.js';
import type { Message, RequestOptions } from './api/types.js';
import { Asking, NO_REQUEST } from './frameworks/asking.js';
import { type Feed, NO_MESSAGES, NO_TOPICS, NOTHING, type Wants } from './frameworks/feed.js';
import type { Cell } from './frameworks/frames.js';
import { Reading, text } from './frameworks/reading.js';
import { nameOf, type Source, sourceOf } from './frameworks/source.js';
import { NO_CONNECTION } from './frameworks/status.js';
import type {
  ClientSource,
  ConnectionStatus,
  Filter,
  FilterOptions,
  MessagesOptions,
  ProviderOptions,
  Publish,
  Read,
  RequestState,
  SendRequest,
  SubscriptionState,
  TopicsOptions,
} from './frameworks/types.js';

export type * from './frameworks/types.js';

/** A filter, or a store of one: `toStore(() => filter)` makes one of a rune. */
export type FilterStore = Filter | Readable<Filter>;

const PROVIDED = /* @__PURE__ */ Symbol('wasmqtt');

/**
 * The client of this component and of those below it. A function that makes one is called in the browser alone, when the
 * component is mounted, and its client is closed when the component goes.
 */
export function provideMqtt(client: ClientSource, options?: ProviderOptions): void {
  const source = sourceOf(client, options);
  setContext(PROVIDED, source);
  onMount(() => {
    const release = source.hold();
    source.open();
    return release;
  });
}

/** The client itself; `undefined` on a server, and until there is one. */
export function useClient(): Readable<Client | undefined> {
  const { status } = useSource();
  return useCell(status, () => status.client, undefined);
}

/** The connection: its state, what CONNACK said, why the last one ended. */
export function useStatus(): Readable<ConnectionStatus> {
  const { status } = useSource();
  return useCell(status, () => status.state, NO_CONNECTION);
}

/**
 * Subscribes to a filter: its last message, and what became of the subscription. Twenty components with the same filter
 * and options are one subscription; who comes late sees at once what the others see.
 */
export function useSubscription(filter: FilterStore, options?: FilterOptions): Readable<SubscriptionState> {
  return useFeed(filter, options, { outcome: true }, (feed) => feed?.state ?? NOTHING, NOTHING);
}

/** Subscribes to a topic: a value made of its last message, by default its text; `undefined` before there is one. */
export function useTopic(topic: FilterStore): Readable<string | undefined>;
export function useTopic<T>(topic: FilterStore, read: Read<T>, options?: FilterOptions): Readable<T | undefined>;
export function useTopic(topic: FilterStore, read: Read<unknown> = text, options?: FilterOptions): Readable<unknown> {
  let reading = new Reading<unknown>();
  let of = '';
  const value = (feed: Feed | undefined, name: string): unknown => {
    if (name !== of) {
      // Of another topic no value stays.
      of = name;
      reading = new Reading();
    }
    return reading.of(feed?.state.message, read);
  };
  return useFeed<unknown>(topic, options, {}, value, undefined);
}

/** Subscribes to a filter: the last message of each topic, in the order in which the topics came. */
export function useTopics(filter: FilterStore, options?: TopicsOptions): Readable<ReadonlyMap<string, Message>> {
  return useFeed(filter, options, { topics: options?.limit ?? 0 }, (feed) => feed?.topics ?? NO_TOPICS, NO_TOPICS);
}

/** Subscribes to a filter: its last messages, the oldest first. */
export function useMessages(filter: FilterStore, options?: MessagesOptions): Readable<readonly Message[]> {
  const messages = options?.limit ?? 100;
  return useFeed(filter, options, { messages }, (feed) => feed?.messages(messages) ?? NO_MESSAGES, NO_MESSAGES);
}

/** Publishes: for handlers and `onMount`, not while a component begins. */
export function usePublish(): Publish {
  const source = useSource();
  return (topic, payload, options) => source.publish(topic, payload, options);
}

/** Sends requests to a topic, and tells of the last one. What is not answered when the component goes is given up. */
export function useRequest(
  topic: string,
  options?: RequestOptions,
): Readable<RequestState> & { readonly request: SendRequest } {
  const source = useSource();
  const asking = new Asking();
  onMount(() => () => asking.stop());
  const request: SendRequest = (payload, more) => asking.ask(source, topic, payload, { ...options, ...more });
  return { ...useCell(asking, () => asking.state, NO_REQUEST), request };
}

function useSource(): Source {
  const source = getContext<Source | undefined>(PROVIDED);
  if (!source) {
    throw new Error('there is no provideMqtt in this component or above it');
  }
  return source;
}

/** A part of what a cell shows. */
function useCell<T>(cell: Cell, shown: () => T, nothing: T): Readable<T> {
  const [store, set] = shownStore(nothing);
  onMount(() => {
    const look = (): void => set(shown());
    look();
    return cell.listen(look);
  });
  return store;
}

/** What is known of a filter, now and after each frame. */
function useFeed<T>(
  filter: FilterStore,
  options: FilterOptions | undefined,
  wants: Wants,
  shown: (feed: Feed | undefined, name: string) => T,
  nothing: T,
): Readable<T> {
  const source = useSource();
  const [store, set] = shownStore(nothing);
  onMount(() => {
    let leave = (): void => {};
    const follow = (filter: Filter): void => {
      const left = leave;
      const name = nameOf(filter, options);
      const look = (): void => set(shown(source.feed(name), name));
      leave = source.follow(name, wants, look);
      left();
      look();
    };
    let unsubscribe = (): void => {};
    if (typeof filter === 'object' && filter) {
      unsubscribe = filter.subscribe(follow);
    } else {
      follow(filter);
    }
    return () => {
      unsubscribe();
      leave();
    };
  });
  return store;
}

/** A store, which tells of other values only, and what sets it. */
function shownStore<T>(nothing: T): [Readable<T>, (value: T) => void] {
  let last = nothing;
  const { subscribe, set } = writable(nothing);
  const change = (value: T): void => {
    if (!Object.is(value, last)) {
      last = value;
      set(value);
    }
  };
  return [{ subscribe }, change];
}
