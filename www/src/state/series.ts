/**
 * Numbers over time, one series for each numeric topic or JSON field, bounded, and which of them are plotted.
 * It does not know how a plot is drawn.
 */
import { signal } from '@preact/signals';
import { numbersIn } from '../lib/numbers.js';

const MAX_SERIES = 400;
const MAX_SAMPLES = 6_000;
/** Seconds between two samples of a series: more can't be seen. */
const SPACING = 0.05;
const FIRST_PLOTS = [
  'devices/greenhouse/temperature',
  'devices/meter/power#watts',
  'devices/pump/flow',
  'devices/window/light',
];

export interface Series {
  readonly key: string;
  readonly topic: string;
  /** Empty when the payload is the number. */
  readonly field: string;
  /** Seconds since 1970, as uPlot counts. */
  readonly times: number[];
  readonly values: number[];
}

const all = new Map<string, Series>();
/** Topics whose payload has no number, so that it is not read again and again. */
const silent = new Map<string, number>();

/** Counts up when a series was added. */
export const seriesAdded = signal(0);
/** Counts up, once a frame at most, when there are new samples. */
export const sampled = signal(0);
export const plotted = signal<readonly string[]>(FIRST_PLOTS);

export const seriesOf = (key: string): Series | undefined => all.get(key);
export const allSeries = (): Series[] => [...all.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
export const labelOf = ({ topic, field }: Pick<Series, 'topic' | 'field'>): string =>
  field === '' ? topic : `${topic} · ${field}`;
export const keyOf = (topic: string, field: string): string => (field === '' ? topic : `${topic}#${field}`);

export function togglePlot(key: string, on: boolean): void {
  plotted.value = on
    ? [...plotted.value.filter((each) => each !== key), key]
    : plotted.value.filter((each) => each !== key);
}

/** The keys of the series that a topic has. */
export function seriesOfTopic(topic: string): string[] {
  const keys: string[] = [];
  for (const series of all.values()) if (series.topic === topic) keys.push(series.key);
  return keys;
}

/** Takes the numbers out of a topic's last payload; called once a frame for each topic with news. */
export function sample(topic: string, payload: Uint8Array, time: number): void {
  if ((silent.get(topic) ?? 0) >= 3) return;
  const numbers = numbersIn(payload);
  if (numbers.length === 0) silent.set(topic, (silent.get(topic) ?? 0) + 1);
  for (const [field, value] of numbers) {
    const key = keyOf(topic, field);
    let series = all.get(key);
    if (series === undefined) {
      if (all.size >= MAX_SERIES) continue;
      series = { key, topic, field, times: [], values: [] };
      all.set(key, series);
      seriesAdded.value += 1;
    }
    append(series, time / 1_000, value);
  }
}

function append({ times, values }: Series, time: number, value: number): void {
  const last = times.at(-1);
  if (last !== undefined && time - last < SPACING) {
    values[values.length - 1] = value;
    return;
  }
  times.push(time);
  values.push(value);
  if (times.length > MAX_SAMPLES * 1.25) {
    times.splice(0, times.length - MAX_SAMPLES);
    values.splice(0, values.length - MAX_SAMPLES);
  }
}

export function clearSeries(): void {
  all.clear();
  silent.clear();
  seriesAdded.value += 1;
}
