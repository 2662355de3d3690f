/**
 * Values that only JavaScript has, and are refused before a byte is written.
 * It does not know brokers: its servers say in bytes what they answer.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startScripted } from '../support/scripted.mjs';
import { polite, VERSIONS } from './support.mjs';

const { pageTest } = await startBrowser();

for (const protocol of VERSIONS) {
  const name = protocol === 5 ? 'MQTT 5.0' : 'MQTT 3.1.1';

  // [case ENC-04] [case ENC-06] [case ENC-18] [case ENC-25] [case ENC-26] [case ENC-34] [case ENC-37]
  pageTest(`${name}: values that only JavaScript has are refused before a byte is written`, async ({ page }) => {
    const server = await startScripted(polite(protocol));
    const connects = [
      ...['clientId', 'username', 'password'].map((option) => `{ ${option}: "\\ud800" }`),
      '{ will: { topic: "\\ud800" } }',
      '{ will: { topic: "w", payload: "\\ud800" } }',
      ...['3', '-1', '0.5', '"1"', 'NaN'].map((qos) => `{ will: { topic: "w", qos: ${qos} } }`),
      ...['65536', '-1', '0.5', 'NaN', 'Infinity', '"60"'].map((keepAlive) => `{ keepAlive: ${keepAlive} }`),
    ];
    const requests = [
      'publish("\\ud800", "x")',
      'publish("a", "\\ud800")',
      'subscribe("\\ud800").ready',
      ...['3', '-1', '0.5', '"1"', 'NaN'].flatMap((qos) => [
        `publish("a", "x", { qos: ${qos} })`,
        `subscribe("a", { qos: ${qos} }).ready`,
      ]),
    ];
    if (protocol === 5) {
      const bad = ['"\\ud800"', '"a\\udfff"', '"\\ude00\\ud83d"', '"\\0"', '1', 'null'];
      const outside = ['-1', '2 ** 32', '0.5', 'NaN', '"1"'];
      connects.push(
        ...bad.map((text) => `{ userProperties: [[${text}, "v"]] }`),
        ...bad.map((text) => `{ will: { topic: "w", userProperties: [[${text}, "v"]] } }`),
        ...outside.map((expiry) => `{ will: { topic: "w", expiry: ${expiry} } }`),
      );
      requests.push(
        ...bad.flatMap((text) => [
          `publish("a", "x", { userProperties: [[${text}, "v"]] })`,
          `subscribe("a", { userProperties: [[${text}, "v"]] }).ready`,
        ]),
        ...outside.map((expiry) => `publish("a", "x", { expiry: ${expiry} })`),
        ...['3', '-1', '0.5', '"1"'].map((handling) => `subscribe("a", { retainHandling: ${handling} }).ready`),
      );
    }
    await page.evaluate(
      `globalThis.wrong = { connects: [${connects}], requests: [${requests.map((text) => `(client) => client.${text}`)}] }`,
    );
    const codes = await page.evaluate(
      async (url, protocol) => {
        const code = async (/** @type {() => Promise<unknown>} */ attempt) => {
          try {
            await attempt();
            return 'accepted';
          } catch (error) {
            return error.code;
          }
        };
        const client = wasmqtt.connect(url, { protocol });
        await client.ready;
        const codes = [];
        for (const options of wrong.connects) {
          codes.push(await code(() => wasmqtt.connect(url, { protocol, connectTimeout: 1000, ...options }).ready));
        }
        for (const request of wrong.requests) {
          codes.push(await code(() => request(client)));
        }
        await client.ping();
        await client.close();
        return codes;
      },
      server.url,
      protocol,
    );
    const passed = [...connects, ...requests].filter((_, at) => codes[at] !== 'invalid-argument');
    assert.deepEqual(passed, []);
    assert.equal(codes.length, connects.length + requests.length);
    assert.deepEqual(
      server.received.map((packet) => packet[0]),
      [0x10, 0xc0, 0xe0],
    );
  });
}
