/** A dozen kills of each kind that promises nothing be lost; `npm run chaos` does as many as one wants. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBrowsers } from '../../scripts/setup/browsers.mjs';
import { UNHEARD } from './pages.mjs';
import { chaos, KINDS } from './run.mjs';

const browsers = findBrowsers();
const executable = browsers.chromium ?? '';

test('nothing that was promised is lost, doubled or out of order, whatever is killed', {
  timeout: 900_000,
}, async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  // What mosquitto has in memory it does not keep in full, nor in its order, over a restart.
  const kinds = /** @type {(keyof typeof KINDS)[]} */ (Object.keys(KINDS)).filter((kind) => !kind.startsWith('broker'));
  const result = await chaos({ seed, kills: 12, kinds, durability: 'relaxed', browser: 'chrome', executable });
  t.diagnostic(JSON.stringify(result));
  const { published, auto, after, killsOf } = result;
  assert.ok(published.messages > 12 && after.messages > 12);
  for (const { lost, doubled, reordered } of [published, after]) {
    assert.deepEqual({ lost, doubled, reordered }, { lost: 0, doubled: 0, reordered: 0 });
  }
  const { doubled, reordered } = auto;
  assert.deepEqual({ doubled, reordered }, { doubled: 0, reordered: 0 });
  assert.ok(auto.lost <= UNHEARD * killsOf.auto, `${auto.lost} messages were not heard`);
});

test('nothing that was promised to the page is lost by a broker that is restarted and killed', {
  timeout: 900_000,
}, async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const kinds = /** @type {const} */ (['broker', 'broker-kill', 'reload']);
  const result = await chaos({ seed, kills: 6, kinds, durability: 'strict', browser: 'chrome', executable });
  t.diagnostic(JSON.stringify(result));
  const { lost, doubled, reordered } = result.published;
  assert.deepEqual({ lost, doubled, reordered }, { lost: 0, doubled: 0, reordered: 0 });
});
