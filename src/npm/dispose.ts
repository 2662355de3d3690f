/// <reference lib="esnext.disposable" preserve="true" />
/** The name of the method that `await using` calls; older browsers do not have it, and it changes nothing there. */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
