/**
 * MQTT in Vue: a plugin with a client, and composables that give refs. They subscribe when their component is mounted,
 * so nothing happens on a server and hydration finds what the server has drawn.
 */

// What is subscribed to, and when it ends, is `frameworks/source.ts`.

import {
  type App,
  getCurrentInstance,
  type InjectionKey,
  inject,
  type MaybeRefOrGetter,
  onMounted,
  onScopeDispose,
  provide,
  type ShallowRef,
  shallowRef,
  toValue,
  watch,
} from 'vue';
import type { Client } from './api/client.js';
import type { MqttError } from './api/errors.js';
import type { Message, RequestOptions, SubscribeResult } from './api/types.js';
import { Asking } from './frameworks/asking.js';
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
  SendRequest,
  TopicsOptions,
} from './frameworks/types.js';

export type * from './frameworks/types.js';

import { messagesView, outcomeView, topicsView, type View, valueView } from './frameworks/views.js';

/** A ref that is only read. */
export type Shown<T> = Readonly<ShallowRef<T>>;

/** What `useSubscription` gives. */
export interface SubscriptionRefs {
  /** The last message. */
  readonly message: Shown<Message | undefined>;
  /** What the server granted, once it has. */
  readonly granted: Shown<SubscribeResult | undefined>;
  /** Why there is no subscription. */
  readonly error: Shown<MqttError | undefined>;
}

/** What `useRequest` gives. */
export interface RequestRefs {
  readonly reply: Shown<Message | undefined>;
  readonly error: Shown<MqttError | undefined>;
  /** It was sent, or waits for the connection, and there is no reply yet. */
  readonly pending: Shown<boolean>;
  readonly request: SendRequest;
}

const PROVIDED: InjectionKey<Source> = /* @__PURE__ */ Symbol('wasmqtt');

/**
 * A plugin, for `app.use`: the client of all components of the application. A function that makes one is called in the
 * browser alone, and its client is closed when the application is unmounted.
 */
export function createMqtt(client: ClientSource, options?: ProviderOptions): { install(app: App): void } {
  return {
    install: (app) => {
      const source = sourceOf(client, options);
      app.provide(PROVIDED, source);
      if (drawsHere()) {
        const release = source.hold();
        source.open();
        const { unmount } = app;
        app.unmount = () => {
          unmount();
          release();
        };
      }
    },
  };
}

/** The client of the components below the one whose `setup` calls this; as with `createMqtt`. */
export function provideMqtt(client: ClientSource, options?: ProviderOptions): void {
  const source = sourceOf(client, options);
  provide(PROVIDED, source);
  whenThere(() => {
    const release = source.hold();
    source.open();
    onScopeDispose(release);
  });
}

/** The client itself; `undefined` on a server, and until there is one. */
export function useClient(): Shown<Client | undefined> {
  const { status } = useSource();
  return useCell(status, () => status.client, undefined);
}

/** The connection: its state, what CONNACK said, why the last one ended. */
export function useStatus(): Shown<ConnectionStatus> {
  const { status } = useSource();
  return useCell(status, () => status.state, NO_CONNECTION);
}

/**
 * Subscribes to a filter: its last message, and what became of the subscription. Twenty components with the same filter
 * and options are one subscription; who comes late sees at once what the others see.
 */
export function useSubscription(
  filter: MaybeRefOrGetter<Filter>,
  options?: MaybeRefOrGetter<FilterOptions | undefined>,
): SubscriptionRefs {
  const message = shallowRef<Message>();
  const granted = shallowRef<SubscribeResult>();
  const error = shallowRef<MqttError>();
  useFeed(filter, options, outcomeView, (state) => {
    ({ message: message.value, granted: granted.value, error: error.value } = state);
  });
  return { message, granted, error };
}

/** Subscribes to a topic: a value made of its last message, by default its text; `undefined` before there is one. */
export function useTopic(topic: MaybeRefOrGetter<Filter>): Shown<string | undefined>;
export function useTopic<T>(
  topic: MaybeRefOrGetter<Filter>,
  read: Read<T>,
  options?: MaybeRefOrGetter<FilterOptions | undefined>,
): Shown<T | undefined>;
export function useTopic(
  topic: MaybeRefOrGetter<Filter>,
  read: Read<unknown> = text,
  options?: MaybeRefOrGetter<FilterOptions | undefined>,
): Shown<unknown> {
  return useValue(topic, options, () => valueView(read));
}

/** Subscribes to a filter: the last message of each topic, in the order in which the topics came. */
export function useTopics(
  filter: MaybeRefOrGetter<Filter>,
  options?: MaybeRefOrGetter<TopicsOptions | undefined>,
): Shown<ReadonlyMap<string, Message>> {
  return useValue(filter, options, () => topicsView(toValue(options)?.limit));
}

/** Subscribes to a filter: its last messages, the oldest first. */
export function useMessages(
  filter: MaybeRefOrGetter<Filter>,
  options?: MaybeRefOrGetter<MessagesOptions | undefined>,
): Shown<readonly Message[]> {
  return useValue(filter, options, () => messagesView(toValue(options)?.limit));
}

/** Publishes: for handlers and hooks in the browser, not for `setup`. */
export function usePublish(): Publish {
  const source = useSource();
  return (topic, payload, options) => source.publish(topic, payload, options);
}

/** Sends requests to a topic, and tells of the last one. What is not answered when the component goes is given up. */
export function useRequest(topic: MaybeRefOrGetter<string>, options?: RequestOptions): RequestRefs {
  const source = useSource();
  const asking = new Asking();
  const reply = shallowRef<Message>();
  const error = shallowRef<MqttError>();
  const pending = shallowRef(false);
  const silence = asking.listen(() => {
    ({ reply: reply.value, error: error.value, pending: pending.value } = asking.state);
  });
  onScopeDispose(() => {
    asking.stop();
    silence();
  });
  const request: SendRequest = (payload, more) => asking.ask(source, toValue(topic), payload, { ...options, ...more });
  return { reply, error, pending, request };
}

function useSource(): Source {
  const source = inject(PROVIDED, undefined);
  if (!source) {
    throw new Error('there is neither createMqtt in this application nor provideMqtt above this component');
  }
  return source;
}

/** A part of what a cell shows. */
function useCell<T>(cell: Source['status'], shown: () => T, nothing: T): Shown<T> {
  const value = shallowRef(drawsFirst() ? shown() : nothing);
  const look = (): void => {
    value.value = shown();
  };
  whenThere(() => {
    onScopeDispose(cell.listen(look));
    look();
  });
  return value;
}

/** All that a view shows. */
function useValue<T>(
  filter: MaybeRefOrGetter<Filter>,
  options: MaybeRefOrGetter<(FilterOptions & { limit?: number | undefined }) | undefined>,
  view: () => View<T>,
): Shown<T> {
  const value = shallowRef<T>(view().shown(undefined));
  useFeed(filter, options, view, (shown) => {
    value.value = shown;
  });
  return value;
}

/** Shows what is known of a filter, now and after each frame. `view` is made anew for each filter. */
function useFeed<T>(
  filter: MaybeRefOrGetter<Filter>,
  options: MaybeRefOrGetter<(FilterOptions & { limit?: number | undefined }) | undefined>,
  view: () => View<T>,
  show: (shown: T) => void,
): void {
  const source = useSource();
  const name = (): string => nameOf(toValue(filter), toValue(options));
  if (drawsFirst()) {
    show(view().shown(source.feed(name())));
  }
  whenThere(() =>
    watch(
      [name, () => toValue(options)?.limit],
      ([name], _, ended) => {
        const { wants, shown } = view();
        const look = (): void => show(shown(source.feed(name)));
        ended(source.follow(name, wants, look));
        look();
      },
      { immediate: true },
    ),
  );
}

/** In a component when it is mounted, which it never is on a server; else, as in a store, at once. */
function whenThere(run: () => void): void {
  if (getCurrentInstance()) {
    onMounted(run);
  } else if (drawsHere()) {
    run();
  }
}

/** What is drawn first has nothing to agree with. */
function drawsFirst(): boolean {
  return drawsHere() && !getCurrentInstance()?.vnode.el;
}

/** This is no server. */
function drawsHere(): boolean {
  return typeof document !== 'undefined';
}
