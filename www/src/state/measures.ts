/**
 * Rates, ages and round trips of the client, measured while somebody looks: each packet costs a little then.
 * It does not draw anything.
 */
import { effect, signal } from '@preact/signals';
import type { Measures, Meter } from 'wasmqtt/trace';
import { client } from './connection.js';
import { pulse } from './pulse.js';

const WINDOW = 10_000;

export const looking = signal(false);
export const measures = signal<Measures | undefined>(undefined);

effect(() => {
  const current = client.value;
  if (current === undefined || !looking.value) return;
  let meter: Meter | undefined;
  let over = false;
  const stopShowing = effect(() => {
    pulse.value;
    if (meter !== undefined) measures.value = meter.stats();
  });
  import('wasmqtt/trace').then(
    ({ measure }) => {
      if (!over) meter = measure(current, { window: WINDOW });
    },
    () => {
      // The counters are there without.
    },
  );
  return () => {
    over = true;
    meter?.stop();
    stopShowing();
    measures.value = undefined;
  };
});
