/** A promise that is settled from outside, and the end of waiting. It does not know what is waited for. */

export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
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
