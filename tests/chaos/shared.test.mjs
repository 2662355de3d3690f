/** A few kills of pages that share a connection, in each way; `npm run chaos -- --share` does as many as one wants. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBrowsers } from '../../scripts/setup/browsers.mjs';
import { sharedChaos, WAYS } from './shared.mjs';

for (const way of /** @type {(keyof typeof WAYS)[]} */ (Object.keys(WAYS))) {
  test(`pages that share a connection lose nothing, whichever is killed (${way})`, { timeout: 600_000 }, async (t) => {
    const seed = Date.now() % 1_000_000;
    t.diagnostic(`seed ${seed}`);
    // What a page that hangs had under way may be published twice: of that are `share-hangs` and the long runs.
    const executable = findBrowsers().chromium ?? '';
    const result = await sharedChaos({ seed, kills: 10, way, hangs: false, executable });
    t.diagnostic(JSON.stringify(result));
    const { completed, heard, lost, failed } = result;
    assert.ok(completed > 10 && heard > 10);
    assert.deepEqual({ lost, failed }, { lost: 0, failed: 0 });
    // With a lease two can think for a while that they lead, where one was busy and is taken for dead. What was on its way to
    // a page when the leader died is heard again.
    if (way !== 'lease') {
      const { doubled, unheard, sessionsLost } = result;
      assert.deepEqual({ doubled, unheard, sessionsLost }, { doubled: 0, unheard: 0, sessionsLost: 0 });
    }
  });
}
