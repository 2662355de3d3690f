/**
 * What wakes a page, or a worker: its timers, in the hands of `page-clock.js`, which is loaded before; and what it sends
 * and receives on WebSockets. Both are asked through a channel, so that a worker goes with its page. It does not know the
 * package.
 */

{
  const counts = { timers: 0, intervals: 0, sent: 0, received: 0 };
  const every = globalThis.setInterval;
  globalThis.setInterval = (run, ...rest) =>
    every(
      (...all) => {
        counts.intervals++;
        run(...all);
      },
      ...rest,
    );

  const known = new WeakSet();
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    counts.sent++;
    if (!known.has(this)) {
      known.add(this);
      this.addEventListener('message', () => counts.received++);
    }
    return send.call(this, data);
  };

  const pass = async (ms) => {
    await clock.pass(ms);
    counts.timers += clock.count().timers;
    return { ...counts };
  };
  const channel = new BroadcastChannel('wakes');
  if (globalThis.document) {
    // Workers that are made of text have the clock, too.
    const Original = globalThis.Blob;
    globalThis.Blob = class extends Original {
      constructor(parts, options) {
        super(options?.type === 'text/javascript' ? [clockCode, ...parts] : parts, options);
      }
    };

    /** The workers of this page, each with what it counted last; none of a page before it. */
    const workers = new Map();
    let heard = () => {};
    channel.onmessage = ({ data: { begins, id, counted } }) => {
      if (begins || workers.has(id)) {
        workers.set(id, counted);
        heard();
      }
    };
    const until = async (condition) => {
      while (!condition()) {
        await new Promise((resolve) => {
          heard = resolve;
        });
      }
    };

    /** Lets that many milliseconds pass here and in the workers. What each has counted since it began, this page first. */
    const all = async (ms) => {
      for (const id of workers.keys()) {
        workers.set(id, undefined);
      }
      channel.postMessage({ ms });
      const own = await pass(ms);
      await until(() => ![...workers.values()].includes(undefined));
      return [own, ...workers.values()];
    };

    /**
     * Lets seconds pass here and in so many workers, each of which waits until all that was sent is answered. What this
     * page and each worker has counted in that time.
     */
    globalThis.secondsPass = async (seconds, count) => {
      await until(() => workers.size === count);
      const begin = await all(0);
      let now = begin;
      for (let second = 0; second < seconds; second++) {
        now = await all(1000);
        while (now.some(({ sent, received }, at) => sent - begin[at].sent > received - begin[at].received)) {
          now = await all(0);
        }
      }
      const since =
        (at) =>
        ([name, count]) => [name, count - begin[at][name]];
      return now.map((counted, at) => Object.fromEntries(Object.entries(counted).map(since(at))));
    };
  } else {
    const id = Math.random();
    channel.onmessage = async ({ data: { ms } }) => channel.postMessage({ id, counted: await pass(ms) });
    channel.postMessage({ begins: true, id, counted: { ...counts } });
  }
}
