/** aedes, in the process of the tests: every packet comes in pieces. It does not know the scenarios. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startAedes } from '../../support/aedes.mjs';
import { ROOT } from '../../support/site.mjs';

/** @type {import('../suite.mjs').Broker} */
export const aedes = {
  name: 'aedes',
  protocols: [4],
  lacks: {},
  async start() {
    const open = await startAedes();
    const secured = await startAedes();
    secured.broker.authenticate = (_client, username, password, done) => {
      const known = username === 'alice' && String(password) === 'secret';
      done(known ? null : Object.assign(new Error('unknown'), { returnCode: 4 }), known);
    };
    const { version } = JSON.parse(await readFile(join(ROOT, 'node_modules/aedes/package.json'), 'utf8'));
    return {
      version,
      url: open.url,
      tcpUrl: open.tcpUrl,
      secured: { url: secured.url, username: 'alice', password: 'secret' },
    };
  },
};
