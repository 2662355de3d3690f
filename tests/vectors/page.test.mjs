/**
 * Rows that depend on the page: of https, and pings that the browser answers by itself.
 * It does not know brokers: its servers say in bytes what they answer.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED, startBrowser } from '../support/browser.mjs';
import { makeCertificates } from '../support/certificates.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';
import { startSecureSite } from '../support/secure-site.mjs';

const ABNORMAL = { code: 1006, reason: '', wasClean: false };

import { VERSIONS } from './support.mjs';

const tls = await makeCertificates();
const { pageTest, site } = await startBrowser({ trusted: tls.fingerprint });
const allowed = [SOCKET_FAILED];

// [case WSK-22]
pageTest(
  'a page of https that may not open ws has one failed connect',
  async ({ page }) => {
    const secure = await startSecureSite(site, tls);
    await page.goto(`${secure.url}/index.html`);
    await page.waitForFunction('globalThis.loaded === true');
    for (const protocol of VERSIONS) {
      const seen = await page.evaluate(async (protocol) => {
        // Not a name of this machine: that may be called without TLS.
        const client = wasmqtt.connect('ws://broker.invalid/', { protocol, reconnect: false });
        const lines = diary(client);
        const { code, phase, close, ours } = await failure(client.ready);
        const ended = await failure(client.closed);
        return { secure: location.protocol, code, phase, ours, close: { ...close }, ended: ended.code, lines };
      }, protocol);
      assert.deepEqual(seen, {
        secure: 'https:',
        code: 'unsupported',
        phase: 'opening',
        ours: true,
        close: { ...ABNORMAL, reason: 'SecurityError' },
        ended: 'unsupported',
        lines: [
          ['state', 'connecting'],
          ['disconnect', 'unsupported', false],
          ['state', 'closed'],
          ['close', 'unsupported'],
        ],
      });
    }
  },
  { allowed: [...allowed, /^Mixed Content: /] },
);

// [case WSK-23]
pageTest('pings of the WebSocket are the business of the browser, and no sign of life of MQTT', async ({ page }) => {
  const ends = VERSIONS.map(async (protocol) => {
    let pongs = 0;
    const server = await startScripted((packet, send, socket) => {
      if (packet[0] === 0x10) {
        send(CONNACK[protocol]);
        socket.on('pong', () => pongs++);
      }
      // Also in place of PINGRESP.
      socket.ping();
    });
    const code = await page.evaluate(
      async (url, protocol) => {
        const client = wasmqtt.connect(url, { protocol, keepAlive: 1, reconnect: false });
        await client.ready;
        return (await failure(client.closed)).code;
      },
      server.url,
      protocol,
    );
    assert.equal(code, 'keep-alive');
    assert.ok((await server.packets(12, 1)).length >= 1);
    assert.ok(pongs >= 2, `${pongs} pongs`);
  });
  await Promise.all(ends);
});
