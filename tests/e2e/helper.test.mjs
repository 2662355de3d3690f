/**
 * The helpers themselves: what goes wrong in a page is noticed, and what is started can be ended.
 * It does not know the package.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';

const { open } = await startBrowser();

for (const [name, pattern, run] of /** @type {const} */ ([
  ['an exception', /thrown later/, 'setTimeout(() => { throw new Error("thrown later") })'],
  ['a rejection that nobody handles', /left alone/, 'void Promise.reject(new Error("left alone"))'],
  ['an error in the console', /said aloud/, 'console.error("said aloud")'],
  ['a failed assertion', /not so/, 'console.assert(false, "not so")'],
])) {
  test(`${name} in a page is noticed`, { timeout: 60_000 }, async () => {
    const { page, errors } = await open();
    const noticed = Promise.race([once(page, 'pageerror'), once(page, 'console')]);
    await page.evaluate(run);
    await noticed;
    assert.equal(errors.length, 1);
    assert.match(errors[0] ?? '', pattern);
    await page.close();
  });
}

test('mosquitto keeps its ports over stop, kill and restart', { timeout: 60_000 }, async () => {
  const broker = await startMosquitto();
  const { tcpPort, wsPort } = broker;
  for (const end of ['stop', 'kill']) {
    const peer = await connectPeer(broker);
    const gone = once(peer.client, 'close');
    await (end === 'stop' ? broker.stop() : broker.kill());
    await gone;
    await assert.rejects(connectPeer(broker), /ECONNREFUSED/);
    await broker.start();
  }
  const peer = await connectPeer(broker);
  await peer.end();
  assert.deepEqual([broker.tcpPort, broker.wsPort], [tcpPort, wsPort]);
  await broker.stop();
});
