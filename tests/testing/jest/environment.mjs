/** jsdom in Jest, with what it has not, and browsers and Node have. */

import { TestEnvironment } from 'jest-environment-jsdom';

/** The last is for React, which would keep Jest from ending by a MessageChannel of its own. */
const MORE = ['TextEncoder', 'TextDecoder', 'DecompressionStream', 'MessageChannel', 'setImmediate'];

// biome-ignore lint/style/noDefaultExport: what Jest asks for
export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of MORE) {
      this.global[name] = globalThis[name];
    }
  }
}
