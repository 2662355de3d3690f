/**
 * Scene: thousands of messages a second, and what they cost the page, measured in frames.
 * It does not draw; it counts the frames that the browser draws anyway.
 */
import type { Client } from 'wasmqtt';
import { integer, milliseconds } from '../lib/format.js';
import { control } from '../state/config.js';
import type { Stage } from './scene.js';

const RATE = 5_000;
const SECONDS = 6;
const QUIET = 1_500;

export function flood(client: Client) {
  return async (stage: Stage): Promise<void> => {
    let count = 0;
    let last = performance.now();
    const subscription = client.subscribe('load/#', () => {
      count += 1;
      last = performance.now();
    });
    try {
      await subscription.ready;
      await control('load', { rate: RATE, seconds: SECONDS });
      stage.tell(`A device publishes ${integer(RATE)} messages a second for ${SECONDS} s`);
      const begin = performance.now();
      last = begin;
      const { frames, longest, end } = await measure(() => {
        const now = performance.now();
        stage.numbers.value = { messages: count, 'per second': Math.round((count * 1_000) / Math.max(1, now - begin)) };
        return count >= RATE * SECONDS || now - last > QUIET;
      });
      const seconds = (Math.min(last, end) - begin) / 1_000;
      stage.numbers.value = {
        messages: count,
        'per second': Math.round(count / seconds),
        'frames per second': Math.round(frames / ((end - begin) / 1_000)),
        'longest frame (ms)': Math.round(longest),
      };
      stage.tell(`${integer(count)} messages drawn, the longest frame ${milliseconds(longest)}`, 'good');
    } finally {
      await subscription.unsubscribe();
    }
  };
}

/** Counts frames until `over` says so. */
function measure(over: () => boolean): Promise<{ frames: number; longest: number; end: number }> {
  return new Promise((resolve) => {
    let frames = 0;
    let longest = 0;
    let previous = performance.now();
    const step = () => {
      const now = performance.now();
      longest = Math.max(longest, now - previous);
      previous = now;
      frames += 1;
      if (over()) resolve({ frames, longest, end: now });
      else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
}
