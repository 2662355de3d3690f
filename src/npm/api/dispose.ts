/**
 * The name of the method that `await using` calls, also where the browser, or TypeScript before 5.2, does not know it. It
 * does not know what is disposed of.
 */

declare global {
  // As `esnext.disposable` says it, with which this merges: to refer to that library is an error before 5.2.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
    readonly asyncDispose: unique symbol;
  }
  interface Disposable {
    [Symbol.dispose](): void;
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>;
  }
}

/** Older browsers do not have it, and it changes nothing there. */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
