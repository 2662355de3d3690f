/** A dozen kills of each kind that promises nothing be lost; `npm run chaos` does as many as one wants. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBrowsers } from '../../scripts/setup/browsers.mjs';
import { UNHEARD } from './pages.mjs';
import { chaos, KINDS } from './run.mjs';

const browsers = findBrowsers();
const executables = { chrome: browsers.chromium ?? '', firefox: browsers.firefox ?? '' };

for (const browser of /** @type {const} */ (['chrome', 'firefox'])) {
  test(`nothing that was promised is lost, doubled or out of order, whatever is killed (${browser})`, {
    timeout: 900_000,
  }, async (t) => {
    const seed = Date.now() % 1_000_000;
    t.diagnostic(`seed ${seed}`);
    // What mosquitto has in memory it does not keep in full, nor in its order, over a restart. Firefox has no command to
    // crash a page.
    const kinds = /** @type {(keyof typeof KINDS)[]} */ (Object.keys(KINDS)).filter(
      (kind) => !kind.startsWith('broker') && !(browser === 'firefox' && kind === 'crash'),
    );
    const plan = { seed, kills: 12, kinds, durability: /** @type {const} */ ('relaxed'), browser };
    const result = await chaos({ ...plan, executable: executables[browser] });
    t.diagnostic(JSON.stringify(result));
    const { published, auto, after, killsOf } = result;
    assert.ok(published.messages > 12 && after.messages > 12);
    for (const { lost, doubled, reordered } of [published, after]) {
      assert.deepEqual({ lost, doubled, reordered }, { lost: 0, doubled: 0, reordered: 0 });
    }
    const { doubled, reordered } = auto;
    assert.deepEqual({ doubled, reordered }, { doubled: 0, reordered: 0 });
    // In Firefox a page that is being left handles some, and fails to say so.
    if (browser === 'chrome') {
      assert.ok(auto.lost <= UNHEARD * killsOf.auto, `${auto.lost} messages were not heard`);
    }
  });
}

test('nothing that was promised to the page is lost by a broker that is restarted and killed', {
  timeout: 900_000,
}, async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const kinds = /** @type {const} */ (['broker', 'broker-kill']);
  const result = await chaos({
    seed,
    kills: 6,
    kinds,
    durability: 'strict',
    browser: 'chrome',
    executable: executables.chrome,
  });
  t.diagnostic(JSON.stringify(result));
  const { lost, doubled, reordered } = result.published;
  assert.deepEqual({ lost, doubled, reordered }, { lost: 0, doubled: 0, reordered: 0 });
});
