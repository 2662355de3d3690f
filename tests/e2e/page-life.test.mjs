/**
 * What becomes of a connection while the page is hidden, and when it goes: by a link, closed, killed. It does not know
 * what outlives the page: that is `stored-session`.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { BROWSER } from '../support/launch.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';

const broker = await startMosquitto();
// Without these of puppeteer's, and with a grace of one second in place of five minutes, a hidden page has a timer a minute.
const { pageTest, browser } = await startBrowser({
  args: ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1'],
  ignored: [
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
  ],
});

for (const worker of [false, true]) {
  pageTest(
    `a hidden page keeps its connection (${worker ? 'in a worker' : 'in the page'})`,
    async ({ page, t }) => {
      await page.evaluate(
        async (url, worker) => {
          globalThis.client = wasmqtt.connect(url, { worker, keepAlive: 5 });
          globalThis.lines = diary(client);
          await client.ready;
          globalThis.ticks = 0;
          setInterval(() => globalThis.ticks++, 500);
          // Of a page that has been hidden for long they come once a minute, which is too late.
          globalThis.setTimeout = () => 0;
        },
        broker.url,
        worker,
      );
      const other = await browser.newPage();
      await other.bringToFront();
      await page.waitForFunction('document.hidden', { polling: 'mutation' }).catch(() => {});
      assert.equal(await page.evaluate(() => document.hidden), true);
      // Real time, as the server counts it: three times as long as it waits.
      const before = await page.evaluate(() => client.stats().packetsReceived);
      await new Promise((resolve) => setTimeout(resolve, 25_000));
      const { lines, ticks, packets } = await page.evaluate(() => ({
        lines,
        ticks,
        packets: client.stats().packetsReceived,
      }));
      t.diagnostic(`${ticks} ticks of the page's own timer, ${packets - before} packets received`);
      assert.equal(page.workers().length, 1, 'the one that has the engine, or the one that keeps the time');
      assert.ok(ticks < 40, `the page was not slowed down: ${ticks} ticks`);
      assert.deepEqual(
        lines.filter(([what]) => what === 'disconnect'),
        [],
      );
      await other.close();
      await page.bringToFront();
      if (page.workers().length > Number(worker)) {
        // That of the hidden page.
        await new Promise((resolve) => page.once('workerdestroyed', resolve));
      }
      await page.evaluate(() => client.close());
    },
    { timeout: 120_000, without: { webkit: 'its driver hides no window, and tells of no worker' } },
  );
}

const leave = {
  'by a reload': (page) => page.reload(),
  closed: (page) => page.close(),
};

for (const [way, go] of Object.entries(leave)) {
  for (const closeOnPagehide of [false, true]) {
    const what = closeOnPagehide ? 'disconnects if told so' : 'does not disconnect, which leaves its will';
    // Firefox closes the sockets of a page that is replaced before it tells it so by `pagehide`.
    const early = BROWSER === 'firefox' && way === 'by a reload';
    pageTest(`a page that goes, ${way}, ${what}; what it said last is sent`, async ({ page }) => {
      const server = await startPacketServer((packet, line) => packet.cmd === 'connect' && line.send(connack()));
      await page.evaluate(
        async (url, closeOnPagehide) => {
          globalThis.client = wasmqtt.connect(url, { closeOnPagehide });
          await client.ready;
          const last = (...topics) => topics.map((topic) => client.publish(topic, '').catch(() => {}));
          addEventListener('beforeunload', () => last('one', 'two'));
          addEventListener('pagehide', () => last('three', 'four'), { capture: true });
        },
        server.url,
        closeOnPagehide,
      );
      await go(page);
      await server.gone(1);
      const seen = server.packets.slice(1).map(({ cmd, topic }) => topic ?? cmd);
      assert.deepEqual(seen, [
        ...(way === 'by a reload' ? ['one', 'two'] : []),
        ...(early ? [] : ['three', 'four', ...(closeOnPagehide ? ['disconnect'] : [])]),
      ]);
    });
  }
}
