/**
 * Strings of JavaScript that no bytes can say, wherever MQTT 5.0 has a string.
 * It does not know brokers: its server accepts everybody.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const { pageTest } = await startBrowser();

/** [MQTT-1.5.4-1] [MQTT-1.5.7-1] [MQTT-3.1.3-4] [MQTT-3.1.3-11] [MQTT-3.1.3-12] [MQTT-3.8.3-1] (5.0) */
/** [MQTT-3.3.2-1] [MQTT-3.3.2-13] [MQTT-3.3.2-19] [MQTT-3.10.3-1] (5.0) */
/** [case ENC-04] [case ENC-26] */
pageTest('a lone surrogate is refused wherever a string goes to the server', async ({ page }) => {
  const answers = new Map([
    [0x10, CONNACK[5]],
    [0xc0, [0xd0, 0]],
  ]);
  const { url, received, packets } = await startScripted((packet, send) => send(answers.get(packet[0] ?? 0) ?? []));
  const codes = await page.evaluate(async (url) => {
    const lone = 'a\ud800';
    const connects = [
      { clientId: lone },
      { username: lone },
      { password: lone },
      { will: { topic: lone } },
      { will: { topic: 'w', contentType: lone } },
      { userProperties: [['k', lone]] },
      { userProperties: [[lone, 'v']] },
    ];
    const refused = connects.map((options) => failure(wasmqtt.connect(url, options).ready));
    const client = wasmqtt.connect(url, { protocol: 5 });
    await client.ready;
    refused.push(
      failure(client.publish(lone, 'x')),
      failure(client.publish('a', 'x', { contentType: lone })),
      failure(client.publish('a', 'x', { responseTopic: lone })),
      failure(client.publish('a', 'x', { userProperties: [['k', lone]] })),
      failure(client.subscribe(lone).ready),
    );
    const codes = (await Promise.all(refused)).map(({ code }) => code);
    await client.ping();
    await client.close();
    return codes;
  }, url);
  assert.deepEqual(codes, Array(12).fill('invalid-argument'));
  await packets(14, 1);
  const sent = received.map((bytes) => (bytes[0] ?? 0) >> 4);
  assert.deepEqual(sent, [1, 12, 14], 'CONNECT of the last client, its ping and its end');
});
