/** Minutes of an even load on all contestants at the same time, through a broker: what leaks and what idles shows. */

/** Milliseconds between two bursts, and messages in each: 200 a second. */
const INTERVAL = 50;
const BURST = 10;

/**
 * @param {{ contestant: import('./contestants.mjs').Contestant, tab: import('./chromium.mjs').Tab }[]} pages connected
 * @param {number} minutes
 */
export async function steady(pages, minutes) {
  return Promise.all(
    pages.map(async ({ contestant, tab }) => {
      // What is made at the first messages is no leak.
      await tab.call('steady', 5_000, INTERVAL, BURST);
      const before = await tab.memory();
      let messages = 0;
      const { cpu } = await tab.measure(async () => {
        messages = await tab.call('steady', minutes * 60_000, INTERVAL, BURST);
      });
      const after = await tab.memory();
      return {
        contestant: contestant.name,
        messages,
        cpu: cpu / messages,
        heapBefore: before.heap,
        heapAfter: after.heap,
        linearBefore: before.linear,
        linearAfter: after.linear,
      };
    }),
  );
}
