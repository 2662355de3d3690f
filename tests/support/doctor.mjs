/**
 * What the doctor finds, in a page, of servers that are there for it. Each time it is given a user, a password and a token, and
 * none of them may be in what it says. It does not know the causes.
 */

import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { SOCKET_FAILED } from './browser.mjs';
import { atEnd } from './cleanup.mjs';
import { HOST, listen, portOf } from './net.mjs';

/** What browsers write of what the doctor tries. */
export const allowed = [
  SOCKET_FAILED,
  /Failed to load resource|Content[ -]Security[ -]Policy|WebSocket connection|Mixed Content|ERR_|mixed content|insecure/,
];

const LOGIN = { username: 'somebody', password: 'swordfish' };
const SECRET = /somebody|swordfish|key=/;

/**
 * @param {import('puppeteer-core').Page} page
 * @param {string} url
 * @param {object} [options]
 */
export async function diagnosis(page, url, options = {}) {
  const told = url.replace('//', '//somebody:swordfish@').concat('?key=swordfish');
  const report = await page.evaluate(
    async (/** @type {string} */ url, /** @type {object} */ options) => {
      const { diagnose } = await import(/** @type {string} */ ('/dist/doctor.js'));
      const report = await diagnose(url, options);
      return { ...JSON.parse(JSON.stringify(report)), text: String(report) };
    },
    told,
    { ...LOGIN, ...options },
  );
  assert.doesNotMatch(JSON.stringify(report), SECRET);
  return report;
}

/** The codes of what is wrong, the likeliest first. */
export const wrong = (/** @type {{ findings: { severity: string, code: string }[] }} */ { findings }) =>
  findings.filter(({ severity }) => /error|possible/.test(severity)).map(({ code }) => code);

/**
 * Listens on a free port until the end.
 *
 * @param {import('node:net').Server} server
 */
export async function listening(server) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket));
  await listen(server);
  atEnd(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return portOf(server);
}

/**
 * A server of WebSockets at one path of HTTP, or at none; elsewhere it answers 404.
 *
 * @param {string | undefined} path
 * @param {{ choose?: (offered: Set<string>) => string | false, onSocket?: (socket: import('ws').WebSocket) => void, query?: string }} [how]
 *   which subprotocol it chooses, and the query without which it opens none
 */
export async function upgrading(path, { choose = (offered) => [...offered][0] ?? false, onSocket, query = '' } = {}) {
  const http = createHttpServer((_, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: choose });
  http.on('upgrade', (request, socket, head) => {
    const [asked, search = ''] = (request.url ?? '').split('?');
    if (asked === path && search.includes(query)) {
      sockets.handleUpgrade(request, /** @type {import('node:net').Socket} */ (socket), head, onSocket ?? (() => {}));
    } else {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    }
  });
  return `ws://${HOST}:${await listening(http)}`;
}
