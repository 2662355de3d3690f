/**
 * Finds free TCP ports by asking the operating system for them.
 * It does not keep them: whoever is told a port has to be ready to ask again.
 */
import { createServer } from 'node:net';

/**
 * @param {number} count
 * @param {string} host
 * @returns {Promise<number[]>} different ports that were free a moment ago
 */
export async function freePorts(count, host) {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(createServer(), 0, host)));
  const ports = servers.map(portOf);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/**
 * @template {import('node:net').Server} T
 * @param {T} server
 * @param {number} port 0 takes any free one
 * @param {string} host
 * @returns {Promise<T>} the server, once it listens
 */
export function listen(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

/**
 * @param {import('node:net').Server} server
 * @returns {number}
 */
export function portOf(server) {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a TCP port');
  return address.port;
}
