/**
 * What is in each page beside the test: it keeps what calls of the test come to, and what the page says, until that is
 * fetched. It goes to the page as the text of the function, so it is complete in itself.
 */

export function inPage() {
  const key = Symbol.for('what the test asks');
  if (globalThis[key]) {
    return globalThis[key];
  }
  const document = Math.random();
  const settled = [];
  const told = [];
  const text = (value) =>
    value instanceof Error ? [String(value), value.stack].filter(Boolean).join('\n') : String(value);

  // JSON, and the numbers that it lacks.
  const lacking = (value) =>
    typeof value === 'bigint' || Object.is(value, -0) || (typeof value === 'number' && !Number.isFinite(value));
  const encode = (value) =>
    JSON.stringify(value, (_, each) =>
      lacking(each) ? { $number: Object.is(each, -0) ? '-0' : String(each), big: typeof each === 'bigint' } : each,
    );
  const fails = (id, error) => settled.push({ id, error: text(error) });
  const gives = (id, value) => {
    try {
      settled.push({ id, value: encode(value) });
    } catch (error) {
      fails(id, error);
    }
  };
  const call = (id, run) => {
    try {
      const value = run();
      if (typeof value?.then === 'function') {
        Promise.resolve(value).then(
          (result) => gives(id, result),
          (error) => fails(id, error),
        );
      } else {
        gives(id, value);
      }
    } catch (error) {
      fails(id, error);
    }
  };

  for (const level of ['debug', 'log', 'info', 'warn', 'error']) {
    const original = console[level];
    console[level] = (...all) => {
      told.push({ type: 'console', level, text: all.map(text).join(' ') });
      original.apply(console, all);
    };
  }
  const { assert } = console;
  console.assert = (good, ...all) => {
    if (!good) {
      told.push({ type: 'console', level: 'assert', text: all.map(text).join(' ') });
    }
    assert.call(console, good, ...all);
  };
  addEventListener('error', (event) =>
    told.push({ type: 'pageerror', event, text: text(event.error ?? event.message) }),
  );
  addEventListener('unhandledrejection', (event) => told.push({ type: 'pageerror', event, text: text(event.reason) }));

  globalThis[key] = {
    call,
    fetch: () => ({
      document,
      settled: settled.splice(0),
      // The test may have a listener of its own, which takes care of it.
      told: told
        .splice(0)
        .filter(({ event }) => !event?.defaultPrevented)
        .map(({ type, level, text }) => ({ type, level, text })),
    }),
  };
  return globalThis[key];
}
