/** The servers of the suite, which speak MQTT over TCP there, over WebSocket: a page has no other. */

import { createServer } from 'node:http';
import ws from 'ws';
import { afterCase } from './mqttjs-cases.mjs';
import Connection from './mqttjs-connection.mjs';

/** @typedef {(client: unknown) => void} Listener */

/** @param {Listener | undefined} listener @param {boolean} waits for CONNECT before the client is told of */
function serve(listener, waits) {
  const server = createServer();
  /** @type {import('node:stream').Duplex[]} */
  const connections = [];
  new ws.Server({ server, perMessageDeflate: false }).on('connection', (socket) => {
    const stream = ws.createWebSocketStream(socket);
    stream.on('error', () => {});
    connections.push(stream);
    const told = () => server.emit('client', connection);
    const connection = waits ? new Connection(stream, told) : new Connection(stream);
    connection.on('error', () => {});
    if (!waits) {
      told();
    }
  });
  if (listener) {
    server.on('client', listener);
  }
  const { listen } = server;
  server.listen = (/** @type {any[]} */ ...args) => {
    afterCase('servers', () => {
      for (const connection of connections) {
        connection.destroy();
      }
      return new Promise((resolve) => server.close(resolve));
    });
    return listen.apply(server, /** @type {any} */ (args));
  };
  return Object.assign(server, { connectionList: connections });
}

export function MqttServer(/** @type {Listener} */ listener) {
  return serve(listener, true);
}

export function MqttServerNoWait(/** @type {Listener} */ listener) {
  return serve(listener, false);
}

export function MqttSecureServer(/** @type {unknown} */ options, /** @type {Listener} */ listener) {
  return serve(typeof options === 'function' ? /** @type {Listener} */ (options) : listener, true);
}
