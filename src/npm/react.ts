'use client';

/**
 * MQTT in React: a provider with a client, and hooks below it. They subscribe when they are mounted, so nothing happens
 * on a server, and they render at most once a frame, all of them from the same moment.
 */

// What is subscribed to, and when it ends, is `frameworks/source.ts`.

import {
  type Context,
  createContext,
  createElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Client } from './api/client.js';
import type { Message, RequestOptions } from './api/types.js';
import { Asking, NO_REQUEST } from './frameworks/asking.js';
import { type Feed, NO_MESSAGES, NO_TOPICS, NOTHING, type Wants } from './frameworks/feed.js';
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

/** What `MqttProvider` takes. */
export interface MqttProviderProps extends ProviderOptions {
  /**
   * A client, or a function that makes one: it is called in the browser alone, when the provider is mounted, and the client
   * is closed when the provider goes. Of functions the first one counts; another client takes the place of the one before.
   */
  client: ClientSource;
  children?: ReactNode;
}

const Provided: Context<Source | undefined> = /* @__PURE__ */ createContext<Source | undefined>(undefined);

/** The client of all hooks below it. */
export function MqttProvider({ client, linger, children }: MqttProviderProps): ReactNode {
  const [first] = useState(() => client);
  const source = sourceOf(typeof client === 'function' && typeof first === 'function' ? first : client, { linger });
  useEffect(() => {
    const release = source.hold();
    source.open();
    return release;
  }, [source]);
  return createElement(Provided.Provider, { value: source }, children);
}

/** The client itself; `undefined` on a server, while hydrating, and in the first render where the provider makes it. */
export function useClient(): Client | undefined {
  const { status } = useSource();
  return useSyncExternalStore(
    useCallback((told: () => void) => status.listen(told), [status]),
    () => status.client,
    () => undefined,
  );
}

/** The connection: its state, what CONNACK said, why the last one ended. */
export function useStatus(): ConnectionStatus {
  const { status } = useSource();
  return useSyncExternalStore(
    useCallback((told: () => void) => status.listen(told), [status]),
    () => status.state,
    () => NO_CONNECTION,
  );
}

/**
 * Subscribes to a filter: its last message, and what became of the subscription. Twenty components with the same filter
 * and options are one subscription; who comes late sees at once what the others see.
 */
export function useSubscription(filter: Filter, options?: FilterOptions): SubscriptionState {
  return useFeed(filter, options, OUTCOME, (feed) => feed?.state ?? NOTHING, NOTHING);
}

/**
 * Subscribes to a topic: a value made of its last message, by default its text; `undefined` before there is one. The
 * component renders when the value changes.
 */
export function useTopic(topic: Filter): string | undefined;
export function useTopic<T>(topic: Filter, read: Read<T>, options?: FilterOptions): T | undefined;
export function useTopic(topic: Filter, read: Read<unknown> = text, options?: FilterOptions): unknown {
  // Of another topic no value stays.
  const reading = useMemo(() => ({ topic, of: new Reading<unknown>() }), [topic]).of;
  return useFeed(topic, options, LAST, (feed) => reading.of(feed?.state.message, read), undefined);
}

/** Subscribes to a filter: the last message of each topic, in the order in which the topics came. */
export function useTopics(filter: Filter, options?: TopicsOptions): ReadonlyMap<string, Message> {
  const topics = options?.limit ?? 0;
  const wants = useMemo(() => ({ topics }), [topics]);
  return useFeed(filter, options, wants, (feed) => feed?.topics ?? NO_TOPICS, NO_TOPICS);
}

/** Subscribes to a filter: its last messages, the oldest first. */
export function useMessages(filter: Filter, options?: MessagesOptions): readonly Message[] {
  const messages = options?.limit ?? 100;
  const wants = useMemo(() => ({ messages }), [messages]);
  return useFeed(filter, options, wants, (feed) => feed?.messages(messages) ?? NO_MESSAGES, NO_MESSAGES);
}

/** Publishes: for effects and handlers of events, not while rendering. The function is always the same one. */
export function usePublish(): Publish {
  const source = useSource();
  return useCallback((topic, payload, options) => source.publish(topic, payload, options), [source]);
}

/** Sends requests to a topic, and tells of the last one. What is not answered when the component goes is given up. */
export function useRequest(topic: string, options?: RequestOptions): RequestState & { readonly request: SendRequest } {
  const source = useSource();
  const [asking] = useState(() => new Asking());
  useEffect(() => () => asking.stop(), [asking]);
  const state = useSyncExternalStore(
    useCallback((told: () => void) => asking.listen(told), [asking]),
    () => asking.state,
    () => NO_REQUEST,
  );
  const request: SendRequest = (payload, more) => asking.ask(source, topic, payload, { ...options, ...more });
  return { ...state, request };
}

const OUTCOME: Wants = { outcome: true };
const LAST: Wants = {};

function useSource(): Source {
  const source = useContext(Provided);
  if (!source) {
    throw new Error('there is no <MqttProvider> above this component');
  }
  return source;
}

function useFeed<T>(
  filter: Filter,
  options: FilterOptions | undefined,
  wants: Wants,
  shown: (feed: Feed | undefined) => T,
  nothing: T,
): T {
  const source = useSource();
  const name = nameOf(filter, options);
  const subscribe = useCallback((told: () => void) => source.follow(name, wants, told), [source, name, wants]);
  return useSyncExternalStore(
    subscribe,
    () => shown(source.feed(name)),
    () => nothing,
  );
}
