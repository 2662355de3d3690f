/** A dozen kills of each kind that promises nothing be lost; `npm run chaos` does as many as one wants. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBrowsers } from '../../scripts/setup/browsers.mjs';
import { UNHEARD } from './pages.mjs';
import { chaos, KINDS } from './run.mjs';

const browsers = findBrowsers();
/** @type {[browser: 'chrome' | 'firefox', executable: string | undefined, kills: number][]} */
const RUNS = [
  ['chrome', browsers.chromium, 12],
  ['firefox', browsers.firefox, 6],
];

for (const [browser, executable, kills] of RUNS) {
  test(`nothing that was promised is lost, doubled or out of order, whatever is killed (${browser})`, {
    timeout: 900_000,
  }, async (t) => {
    if (!executable) {
      t.skip(`there is no ${browser}`);
      return;
    }
    const seed = Date.now() % 1_000_000;
    t.diagnostic(`seed ${seed}`);
    // What mosquitto has in memory it does not keep in full, nor in its order, over a restart.
    const without = ['broker', 'broker-kill', ...(browser === 'firefox' ? ['crash'] : [])];
    const kinds = /** @type {(keyof typeof KINDS)[]} */ (Object.keys(KINDS)).filter((kind) => !without.includes(kind));
    const result = await chaos({ seed, kills, kinds, durability: 'relaxed', browser, executable });
    t.diagnostic(JSON.stringify(result));
    const { published, auto, after, killsOf } = result;
    assert.ok(published.messages > kills && after.messages > kills);
    for (const { lost, doubled, reordered } of [published, after]) {
      assert.deepEqual({ lost, doubled, reordered }, { lost: 0, doubled: 0, reordered: 0 });
    }
    const { doubled, reordered } = auto;
    assert.deepEqual({ doubled, reordered }, { doubled: 0, reordered: 0 });
    assert.ok(auto.lost <= UNHEARD * killsOf.auto, `${auto.lost} messages were not heard`);
  });
}

test('nothing that was promised to the page is lost by a broker that is restarted and killed', {
  timeout: 900_000,
}, async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const executable = browsers.chromium ?? '';
  const kinds = /** @type {const} */ (['broker', 'broker-kill', 'reload']);
  const result = await chaos({ seed, kills: 6, kinds, durability: 'strict', browser: 'chrome', executable });
  t.diagnostic(JSON.stringify(result));
  const { lost, doubled, reordered } = result.published;
  assert.deepEqual({ lost, doubled, reordered }, { lost: 0, doubled: 0, reordered: 0 });
});
