/**
 * The clocks and timers of a page in the hands of a test. The time of the page runs with the real one, but never
 * past a timer that is due, however busy the machine is. It does not know the package; it is loaded before it.
 */

{
  const every = globalThis.setInterval;
  const { port1, port2 } = new MessageChannel();
  let monotonic = performance.now();
  let wall = Date.now();
  let frozen;
  let count = 0;
  const timers = new Map();
  const counts = { monotonic: 0, wall: 0, timers: 0 };

  performance.now = () => {
    counts.monotonic++;
    return frozen ?? monotonic;
  };
  Date.now = () => {
    counts.wall++;
    return Math.floor(wall);
  };
  globalThis.setTimeout = (run, delay = 0, ...rest) => {
    timers.set(++count, { at: monotonic + Math.max(Number(delay) || 0, 0), run: () => run(...rest) });
    return count;
  };
  globalThis.clearTimeout = (timer) => timers.delete(timer);

  const advance = (ms) => {
    monotonic += ms;
    wall += ms;
  };
  const next = (end) => [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
  /** Goes on to the next timer that is due by then and runs it, or else to the end. True for a timer. */
  const step = (end) => {
    const [id, timer] = next(end) ?? [];
    advance(Math.max((timer?.at ?? end) - monotonic, 0));
    if (timer) {
      timers.delete(id);
      counts.timers++;
      timer.run();
    }
    return timer !== undefined;
  };
  const task = () =>
    new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });

  every(() => {
    const end = monotonic + 10;
    while (step(end));
  }, 10);

  globalThis.clock = {
    /** Lets that many milliseconds pass, with the timers and what follows from them. */
    async pass(ms) {
      for (const end = monotonic + ms; step(end); ) {
        await task();
      }
      await task();
    },
    /** Somebody sets the wall clock forward, or back. */
    set(ms) {
      wall += ms;
    },
    /**
     * The computer sleeps. As systems do it, the page is stopped first and the clock then, and they wake in the
     * opposite order: for `hole` ms the clock runs and no timer does. Where `counts`, the clock runs all the time.
     */
    sleep(ms, { hole = 1000, counts = false } = {}) {
      wall += hole + ms;
      monotonic += counts ? hole + ms : hole;
    },
    /** From now on `performance.now` stands still, as where a test fakes the timers and the date alone. */
    freeze() {
      frozen = monotonic;
    },
    /** How often each clock was read, and how many timers fired, since the last time. */
    count() {
      const counted = { ...counts };
      Object.assign(counts, { monotonic: 0, wall: 0, timers: 0 });
      return counted;
    },
  };
}
