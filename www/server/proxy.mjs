/**
 * A TCP proxy whose line can be cut: what is open is destroyed and what comes is refused until the line is up again.
 * It does not know what the bytes mean.
 */
import { connect, createServer } from 'node:net';
import { listen, portOf } from './free-port.mjs';

/**
 * @param {{ host: string, target: number }} options the proxy listens on any free port of `host`
 * @returns {Promise<Proxy>}
 *
 * @typedef {object} Proxy
 * @property {number} port
 * @property {boolean} up
 * @property {(milliseconds: number) => void} cut
 * @property {() => void} restore
 * @property {() => Promise<void>} stop
 */
export async function startProxy({ host, target }) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  let up = true;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  const server = await listen(
    createServer({ noDelay: true }, (client) => {
      client.on('error', () => client.destroy());
      if (!up) {
        client.resetAndDestroy();
        return;
      }
      const upstream = connect({ host, port: target, noDelay: true });
      upstream.on('error', () => upstream.destroy());
      for (const socket of [client, upstream]) sockets.add(socket);
      client.on('close', () => {
        sockets.delete(client);
        upstream.destroy();
      });
      upstream.on('close', () => {
        sockets.delete(upstream);
        client.destroy();
      });
      client.pipe(upstream).pipe(client);
    }),
    0,
    host,
  );

  const restore = () => {
    clearTimeout(timer);
    up = true;
  };
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: portOf(server),
    get up() {
      return up;
    },
    cut(milliseconds) {
      clearTimeout(timer);
      up = false;
      destroyAll();
      timer = setTimeout(restore, milliseconds);
    },
    restore,
    async stop() {
      clearTimeout(timer);
      const closed = new Promise((done) => server.close(done));
      destroyAll();
      await closed;
    },
  };
}
