/**
 * Where every message of the page's connection arrives: counted and kept at once, shown once a frame.
 * It does not know where messages come from, nor who draws them.
 */
import { effect, signal } from '@preact/signals';
import type { Message } from 'wasmqtt';
import { onceAFrame } from '../lib/frame.js';
import { deviceNews, takeDeviceMessage } from './devices.js';
import { pulse } from './pulse.js';
import { Ring } from './ring.js';
import { clearSeries, sample, sampled } from './series.js';
import { Topics } from './topics.js';

const CAPACITY = 5_000;
const MAX_BYTES = 32 * 1024 * 1024;

export const ring = new Ring(CAPACITY, MAX_BYTES);
export const topics = new Topics();

/** Counts up once a frame at most, when messages arrived. */
export const arrived = signal(0);
/** Messages since the page was loaded or cleared. */
export const received = signal(0);
/** Messages a second. */
export const arrivalRate = signal(0);

let count = 0;
let countAtBeat = 0;
let beatAt = performance.now();

const show = onceAFrame(() => {
  const now = Date.now();
  for (const stat of topics.takeDirty()) sample(stat.topic, stat.last.message.payload, now);
  sampled.value += 1;
  received.value = count;
  arrived.value += 1;
  deviceNews();
});

export function receive(message: Message): void {
  count += 1;
  topics.add(ring.push(message, Date.now()));
  takeDeviceMessage(message);
  show();
}

export function clearInbox(): void {
  ring.clear();
  topics.clear();
  clearSeries();
  count = 0;
  countAtBeat = 0;
  received.value = 0;
  arrived.value += 1;
}

effect(() => {
  const now = pulse.value;
  topics.beat(now);
  const elapsed = now - beatAt;
  if (elapsed < 1_000) return;
  arrivalRate.value = ((count - countAtBeat) * 1_000) / elapsed;
  countAtBeat = count;
  beatAt = now;
});
