/**
 * The embedded broker: aedes in this process, on plain TCP and on WebSocket.
 * It does not know the devices, the page or the proxy in front of its WebSocket port.
 */
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { Duplex } from 'node:stream';
import { Aedes } from 'aedes';
import { WebSocketServer } from 'ws';
import { listen, portOf } from './free-port.mjs';

const SUBPROTOCOLS = ['mqtt', 'mqttv3.1'];
const MAX_FRAME = 300 * 1024 * 1024;

/**
 * @param {{ host: string }} options
 * @returns {Promise<import('./main.mjs').Broker>}
 */
export async function startAedes({ host }) {
  const broker = await Aedes.createBroker();
  const tcp = await listen(createTcpServer(broker.handle), 0, host);
  const http = createHttpServer((_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain' }).end('MQTT over WebSocket only\n');
  });
  const sockets = new WebSocketServer({
    server: http,
    maxPayload: MAX_FRAME,
    handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
  });
  sockets.on('connection', (socket, request) => broker.handle(streamOf(socket), request));
  await listen(http, 0, host);

  return {
    name: 'aedes',
    version: await installedVersion(),
    deviceProtocol: 4,
    tcpPort: portOf(tcp),
    webSocketPort: portOf(http),
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((done) => broker.close(() => done(undefined)));
      await Promise.all([tcp, http, sockets].map((server) => new Promise((done) => server.close(done))));
    },
  };
}

async function installedVersion() {
  const manifest = await readFile(new URL('./package.json', import.meta.resolve('aedes')), 'utf8');
  return JSON.parse(manifest).version;
}

/**
 * A WebSocket as a byte stream; what is written in one turn leaves as one binary frame.
 * @param {import('ws').WebSocket} socket
 */
function streamOf(socket) {
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk, _encoding, done) => send(socket, chunk, done),
    writev: (chunks, done) => send(socket, Buffer.concat(chunks.map(({ chunk }) => chunk)), done),
    final: (done) => {
      socket.close();
      done();
    },
    destroy: (error, done) => {
      socket.terminate();
      done(error);
    },
  });
  socket.on('message', (data) => {
    if (!stream.push(data)) socket.pause();
  });
  socket.on('close', () => {
    if (stream.readableEnded) return;
    stream.push(null);
    stream.destroy();
  });
  socket.on('error', (error) => stream.destroy(error));
  return stream;
}

/**
 * @param {import('ws').WebSocket} socket
 * @param {Buffer} bytes
 * @param {(error?: Error | null) => void} done
 */
function send(socket, bytes, done) {
  if (socket.readyState !== socket.OPEN) return done(new Error('The WebSocket is closed'));
  socket.send(bytes, { binary: true }, done);
}
