/**
 * How WebAssembly comes into the page: once, when the first client needs it. It does not know where it comes from, nor
 * what it is.
 */

/** What loads an engine: the first time from `source`. A failed attempt is not remembered. */
export function loader<Engine>(
  init: (from: { module_or_path: Promise<Response> }) => Promise<unknown>,
  engine: Engine,
): (source: () => Promise<Response>) => Promise<Engine> {
  let loading: Promise<Engine> | undefined;
  const start = async (source: () => Promise<Response>): Promise<Engine> => {
    await init({ module_or_path: source() });
    return engine;
  };
  return (source) => {
    loading ??= start(source).catch((cause: unknown) => {
      loading = undefined;
      throw cause;
    });
    return loading;
  };
}
