/**
 * What Paho's tests find in their page: its settings, and steps in the manner of Jasmine 1, one after the other, on the Jasmine of
 * today. What came of them is in `results`.
 */

/* global jasmine, Paho, settings */

globalThis.results = { done: false, cases: [] };

/** What `runs`, `waits` and `waitsFor` of the case at hand have asked for. @type {(() => unknown)[]} */
let steps = [];

const { describe, it } = globalThis;

Object.assign(globalThis, {
  require: () => ({
    ...settings,
    interopServer: settings.server,
    interopPort: settings.port,
    interopPath: settings.path,
    useSSL: false,
    topicPrefix: `paho-mqtt-test-${Math.random().toString(36).slice(2)}`,
    Paho,
    printConfig() {},
  }),
  describe(description, define) {
    describe(description, () => define.call({ description }));
  },
  it(description, body) {
    const run = async () => {
      steps = [];
      body.call({ description });
      for (const step of steps) {
        await step();
      }
    };
    it(description, run, 120_000);
  },
  runs(step) {
    steps.push(step);
  },
  waits(milliseconds) {
    steps.push(() => new Promise((resolve) => setTimeout(resolve, milliseconds)));
  },
  waitsFor(condition, what, limit = 5000) {
    steps.push(async () => {
      const end = performance.now() + limit;
      while (!condition()) {
        if (performance.now() > end) {
          throw new Error(`timeout: timed out after ${limit} msec waiting for ${what}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
  },
  start() {
    const env = jasmine.getEnv();
    env.configure({ random: false, specFilter: ({ description }) => description.includes(settings.only) });
    env.addReporter({
      specDone({ description, status, failedExpectations: [failed] }) {
        if (status === 'excluded') {
          return;
        }
        const outcome = status === 'passed' ? 'passed' : 'failed';
        results.cases.push({ name: description, outcome, ...(failed && { error: failed.message }) });
      },
      jasmineDone() {
        results.done = true;
      },
    });
    env.execute();
    globalThis.loaded = true;
  },
});
