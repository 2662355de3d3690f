/**
 * A WebSocket server that reads no MQTT: a test says in bytes what it answers, for what no broker at hand does.
 * It does not know what the bytes mean.
 */

import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { atEnd } from './cleanup.mjs';
import { close, HOST, portOf } from './net.mjs';

/** CONNACK with success, of 5.0 and of 3.1.1. */
export const CONNACK = { 4: [0x20, 2, 0, 0], 5: [0x20, 3, 0, 0, 0] };

/**
 * @param {(packet: Buffer, send: (bytes: number[]) => void, socket: import('ws').WebSocket) => void} onMessage
 *   called for every WebSocket message
 */
export async function startScripted(onMessage) {
  const server = new WebSocketServer({ host: HOST, port: 0, handleProtocols: (offered) => [...offered][0] ?? false });
  /** @type {Buffer[]} */
  const received = [];
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const packet = /** @type {Buffer} */ (data);
      received.push(packet);
      onMessage(packet, (bytes) => socket.send(Buffer.from(bytes)), socket);
    });
  });
  await once(server, 'listening');
  atEnd(async () => {
    for (const socket of server.clients) {
      socket.terminate();
    }
    await close(server);
  });
  return { url: `ws://${HOST}:${portOf(/** @type {any} */ (server))}/`, received, server };
}
