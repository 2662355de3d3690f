/**
 * The doctor names each cause that it knows, as a real or scripted server shows it; it leaves nothing at the server, and says no
 * secret. What a client makes of the same causes is the matter of the other tests.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { WebSocketServer } from 'ws';
import { SOCKET_FAILED, startBrowser, startPackageSite } from '../support/browser.mjs';
import { atEnd } from '../support/cleanup.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { HOST, portOf } from '../support/net.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';
import { packagePage } from '../support/site.mjs';

const broker = await startMosquitto();
const policy = '<meta http-equiv="Content-Security-Policy" content="connect-src \'self\'">';
const site = await startPackageSite({ '/policy.html': packagePage('index').replace('<title', `${policy}\n<title`) });
const { pageTest } = await startBrowser({ site });

const allowed = [
  SOCKET_FAILED,
  /Failed to load resource|Content Security Policy|WebSocket connection|Mixed Content|ERR_/,
];

/** What the doctor finds, in a page. */
const diagnosis = (page, url, options = {}) =>
  page.evaluate(
    async (url, options) => {
      const { diagnose } = await import('/dist/doctor.js');
      const report = await diagnose(url, options);
      return { ...JSON.parse(JSON.stringify(report)), text: String(report) };
    },
    url,
    options,
  );

/** The codes of what is wrong. */
const wrong = ({ findings }) =>
  findings.filter(({ severity }) => /error|possible/.test(severity)).map(({ code }) => code);

/** Listens on a free port of this machine until the end. */
async function listening(server) {
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, HOST);
  await once(server, 'listening');
  atEnd(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return portOf(server);
}

/** A server of WebSockets at one path of HTTP. */
async function upgrading(path, handleProtocols = (offered) => [...offered][0] ?? false, onSocket = () => {}) {
  const http = createHttpServer((_, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ noServer: true, handleProtocols });
  http.on('upgrade', (request, socket, head) => {
    if (path !== undefined && request.url === path) {
      sockets.handleUpgrade(request, socket, head, onSocket);
    } else {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    }
  });
  return `ws://${HOST}:${await listening(http)}`;
}

/** A server that refuses each CONNECT with that code, or answers what is scripted. */
const refusing = (reasonCode) =>
  startPacketServer((packet, line) => packet.cmd === 'connect' && line.send(connack({ reasonCode })));

pageTest('a broker is there: its limits and the way to it are told, and nothing is left', async ({ page }) => {
  const secret = {
    username: 'somebody',
    password: 'swordfish',
    will: { topic: 'doctor/will', payload: 'x', retain: true },
    sessionExpiry: 600,
    clientId: 'mine',
  };
  const options = { ...secret, trySubscribe: ['doctor/#'], tryPublish: ['doctor/one'] };
  const report = await diagnosis(
    page,
    broker.url.replace('//', '//somebody:swordfish@').concat('?token=swordfish'),
    options,
  );
  assert.equal(report.ok, true, report.text);
  assert.deepEqual(report.findings.map(({ code }) => code).sort(), ['publish', 'round-trip', 'server', 'subscription']);
  assert.doesNotMatch(JSON.stringify(report), /swordfish|somebody|token/);
  assert.match(report.text, /an MQTT client connects/);
});

pageTest('an address that is none of a WebSocket', async ({ page }) => {
  for (const url of ['mqtt://user:swordfish@broker.example:1883', 'tcp://broker.example', 'http://[']) {
    const report = await diagnosis(page, url);
    assert.deepEqual(wrong(report), ['not-a-websocket-address'], url);
    assert.doesNotMatch(JSON.stringify(report), /swordfish/);
  }
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
  'nothing listens, a port of TCP, and a browser that is offline',
  async ({ page }) => {
    const server = createTcpServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(wrong(await diagnosis(page, `ws://${HOST}:${port}/`)), ['nothing-listens']);
    assert.deepEqual(wrong(await diagnosis(page, `ws://${HOST}:1883/`)), ['tcp-mqtt-port', 'nothing-listens']);
    assert.deepEqual(wrong(await diagnosis(page, `wss://${HOST}:${port}/`)), ['tls-not-trusted', 'nothing-listens']);
    await page.setOfflineMode(true);
    await page.evaluate(() => Object.defineProperty(navigator, 'onLine', { get: () => false, configurable: true }));
    await page.setOfflineMode(false);
    assert.deepEqual(wrong(await diagnosis(page, `ws://${HOST}:${port}/`)), ['offline', 'nothing-listens']);
  },
  { allowed },
);

pageTest(
  'a broker that speaks MQTT over TCP there',
  async ({ page }) => {
    const report = await diagnosis(page, `ws://${HOST}:${broker.tcpPort}/`);
    assert.equal(wrong(report).at(-1), 'nothing-listens');
    assert.match(report.text, /neither HTTP nor WebSocket/);
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
      const url = await upgrading(path);
      const report = await diagnosis(page, `${url}/elsewhere`);
      assert.deepEqual(wrong(report), ['wrong-path']);
      assert.match(report.findings[0].remedy, new RegExp(`Use ${url}${path}$`));
    }
  },
  { allowed },
);

pageTest(
  'a subprotocol that is not answered',
  async ({ page }) => {
    const url = await upgrading('/mqtt', () => false);
    assert.deepEqual(wrong(await diagnosis(page, `${url}/mqtt`)), ['subprotocol']);
  },
  { allowed },
);

pageTest(
  'a connection that is closed before CONNACK, or on which nothing answers',
  async ({ page }) => {
    const closing = await upgrading('/mqtt', undefined, (socket) => socket.on('message', () => socket.close(1011)));
    const closed = await diagnosis(page, `${closing}/mqtt`, { protocol: 4 });
    assert.deepEqual(wrong(closed), ['closed-before-connack'], closed.text);
    assert.match(closed.text, /1011/);
    const silent = await upgrading('/mqtt');
    const unanswered = await diagnosis(page, `${silent}/mqtt`, { connectTimeout: 100 });
    assert.deepEqual(wrong(unanswered), ['no-connack'], unanswered.text);
  },
  { allowed },
);

pageTest(
  'a CONNACK that refuses, each with its remedy',
  async ({ page }) => {
    for (const [code, remedy] of [
      [0x85, /clientId/],
      [0x86, /password/],
      [0x87, /credentials/],
      [0x89, /later/],
      [0x9d, /followServerReference/],
    ]) {
      const { url } = await refusing(code);
      const report = await diagnosis(page, url, { protocol: 5 });
      assert.deepEqual(wrong(report), ['refused'], report.text);
      assert.match(report.findings[0].remedy, remedy);
    }
  },
  { allowed },
);

pageTest(
  'a version that is not spoken',
  async ({ page }) => {
    const { url } = await startPacketServer((packet, line) => {
      if (packet.cmd === 'connect') {
        line.send({ cmd: 'connack', returnCode: packet.protocolVersion === 4 ? 0 : 1, sessionPresent: false });
      } else if (packet.cmd === 'pingreq') {
        line.send({ cmd: 'pingresp' });
      }
    }, 4);
    const asked = await diagnosis(page, url, { protocol: 5 });
    assert.deepEqual(wrong(asked), ['version-not-spoken'], asked.text);
    assert.match(asked.findings[0].remedy, /protocol: 4/);
    const found = await diagnosis(page, url);
    assert.ok(
      found.ok && found.findings.some(({ code, severity }) => code === 'version-not-spoken' && severity === 'info'),
      found.text,
    );
  },
  { allowed },
);

/** Lets in, and does what is scripted with the rest. */
const scripted = (more) =>
  startPacketServer((packet, line) => {
    if (packet.cmd === 'connect') {
      line.send(connack());
    } else if (packet.cmd === 'pingreq') {
      line.send({ cmd: 'pingresp' });
    }
    more(packet, line);
  });

pageTest(
  'a subscription or a publish over which the server closes, and one that it refuses',
  async ({ page }) => {
    const closing = await scripted(({ cmd }, line) => /^(subscribe|publish)$/.test(cmd) && line.close());
    const options = { trySubscribe: ['a/#'], tryPublish: ['b'] };
    const closed = await diagnosis(page, closing.url, options);
    assert.deepEqual(wrong(closed), ['subscription', 'publish'], closed.text);
    assert.match(
      closed.text,
      /closes the connection when asked to subscribe to a\/#[\s\S]*closes the connection when asked to publish to b/,
    );
    const denying = await scripted(({ cmd, messageId }, line) => {
      if (cmd === 'subscribe') {
        line.send({ cmd: 'suback', messageId, granted: [0x87] });
      } else if (cmd === 'publish') {
        line.send({ cmd: 'puback', messageId, reasonCode: 0x87 });
      }
    });
    const denied = await diagnosis(page, denying.url, options);
    assert.deepEqual(wrong(denied), ['subscription', 'publish'], denied.text);
    assert.match(denied.text, /does not allow to subscribe to a\/#[\s\S]*0x87/);
  },
  { allowed },
);

pageTest(
  'an identifier that another client has, only if that is asked for',
  async ({ page }) => {
    const { url } = await scripted(({ cmd, clientId }, line) => {
      if (cmd === 'connect' && clientId === 'mine') {
        line.send({ cmd: 'disconnect', reasonCode: 0x8e });
      }
    });
    const asked = await diagnosis(page, url, { clientId: 'mine', tryClientId: true });
    assert.deepEqual(wrong(asked), ['identifier-taken'], asked.text);
    assert.deepEqual(wrong(await diagnosis(page, url, { clientId: 'mine' })), []);
  },
  { allowed },
);

pageTest(
  'how long silence is borne, if that is asked for',
  async ({ page }) => {
    const { url } = await scripted(({ cmd, keepalive }, line) => {
      if (cmd === 'connect' && keepalive === 0) {
        setTimeout(() => line.close(), 1500);
      }
    });
    const report = await diagnosis(page, url, { tryIdle: 20_000 });
    const found = report.findings.find(({ code }) => code === 'idle-timeout');
    assert.match(found?.title ?? report.text, /closed after 1\.\d s/);
    const borne = await diagnosis(page, broker.url, { tryIdle: 50 });
    assert.ok(
      borne.findings.some(({ code }) => code === 'idle'),
      borne.text,
    );
  },
  { allowed },
);
