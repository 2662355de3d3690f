/**
 * The doctor names each cause that it knows for which no WebSocket opens, as a real or scripted server shows it, and says no
 * secret. It does not know MQTT.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer as createTcpServer } from 'node:net';
import { WebSocketServer } from 'ws';
import { chromiumOnly, startBrowser, startPackageSite } from '../support/browser.mjs';
import { makeCertificates } from '../support/certificates.mjs';
import { allowed, diagnosis, listening, upgrading, wrong } from '../support/doctor.mjs';
import { BROWSER } from '../support/launch.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { close, HOST } from '../support/net.mjs';
import { startSecureSite } from '../support/secure-site.mjs';
import { packagePage } from '../support/site.mjs';

const BROKER = 'broker.example';

const tls = await makeCertificates();
const broker = await startMosquitto({ tls });
const under = (/** @type {string} */ policy) =>
  packagePage('index').replace('<title', `<meta http-equiv="Content-Security-Policy" content="${policy}">\n<title`);
const site = await startPackageSite({
  '/policy.html': under("connect-src 'self'"),
  '/sockets.html': under("connect-src 'self' ws: wss:"),
});
const secure = await startSecureSite(site, tls);

/** As it comes: it trusts no certificate of these tests. The port of MQTT over TCP is where its broker usually has it. */
const { pageTest } = await startBrowser({
  site,
  args: [`--host-resolver-rules=MAP ${BROKER}:1883 ${HOST}:${broker.tcpPort},MAP ${BROKER} ${HOST}`],
});
const trusting = await startBrowser({ site, trusted: tls.fingerprint, hosts: [BROKER] });

/** A port at which nothing listens. */
async function deadPort() {
  const server = createTcpServer();
  const port = await listening(server);
  await close(server);
  return port;
}

pageTest('an address that is none of a WebSocket', async ({ page }) => {
  const all = ['mqtt://broker.example:1883', 'tcp://broker.example', 'http://[', 'ftp://broker.example', '//b:a:d/'];
  for (const url of all) {
    assert.deepEqual(wrong(await diagnosis(page, url)), ['not-a-websocket-address'], url);
  }
  const reports = await page.evaluate(async () => {
    const { diagnose } = await import('/dist/doctor.js');
    const all = [
      '',
      'somebody:swordfish@broker.example:1883',
      'mqtt:somebody:swordfish@b',
      'ws://somebody:sword/fish@b',
    ];
    return Promise.all(all.map(async (url) => JSON.parse(JSON.stringify(await diagnose(url)))));
  });
  for (const report of reports) {
    assert.deepEqual(wrong(report), ['not-a-websocket-address']);
    assert.doesNotMatch(JSON.stringify(report), /somebody|sword|fish/);
  }
  const told = await diagnosis(page, 'mqtt://broker.example:1883');
  // With a user and a query WebKit has a path where there is none.
  assert.match(told.url, /^mqtt:\/\/broker\.example:1883\/?$/);
  assert.match(told.findings[0].detail, /begins with mqtt:/);
  assert.match(told.findings[0].remedy, /wss:\/\//);
});

pageTest(
  'a policy of the page',
  async ({ page }) => {
    const report = await diagnosis(page, broker.url);
    assert.deepEqual(wrong(report), ['policy'], report.text);
    assert.match(report.findings[0].detail, /connect-src/);
  },
  { path: '/policy.html', allowed },
);

pageTest(
  'a policy that lets the page open a WebSocket, and not ask by HTTP',
  async ({ page }) => {
    // A source ws: stands for http:, too (CSP 3, "scheme-part matches"), of which WebKit alone knows: there the page may ask.
    const asks = BROWSER === 'webkit';
    const dead = await diagnosis(page, `ws://${HOST}:${await deadPort()}/`);
    assert.deepEqual(wrong(dead), asks ? ['nothing-listens'] : ['nothing-listens', 'no-upgrade'], dead.text);
    const none = await diagnosis(page, `${await upgrading(undefined)}/mqtt`);
    assert.deepEqual(wrong(none), asks ? ['no-upgrade'] : ['nothing-listens', 'no-upgrade'], none.text);
    const elsewhere = await diagnosis(page, `${await upgrading('/ws')}/mqtt`);
    assert.deepEqual(wrong(elsewhere), ['wrong-path'], elsewhere.text);
  },
  { path: '/sockets.html', allowed },
);

trusting.pageTest(
  'ws: from a page of https:',
  async ({ page }) => {
    await page.goto(`${secure.url}/index.html`);
    await page.waitForFunction('globalThis.loaded === true');
    const report = await diagnosis(page, `ws://${BROKER}:${broker.wsPort}/`);
    assert.deepEqual(wrong(report), ['mixed-content'], report.text);
    assert.match(report.findings[0].remedy, /Use wss:/);
    const encrypted = await diagnosis(page, broker.secureUrl);
    assert.equal(encrypted.ok, true, encrypted.text);
  },
  { allowed },
);

pageTest(
  'nothing listens',
  async ({ page }) => {
    const report = await diagnosis(page, `ws://${HOST}:${await deadPort()}/`);
    assert.deepEqual(wrong(report), ['nothing-listens'], report.text);
    assert.match(report.findings[0].remedy, /curl/);
  },
  { allowed },
);

pageTest(
  'a browser that is offline',
  async ({ page }) => {
    const port = await deadPort();
    await page.evaluate(() => import('/dist/doctor.js'));
    await page.setOfflineMode(true);
    assert.deepEqual(wrong(await diagnosis(page, `ws://${HOST}:${port}/`)), ['offline', 'nothing-listens']);
    await page.setOfflineMode(false);
    assert.deepEqual(wrong(await diagnosis(page, `ws://${HOST}:${port}/`)), ['nothing-listens']);
  },
  { allowed, without: chromiumOnly('its driver does not take it offline') },
);

pageTest(
  'a broker that speaks MQTT over TCP there, at the usual port of that',
  async ({ page }) => {
    const report = await diagnosis(page, `ws://${BROKER}:1883/`);
    assert.deepEqual(wrong(report), ['tcp-mqtt-port', 'nothing-listens'], report.text);
    assert.match(report.findings[0].detail, /MQTT without WebSocket/);
    await broker.logged(/New connection from 127\.0\.0\.1:\d+ on port \d+\.[\s\S]*disconnected due to protocol error/);
  },
  { allowed, without: chromiumOnly('there a name and a port cannot mean another port') },
);

pageTest(
  'a broker that speaks MQTT over TCP there, at another port',
  async ({ page }) => {
    const report = await diagnosis(page, `ws://${HOST}:${broker.tcpPort}/`);
    assert.deepEqual(wrong(report), ['nothing-listens'], report.text);
    assert.match(report.text, /neither HTTP nor WebSocket/);
  },
  { allowed },
);

pageTest(
  'a certificate that is not trusted',
  async ({ page }) => {
    const report = await diagnosis(page, broker.secureUrl);
    assert.deepEqual(wrong(report), ['tls-not-trusted', 'nothing-listens'], report.text);
    assert.match(report.findings[0].remedy, new RegExp(`Open https://localhost:${broker.wssPort}/ in a tab`));
    const nobody = await diagnosis(page, `wss://${HOST}:${await deadPort()}/`);
    assert.deepEqual(wrong(nobody), ['tls-not-trusted', 'nothing-listens'], 'a browser tells no more of that');
    const plain = await diagnosis(page, broker.secureUrl.replace('wss:', 'ws:'));
    assert.deepEqual(wrong(plain), ['nothing-listens'], plain.text);
    assert.match(plain.text, /TLS with a certificate that is not trusted/);
  },
  { allowed },
);

trusting.pageTest(
  'ws: where TLS is spoken, also where that is told by HTTP',
  async ({ page }) => {
    const plain = (/** @type {string} */ url) => url.replace('wss:', 'ws:');
    const silent = await diagnosis(page, plain(broker.secureUrl));
    assert.deepEqual(wrong(silent), ['needs-tls'], silent.text);
    assert.equal(silent.findings[0].remedy, `Use ${broker.secureUrl}`);

    // As nginx and programs in Go: 400 to whoever speaks no TLS.
    const https = createHttpsServer({ cert: await readFile(tls.cert), key: await readFile(tls.key) });
    new WebSocketServer({ server: https, handleProtocols: () => 'mqtt' });
    const http = createHttpServer((_, response) => response.writeHead(400).end());
    const ports = { tls: await listening(https), plain: await listening(http) };
    const both = createTcpServer((socket) =>
      socket.once('data', (first) => {
        const behind = connect(first[0] === 22 ? ports.tls : ports.plain, HOST);
        behind.write(first);
        for (const [from, to] of [
          [socket, behind],
          [behind, socket],
        ]) {
          from?.on('error', () => to?.destroy()).pipe(to ?? socket);
        }
      }),
    );
    const port = await listening(both);
    const told = await diagnosis(page, `ws://localhost:${port}/mqtt`);
    assert.deepEqual(wrong(told), ['needs-tls'], told.text);
    assert.equal(told.findings[0].remedy, `Use wss://localhost:${port}/mqtt`);
  },
  { allowed },
);

pageTest(
  'wss: where no TLS is spoken',
  async ({ page }) => {
    assert.deepEqual(wrong(await diagnosis(page, broker.url.replace('ws:', 'wss:'))), ['no-tls']);
  },
  { allowed },
);

pageTest(
  'a web server that opens no WebSocket, and one that opens it at another path',
  async ({ page }) => {
    const none = await upgrading(undefined);
    assert.deepEqual(wrong(await diagnosis(page, `${none}/mqtt`)), ['no-upgrade']);
    for (const path of ['/mqtt', '/ws', '/']) {
      // Some services open it only with what is in the query.
      for (const query of ['', 'key=swordfish']) {
        const url = await upgrading(path, { query });
        const report = await diagnosis(page, `${url}/elsewhere`);
        assert.deepEqual(wrong(report), ['wrong-path'], report.text);
        assert.match(report.findings[0].remedy, new RegExp(`^Use ${url}${path}$`));
      }
    }
  },
  { allowed },
);

pageTest(
  'a subprotocol that is not answered, that is another one, or that is refused',
  async ({ page }) => {
    const unanswered = await upgrading('/mqtt', { choose: () => false });
    const report = await diagnosis(page, `${unanswered}/mqtt`);
    // Chromium closes that, and Firefox and WebKit do not: the client does.
    assert.deepEqual(wrong(report), ['subprotocol'], report.text);
    assert.match(report.findings[0].remedy, /Sec-WebSocket-Protocol: mqtt/);
    const other = await upgrading('/mqtt', { choose: () => 'mqttv3.1' });
    assert.deepEqual(wrong(await diagnosis(page, `${other}/mqtt`)), ['subprotocol']);

    const http = createHttpServer((_, response) => response.writeHead(400).end());
    const sockets = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request, socket, head) => {
      if (request.headers['sec-websocket-protocol']) {
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      } else {
        sockets.handleUpgrade(request, /** @type {import('node:net').Socket} */ (socket), head, () => {});
      }
    });
    const refused = await diagnosis(page, `ws://${HOST}:${await listening(http)}/`);
    assert.deepEqual(wrong(refused), ['subprotocol'], refused.text);
  },
  { allowed },
);

pageTest(
  'in a worker',
  async ({ page }) => {
    const [dead, open] = [`ws://${HOST}:${await deadPort()}/`, broker.url];
    const codes = await page.evaluate(
      (/** @type {string[]} */ urls) => {
        const text = `
          const { diagnose } = await import('${location.origin}/dist/doctor.js');
          const reports = await Promise.all(${JSON.stringify(urls)}.map((url) => diagnose(url)));
          postMessage(reports.map(({ findings }) => findings.map(({ code }) => code)));`;
        const worker = new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })), {
          type: 'module',
        });
        return new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        });
      },
      [dead, open],
    );
    assert.deepEqual(codes, [['nothing-listens'], ['server', 'round-trip']]);
  },
  { allowed },
);
