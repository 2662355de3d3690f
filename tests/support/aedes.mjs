/**
 * aedes in this process, on TCP and on WebSocket: it speaks 3.1.1 only, and takes packets of any size.
 * It does not know who connects.
 */

import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { Aedes } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { atEnd } from './cleanup.mjs';
import { close, HOST, listen, portOf } from './net.mjs';

/** Starts one and stops it at the end of the file. */
export async function startAedes() {
  const broker = await Aedes.createBroker();
  const tcp = await listen(createTcpServer(broker.handle));
  const http = createHttpServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({
    server: http,
    maxPayload: 300 << 20,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  sockets.on('connection', (socket, request) => {
    const stream = createWebSocketStream(socket);
    stream.on('error', () => socket.terminate());
    broker.handle(stream, request);
  });
  await listen(http);
  atEnd(async () => {
    for (const socket of sockets.clients) {
      socket.terminate();
    }
    await close(broker);
    await Promise.all([close(tcp), close(http), close(sockets)]);
  });
  return {
    broker,
    url: `ws://${HOST}:${portOf(http)}/`,
    tcpUrl: `mqtt://${HOST}:${portOf(tcp)}`,
  };
}
