/**
 * Publishes that are complete and whose page was not told, as it did not answer: it is told by who leads when it does, also if
 * that is another page by then. They are not published again.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED } from '../support/browser.mjs';
import { begin, eachOnce, publish } from '../support/hanging.mjs';
import { startSharing, WAYS } from '../support/sharing.mjs';

const { wayTest } = await startSharing();
const [, LOCKS] = WAYS;

wayTest(
  LOCKS,
  'what a leader completed of an earlier one, and nobody asked for, the next one knows',
  async ({ pages }) => {
    const { peer, all, line } = await begin(pages, 4, { proxied: true });
    const [first, second, third, asker] = all;
    line.refuse();
    line.cut();
    await asker.evaluate(async () => {
      await until(() => client.state !== 'connected');
      globalThis.one = client.publish('x', 'one', { qos: 2 });
    });
    // Whoever leads has it then: what the page asks for next comes after it.
    await asker.evaluate(() => until(() => client.stats().queued === 1));
    await asker.evaluate(() => {
      globalThis.silent = true;
      const { postMessage } = BroadcastChannel.prototype;
      BroadcastChannel.prototype.postMessage = function (said) {
        silent || postMessage.call(this, said);
      };
    });
    await first.close();
    await second.evaluate(() => until(() => client.sharing.place === 'this-page'));
    line.restore();
    await publish(second, 'x', 'two', 2);
    await asker.evaluate(() => {
      globalThis.silent = false;
    });
    await second.close();
    assert.equal(await asker.evaluate(async () => (await one).reasonCode), 0);
    await publish(third, 'x', 'three', 2);
    await publish(asker, 'x', 'four', 2);
    await peer.holds((all) => all.some(({ text }) => text === 'four'));
    eachOnce(peer, ['one', 'two', 'three', 'four']);
  },
  { allowed: [SOCKET_FAILED] },
);
