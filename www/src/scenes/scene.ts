/**
 * What a scene shows while it plays: its steps with their times, and its numbers.
 * It does not know what any scene does.
 */
import { signal } from '@preact/signals';
import { announce } from '../state/announcer.js';

export type Tone = 'plain' | 'good' | 'bad';

export interface Step {
  /** Milliseconds since the scene began. */
  readonly at: number;
  readonly text: string;
  readonly tone: Tone;
}

export class Stage {
  readonly playing = signal(false);
  readonly steps = signal<readonly Step[]>([]);
  readonly numbers = signal<Readonly<Record<string, number>>>({});
  #begin = 0;

  tell(text: string, tone: Tone = 'plain'): void {
    this.steps.value = [...this.steps.value, { at: performance.now() - this.#begin, text, tone }];
    if (tone !== 'plain') announce(text);
  }

  /** Plays from the beginning; an error becomes the last step. */
  async play(act: (stage: Stage) => Promise<void>): Promise<void> {
    if (this.playing.value) return;
    this.playing.value = true;
    this.steps.value = [];
    this.numbers.value = {};
    this.#begin = performance.now();
    try {
      await act(this);
    } catch (error) {
      this.tell(error instanceof Error ? error.message : String(error), 'bad');
    } finally {
      this.playing.value = false;
    }
  }
}

/** A promise and what settles it; rejects by itself after `limit` milliseconds. */
export function awaited<T>(limit: number, why: string): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((accept, reject) => {
    const timer = setTimeout(() => reject(new Error(why)), limit);
    resolve = (value) => {
      clearTimeout(timer);
      accept(value);
    };
  });
  // Whoever gave up before waiting for it is not to be told.
  promise.catch(() => {});
  return { promise, resolve };
}
