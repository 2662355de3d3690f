/**
 * A slow beat, four times a second, for what nobody can read faster: rates, statistics, tables.
 * It does not beat while the page is hidden.
 */
import { signal } from '@preact/signals';

const INTERVAL = 250;

/** Milliseconds, as of `performance.now()`, of the last beat. */
export const pulse = signal(performance.now());

setInterval(() => {
  if (!document.hidden) pulse.value = performance.now();
}, INTERVAL);
