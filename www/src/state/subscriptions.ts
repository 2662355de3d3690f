/**
 * The subscriptions that the user wants, what became of each, and their renewal on a new connection.
 * It does not look at messages but to count them: they arrive in the inbox, once each.
 */
import { signal } from '@preact/signals';
import type { Client, QoS, SubscribeOptions, Subscription } from 'wasmqtt';
import { client, describe, whenConnecting } from './connection.js';

export interface Wanted {
  readonly filter: string;
  readonly options: SubscribeOptions;
}

export type Outcome =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'granted'; readonly qos: QoS }
  | { readonly phase: 'refused'; readonly text: string };

export interface Row extends Wanted {
  readonly outcome: Outcome;
}

const live = new Map<string, Subscription>();
const counts = new Map<string, number>();

export const rows = signal<readonly Row[]>([
  { filter: 'devices/#', options: { qos: 1 }, outcome: { phase: 'waiting' } },
]);

/** Messages that a subscription got since it was made. */
export const countOf = (filter: string): number => counts.get(filter) ?? 0;

export function subscribe(wanted: Wanted): void {
  remove(wanted.filter);
  rows.value = [...rows.value, { ...wanted, outcome: { phase: 'waiting' } }];
  if (client.value !== undefined) open(client.value, wanted);
}

export function remove(filter: string): void {
  const subscription = live.get(filter);
  live.delete(filter);
  counts.delete(filter);
  rows.value = rows.value.filter((row) => row.filter !== filter);
  subscription?.unsubscribe().catch(() => {
    // The connection is gone, and the subscription with it.
  });
}

function open(current: Client, { filter, options }: Wanted): void {
  try {
    const subscription = current.subscribe(filter, () => counts.set(filter, countOf(filter) + 1), options);
    live.set(filter, subscription);
    subscription.ready.then(
      ({ qos }) => settle(subscription, filter, { phase: 'granted', qos }),
      (error: unknown) => settle(subscription, filter, { phase: 'refused', text: describe(error) }),
    );
  } catch (error) {
    setOutcome(filter, { phase: 'refused', text: describe(error) });
  }
}

function settle(subscription: Subscription, filter: string, outcome: Outcome): void {
  if (live.get(filter) === subscription) setOutcome(filter, outcome);
}

function setOutcome(filter: string, outcome: Outcome): void {
  rows.value = rows.value.map((row) => (row.filter === filter ? { ...row, outcome } : row));
}

whenConnecting((current) => {
  live.clear();
  rows.value = rows.value.map((row) => ({ ...row, outcome: { phase: 'waiting' } }));
  for (const row of rows.value) open(current, row);
});
