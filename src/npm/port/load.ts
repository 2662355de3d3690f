/**
 * How WebAssembly comes into the page: once, when the first client needs it. It does not know where it comes from, nor
 * what it is.
 */

/** Gives what is to be compiled, compiled. */
export type Source = () => Promise<WebAssembly.Module>;

/** What `make` gives, made once. A failed attempt is not remembered. */
export function once<A extends unknown[], T>(make: (...from: A) => Promise<T>): (...from: A) => Promise<T> {
  let made: Promise<T> | undefined;
  return (...from) => {
    made ??= make(...from).catch((cause: unknown) => {
      made = undefined;
      throw cause;
    });
    return made;
  };
}

/** What loads an engine, of what the first one who asks gives. */
export function loader<Engine>(
  init: (from: { module_or_path: WebAssembly.Module }) => Promise<unknown>,
  engine: Engine,
): (source: Source) => Promise<Engine> {
  return once(async (source) => {
    await init({ module_or_path: await source() });
    return engine;
  });
}
