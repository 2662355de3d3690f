/**
 * What whoever leads next goes on with: the session that the others have, also if it has just come, and publishes that are
 * complete and whose page was not told, as it did not answer. They are not published again.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED } from '../support/browser.mjs';
import { begin, CONNECTED, eachOnce, join, publish } from '../support/hanging.mjs';
import { crash, DIES } from '../support/renderer.mjs';
import { startSharing, WAYS } from '../support/sharing.mjs';

const { wayTest } = await startSharing();
const [, LOCKS, LEASE] = WAYS;

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

wayTest(
  LEASE,
  'a page that has just come, and leads before the others miss the one that led, goes on with their session',
  async ({ pages }) => {
    const { broker, peer, all } = await begin(pages, 3);
    const [leader, one] = all;
    const [late] = await pages(1);
    await crash(leader);
    await join(late, broker.url);
    await publish(late, 'x', 'one', 2);
    await publish(one, 'x', 'two', 2);
    await peer.holds((all) => all.some(({ text }) => text === 'two'));
    eachOnce(peer, ['one', 'two']);
    // The peer begins one, and the first leader.
    assert.equal(broker.countLogged(CONNECTED), 3);
    assert.equal(broker.countLogged(/New client connected.* c1, /g), 2);
  },
  DIES,
);
