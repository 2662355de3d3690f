/**
 * A reporter of Node's test runner: a line of JSON for each test, which `run` reads. It does not know what is tested.
 */

import { once } from 'node:events';

/** What begins each line. */
export const MARK = 'conformance-result ';

/**
 * @param {AsyncIterable<{ type: string, data: { name: string, file?: string, skip?: unknown, todo?: unknown } }>} source
 */
async function* report(source) {
  for await (const { type, data } of source) {
    if (type === 'test:pass' || type === 'test:fail') {
      const passed = type === 'test:pass' && data.skip === undefined && data.todo === undefined;
      yield `${MARK}${JSON.stringify({ name: data.name, file: data.file, passed })}\n`;
    } else if (type === 'test:diagnostic' && process.stdout.writableNeedDrain) {
      await once(process.stdout, 'drain');
    }
  }
}

// biome-ignore lint/style/noDefaultExport: the runner asks for it
export default report;
