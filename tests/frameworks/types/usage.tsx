/** What the types of each framework's module say, as a strict application uses them. It is compiled and never run. */

import type { Signal } from '@angular/core';
import type { Accessor } from 'solid-js';
import type { Readable } from 'svelte/store';
import type { Client, Message, MqttError } from 'wasmqtt';
import * as angular from 'wasmqtt/angular';
import * as react from 'wasmqtt/react';
import * as solid from 'wasmqtt/solid';
import * as svelte from 'wasmqtt/svelte';
import * as vue from 'wasmqtt/vue';

declare const client: Client;

export function React() {
  const text: string | undefined = react.useTopic('a');
  const number: number | undefined = react.useTopic('a', (message) => message.json<number>(), { qos: 1 });
  const { message, granted, error }: react.SubscriptionState = react.useSubscription(text, { retainHandling: 1 });
  const messages: readonly Message[] = react.useMessages('a/#', { limit: 10, qos: 2 });
  const topics: ReadonlyMap<string, Message> = react.useTopics(false);
  const publish: react.Publish = react.usePublish();
  const { request, reply, pending } = react.useRequest('a', { timeout: 10 });
  const asked: Promise<Message> = request('?');
  // @ts-expect-error a value of another type
  const wrong: string | undefined = react.useTopic('a', (message) => message.json<number>());
  // @ts-expect-error there is no such option
  react.useSubscription('a', { ack: 'manual' });
  void [number, message, granted?.qos, error?.code, messages, topics, publish('a', 'b'), reply, pending, asked, wrong];
  return react.MqttProvider({ client: () => client, linger: 0, children: react.useStatus().state });
}

export function Vue() {
  vue.provideMqtt(client);
  const text: vue.Shown<string | undefined> = vue.useTopic(() => 'a');
  const number: vue.Shown<number | undefined> = vue.useTopic(text, (message) => message.json<number>());
  const { message, error } = vue.useSubscription('a', () => ({ qos: 1 }));
  const code: MqttError['code'] | undefined = error.value?.code;
  const state: string = vue.useStatus().value.state;
  // @ts-expect-error a ref that is only read
  message.value = undefined;
  return [
    vue.createMqtt(client).install,
    number,
    code,
    state,
    vue.useMessages('a').value.length,
    vue.useRequest('a').reply,
  ];
}

export function Svelte(filter: Readable<string | undefined>) {
  svelte.provideMqtt(client, { linger: 100 });
  const text: Readable<string | undefined> = svelte.useTopic(filter);
  const topics: Readable<ReadonlyMap<string, Message>> = svelte.useTopics('a/#', { limit: 10 });
  const lamp = svelte.useRequest('a');
  const state: Readable<svelte.RequestState> = lamp;
  return [text, topics, state, lamp.request('?'), svelte.useStatus(), svelte.useClient()];
}

export function Solid() {
  const text: Accessor<string | undefined> = solid.useTopic('a');
  const number: Accessor<number | undefined> = solid.useTopic(text, (message) => message.json<number>());
  const lamp = solid.useRequest(() => 'a');
  const pending: boolean = lamp.pending;
  return [number(), pending, solid.useMessages('a', () => ({ limit: 3 }))().length, solid.useStatus()().connected];
}

export class Angular {
  readonly text: Signal<string | undefined> = angular.injectTopic('a');
  readonly number: Signal<number | undefined> = angular.injectTopic(this.text, (message) => message.json<number>());
  readonly state: Signal<angular.SubscriptionState> = angular.injectSubscription(() => 'a', { qos: 2 });
  readonly lamp = angular.injectRequest('a');
  readonly providers = angular.provideMqtt(() => client);
  readonly pending: boolean = this.lamp.pending();
}
