/**
 * A promise that is settled from outside, and the end of waiting. Every promise that an application is given rejects
 * here: what it ended itself is no unhandled rejection where nobody waits. It does not know what is waited for.
 */

import { isOwnEnd } from './errors.js';

export class Deferred<T> {
  readonly promise: Promise<T>;
  done = false;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  resolve(value: T): void {
    this.done = true;
    this.#resolve(value);
  }

  reject(error: unknown): void {
    // A second error must not hide the first.
    if (!this.done && isOwnEnd(error)) {
      this.promise.catch(ignore);
    }
    this.done = true;
    this.#reject(error);
  }
}

/** `Promise.reject`, for an application. */
export function rejected(error: unknown): Promise<never> {
  const deferred = new Deferred<never>();
  deferred.reject(error);
  return deferred.promise;
}

/** A promise made of others, for an application. */
export function passedOn<T>(promise: Promise<T>): Promise<T> {
  const deferred = new Deferred<T>();
  promise.then(
    (value) => deferred.resolve(value),
    (error) => deferred.reject(error),
  );
  return deferred.promise;
}

/** Calls `stop` when the signal is aborted, at once if it is; the function that is returned prevents that. */
export function onAbort(signal: AbortSignal | undefined, stop: () => void): () => void {
  if (signal?.aborted) {
    stop();
  }
  signal?.addEventListener('abort', stop);
  return () => signal?.removeEventListener('abort', stop);
}

export function ignore(): void {}
