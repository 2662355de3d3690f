/**
 * MQTT in Angular: a provider with a client, and functions for injection contexts that give signals. They subscribe
 * after the first render in a browser, so nothing happens on a server and hydration finds what the server has drawn;
 * what comes then runs outside Angular's zone.
 */

// What is subscribed to, and when it ends, is `frameworks/source.ts`.

import {
  ApplicationRef,
  afterNextRender,
  computed,
  DestroyRef,
  ENVIRONMENT_INITIALIZER,
  type EnvironmentProviders,
  effect,
  InjectionToken,
  Injector,
  inject,
  makeEnvironmentProviders,
  NgZone,
  type Signal,
  signal,
  untracked,
} from '@angular/core';
import type { Client } from './api/client.js';
import type { MqttError } from './api/errors.js';
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
  SendRequest,
  SubscriptionState,
  TopicsOptions,
} from './frameworks/types.js';

export type * from './frameworks/types.js';

import { messagesView, outcomeView, topicsView, type View, valueView } from './frameworks/views.js';

/** A value, or a signal or function of one that may change. */
export type MaybeSignal<T> = T | (() => T);

/** What `injectRequest` gives. */
export interface RequestSignals {
  readonly reply: Signal<Message | undefined>;
  readonly error: Signal<MqttError | undefined>;
  /** It was sent, or waits for the connection, and there is no reply yet. */
  readonly pending: Signal<boolean>;
  readonly request: SendRequest;
}

const PROVIDED = /* @__PURE__ */ new InjectionToken<Source>('wasmqtt');

/**
 * The client of an application, or of a route with its own providers. A function that makes one is called in the browser
 * alone, after the first render and outside the zone, and its client is closed when the injector is destroyed. One that is
 * made elsewhere should be made outside the zone, too.
 */
export function provideMqtt(client: ClientSource, options?: ProviderOptions): EnvironmentProviders {
  return makeEnvironmentProviders([
    {
      provide: PROVIDED,
      useFactory: () => {
        const source = sourceOf(client, options);
        const destroyed = inject(DestroyRef);
        const injector = inject(Injector);
        whenThere(() => {
          destroyed.onDestroy(source.hold());
          drawInFrames(injector.get(ApplicationRef), injector.get(NgZone));
          source.open();
        });
        return source;
      },
    },
    { provide: ENVIRONMENT_INITIALIZER, multi: true, useValue: () => inject(PROVIDED) },
  ]);
}

/** The client itself; `undefined` on a server, and until there is one. */
export function injectClient(): Signal<Client | undefined> {
  const { status } = injectSource();
  return signalOf(status, () => status.client, undefined);
}

/** The connection: its state, what CONNACK said, why the last one ended. */
export function injectStatus(): Signal<ConnectionStatus> {
  const { status } = injectSource();
  return signalOf(status, () => status.state, NO_CONNECTION);
}

/**
 * Subscribes to a filter: its last message, and what became of the subscription. Twenty components with the same filter
 * and options are one subscription; who comes late sees at once what the others see.
 */
export function injectSubscription(
  filter: MaybeSignal<Filter>,
  options?: MaybeSignal<FilterOptions | undefined>,
): Signal<SubscriptionState> {
  return injectFeed(filter, options, outcomeView, NOTHING);
}

/** Subscribes to a topic: a value made of its last message, by default its text; `undefined` before there is one. */
export function injectTopic(topic: MaybeSignal<Filter>): Signal<string | undefined>;
export function injectTopic<T>(
  topic: MaybeSignal<Filter>,
  read: Read<T>,
  options?: MaybeSignal<FilterOptions | undefined>,
): Signal<T | undefined>;
export function injectTopic(
  topic: MaybeSignal<Filter>,
  read: Read<unknown> = text,
  options?: MaybeSignal<FilterOptions | undefined>,
): Signal<unknown> {
  return injectFeed(topic, options, () => valueView(read), undefined);
}

/** Subscribes to a filter: the last message of each topic, in the order in which the topics came. */
export function injectTopics(
  filter: MaybeSignal<Filter>,
  options?: MaybeSignal<TopicsOptions | undefined>,
): Signal<ReadonlyMap<string, Message>> {
  return injectFeed(filter, options, () => topicsView(current(options)?.limit), NO_TOPICS);
}

/** Subscribes to a filter: its last messages, the oldest first. */
export function injectMessages(
  filter: MaybeSignal<Filter>,
  options?: MaybeSignal<MessagesOptions | undefined>,
): Signal<readonly Message[]> {
  return injectFeed(filter, options, () => messagesView(current(options)?.limit), NO_MESSAGES);
}

/** Publishes: for handlers and effects in the browser, not for constructors. */
export function injectPublish(): Publish {
  const source = injectSource();
  const zone = inject(NgZone);
  return (topic, payload, options) => zone.runOutsideAngular(() => source.publish(topic, payload, options));
}

/** Sends requests to a topic, and tells of the last one. What is not answered when its injector is destroyed is given up. */
export function injectRequest(topic: MaybeSignal<string>, options?: RequestOptions): RequestSignals {
  const source = injectSource();
  const zone = inject(NgZone);
  const asking = new Asking();
  inject(DestroyRef).onDestroy(() => asking.stop());
  const state = signalOf(asking, () => asking.state, NO_REQUEST);
  return {
    reply: computed(() => state().reply),
    error: computed(() => state().error),
    pending: computed(() => state().pending),
    request: (payload, more) => {
      const to = untracked(() => current(topic));
      return zone.runOutsideAngular(() => asking.ask(source, to, payload, { ...options, ...more }));
    },
  };
}

function current<T>(given: MaybeSignal<T>): T {
  return typeof given === 'function' ? (given as () => T)() : given;
}

function injectSource(): Source {
  const source = inject(PROVIDED, { optional: true });
  if (!source) {
    throw new Error('there is no provideMqtt among the providers');
  }
  return source;
}

/** What is told in a frame is drawn in that frame: left to itself Angular would draw some time after it, at times twice. */
function drawInFrames(application: ApplicationRef, zone: NgZone): void {
  tellWithin((tell) => {
    zone.run(tell);
    // The zone, where there is one, has drawn already.
    if (!(zone instanceof NgZone) && !application.destroyed) {
      application.tick();
    }
  });
}

/** In a browser, and not before the first render. */
function whenThere(run: () => void): void {
  const zone = inject(NgZone);
  afterNextRender(() => zone.runOutsideAngular(run));
}

/** A part of what a cell shows. */
function signalOf<T>(cell: Cell, shown: () => T, nothing: T): Signal<T> {
  const value = signal(nothing);
  const destroyed = inject(DestroyRef);
  whenThere(() => {
    const look = (): void => value.set(shown());
    destroyed.onDestroy(cell.listen(look));
    look();
  });
  return value.asReadonly();
}

/** What is known of a filter, now and after each frame. `view` is made anew for each filter. */
function injectFeed<T>(
  filter: MaybeSignal<Filter>,
  options: MaybeSignal<FilterOptions | undefined>,
  view: () => View<T>,
  nothing: T,
): Signal<T> {
  const source = injectSource();
  const injector = inject(Injector);
  const zone = inject(NgZone);
  const name = computed(() => nameOf(current(filter), current(options)));
  const value = signal(nothing);
  whenThere(() =>
    effect(
      (ended) => {
        const followed = name();
        const { wants, shown } = view();
        untracked(() => {
          const look = (): void => value.set(shown(source.feed(followed)));
          const leave = zone.runOutsideAngular(() => source.follow(followed, wants, look));
          ended(() => zone.runOutsideAngular(leave));
          look();
        });
      },
      { injector },
    ),
  );
  return value.asReadonly();
}
