/**
 * MQTT in Solid: a provider with a client, and primitives below it that give accessors. They subscribe when their
 * component is mounted, so nothing happens on a server and hydration finds what the server has drawn.
 */

// What is subscribed to, and when it ends, is `frameworks/source.ts`.

import {
  type Accessor,
  batch,
  type Context,
  createComponent,
  createContext,
  createEffect,
  createMemo,
  createSignal,
  type JSX,
  onCleanup,
  onMount,
  untrack,
  useContext,
} from 'solid-js';
import type { Client } from './api/client.js';
import type { Message, RequestOptions } from './api/types.js';
import { Asking, NO_REQUEST } from './frameworks/asking.js';
import { NO_MESSAGES, NO_TOPICS, NOTHING } from './frameworks/feed.js';
import { type Cell, tellWithin } from './frameworks/frames.js';
import { text } from './frameworks/reading.js';
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

import { messagesView, outcomeView, topicsView, type View, valueView } from './frameworks/views.js';

/** A value, or an accessor of one that may change. */
export type MaybeAccessor<T> = T | Accessor<T>;

/** What `MqttProvider` takes. */
export interface MqttProviderProps extends ProviderOptions {
  /**
   * A client, or a function that makes one: it is called in the browser alone, when the provider is mounted, and the client
   * is closed when the provider goes. The first one counts.
   */
  client: ClientSource;
  children?: JSX.Element;
}

const Provided: Context<Source | undefined> = /* @__PURE__ */ createContext<Source>();

/** The client of all components below it. */
export function MqttProvider(props: MqttProviderProps): JSX.Element {
  const source = untrack(() => sourceOf(props.client, { linger: props.linger }));
  // An effect would run after each cell of a frame.
  tellWithin(batch);
  onMount(() => {
    onCleanup(source.hold());
    source.open();
  });
  return createComponent(Provided.Provider, {
    value: source,
    get children() {
      return props.children;
    },
  });
}

/** The client itself; `undefined` on a server, and until there is one. */
export function useClient(): Accessor<Client | undefined> {
  const { status } = useSource();
  return useCell(status, () => status.client, undefined);
}

/** The connection: its state, what CONNACK said, why the last one ended. */
export function useStatus(): Accessor<ConnectionStatus> {
  const { status } = useSource();
  return useCell(status, () => status.state, NO_CONNECTION);
}

/**
 * Subscribes to a filter: its last message, and what became of the subscription. Twenty components with the same filter
 * and options are one subscription; who comes late sees at once what the others see.
 */
export function useSubscription(
  filter: MaybeAccessor<Filter>,
  options?: MaybeAccessor<FilterOptions | undefined>,
): Accessor<SubscriptionState> {
  return useFeed(filter, options, outcomeView, NOTHING);
}

/** Subscribes to a topic: a value made of its last message, by default its text; `undefined` before there is one. */
export function useTopic(topic: MaybeAccessor<Filter>): Accessor<string | undefined>;
export function useTopic<T>(
  topic: MaybeAccessor<Filter>,
  read: Read<T>,
  options?: MaybeAccessor<FilterOptions | undefined>,
): Accessor<T | undefined>;
export function useTopic(
  topic: MaybeAccessor<Filter>,
  read: Read<unknown> = text,
  options?: MaybeAccessor<FilterOptions | undefined>,
): Accessor<unknown> {
  return useFeed(topic, options, () => valueView(read), undefined);
}

/** Subscribes to a filter: the last message of each topic, in the order in which the topics came. */
export function useTopics(
  filter: MaybeAccessor<Filter>,
  options?: MaybeAccessor<TopicsOptions | undefined>,
): Accessor<ReadonlyMap<string, Message>> {
  return useFeed(filter, options, () => topicsView(current(options)?.limit), NO_TOPICS);
}

/** Subscribes to a filter: its last messages, the oldest first. */
export function useMessages(
  filter: MaybeAccessor<Filter>,
  options?: MaybeAccessor<MessagesOptions | undefined>,
): Accessor<readonly Message[]> {
  return useFeed(filter, options, () => messagesView(current(options)?.limit), NO_MESSAGES);
}

/** Publishes: for handlers and effects, not while a component is made. */
export function usePublish(): Publish {
  const source = useSource();
  return (topic, payload, options) => source.publish(topic, payload, options);
}

/**
 * Sends requests to a topic, and tells of the last one: its fields are reactive, as those of `props` are. What is not
 * answered when the component goes is given up.
 */
export function useRequest(
  topic: MaybeAccessor<string>,
  options?: RequestOptions,
): RequestState & { readonly request: SendRequest } {
  const source = useSource();
  const asking = new Asking();
  onCleanup(() => asking.stop());
  const state = useCell(asking, () => asking.state, NO_REQUEST);
  return {
    get reply() {
      return state().reply;
    },
    get error() {
      return state().error;
    },
    get pending() {
      return state().pending;
    },
    request: (payload, more) =>
      asking.ask(
        source,
        untrack(() => current(topic)),
        payload,
        { ...options, ...more },
      ),
  };
}

function current<T>(given: MaybeAccessor<T>): T {
  return typeof given === 'function' ? (given as Accessor<T>)() : given;
}

function useSource(): Source {
  const source = useContext(Provided);
  if (!source) {
    throw new Error('there is no <MqttProvider> above this component');
  }
  return source;
}

/** A part of what a cell shows. */
function useCell<T>(cell: Cell, shown: () => T, nothing: T): Accessor<T> {
  const [value, set] = createSignal(nothing);
  onMount(() => {
    const look = (): void => {
      set(shown);
    };
    onCleanup(cell.listen(look));
    look();
  });
  return value;
}

/** What is known of a filter, now and after each frame. `view` is made anew for each filter. */
function useFeed<T>(
  filter: MaybeAccessor<Filter>,
  options: MaybeAccessor<FilterOptions | undefined>,
  view: () => View<T>,
  nothing: T,
): Accessor<T> {
  const source = useSource();
  const name = createMemo(() => nameOf(current(filter), current(options)));
  const [value, set] = createSignal(nothing);
  createEffect(() => {
    const followed = name();
    const { wants, shown } = view();
    const look = (): void => {
      set(() => shown(source.feed(followed)));
    };
    onCleanup(source.follow(followed, wants, look));
    look();
  });
  return value;
}
