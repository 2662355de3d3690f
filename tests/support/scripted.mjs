/**
 * A WebSocket server that reads no MQTT: a test says in bytes what it answers, for what no broker at hand does.
 * It does not know what the bytes mean.
 */

import { EventEmitter, once } from 'node:events';
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
  const events = new EventEmitter();
  /** @type {Buffer[]} */
  const received = [];
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const packet = /** @type {Buffer} */ (data);
      received.push(packet);
      events.emit('message');
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

  /** The messages of that type of packet, in hex, once there are so many of them. */
  const packets = async (/** @type {number} */ type, /** @type {number} */ count) => {
    for (;;) {
      const all = received.filter((packet) => packet[0] !== undefined && packet[0] >> 4 === type);
      if (all.length >= count) {
        return all.map((packet) => packet.toString('hex'));
      }
      await once(events, 'message');
    }
  };
  return { url: `ws://${HOST}:${portOf(server)}/`, received, packets };
}
