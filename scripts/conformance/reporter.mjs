/**
 * A reporter of Node's test runner: a line of JSON for each test, which `run` reads. It does not know what is tested.
 */

/** What begins each line. */
export const MARK = 'conformance-result ';

/**
 * @param {AsyncIterable<{ type: string, data: { name: string, skip?: unknown, todo?: unknown } }>} source
 */
async function* report(source) {
  for await (const { type, data } of source) {
    if (type === 'test:pass' || type === 'test:fail') {
      const passed = type === 'test:pass' && data.skip === undefined && data.todo === undefined;
      yield `${MARK}${JSON.stringify({ name: data.name, passed })}\n`;
    }
  }
}

// biome-ignore lint/style/noDefaultExport: the runner asks for it
export default report;
