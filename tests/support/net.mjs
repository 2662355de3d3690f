/**
 * Listening on 127.0.0.1: free ports, and servers that close with everything on them.
 * It does not know what is served.
 */

import { once } from 'node:events';
import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

/**
 * Different ports that were free a moment ago.
 *
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(createServer())));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(close));
  return ports;
}

/**
 * @template {import('node:net').Server} T
 * @param {T} server
 * @param {number} [port] any free one when it is not given
 * @returns {Promise<T>} the server, once it listens
 */
export async function listen(server, port = 0) {
  server.listen(port, HOST);
  await once(server, 'listening');
  return server;
}

/**
 * @param {{ address(): string | import('node:net').AddressInfo | null }} server
 * @returns {number}
 */
export function portOf(server) {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('the server does not listen on a TCP port');
  }
  return address.port;
}

/**
 * @param {{ close(done: () => void): unknown }} server
 * @returns {Promise<void>}
 */
export function close(server) {
  return new Promise((resolve) => server.close(() => resolve()));
}
