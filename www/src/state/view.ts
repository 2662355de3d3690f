/**
 * How the user looks at the messages: which view, which filter, paused or not, and what is picked.
 * It does not hold messages, but the one picked.
 */
import { signal } from '@preact/signals';
import type { PayloadView } from '../lib/payload.js';
import { ring } from './inbox.js';
import type { Entry } from './ring.js';

export type Selection =
  | { readonly kind: 'message'; readonly entry: Entry }
  | { readonly kind: 'topic'; readonly topic: string };

export const view = signal<'list' | 'topics'>('topics');
export const topicFilter = signal('');
export const payloadView = signal<PayloadView>('text');
export const selection = signal<Selection | undefined>(undefined);

/** The list shows messages up to and without this number; undefined follows what arrives. */
export const pausedAt = signal<number | undefined>(undefined);

export function pause(): void {
  pausedAt.value ??= ring.next;
}

export function resume(): void {
  pausedAt.value = undefined;
}
