/**
 * A server that a test scripts in packets, for what no broker at hand does: mqtt-packet reads and writes them.
 * It does not know MQTT's rules: it answers what it is told to.
 */

import { EventEmitter, once } from 'node:events';
import { generate, parser } from 'mqtt-packet';
import { WebSocketServer } from 'ws';
import { atEnd } from './cleanup.mjs';
import { close, HOST, portOf } from './net.mjs';

/**
 * @typedef {{ cmd: string, [name: string]: any }} Packet
 * @typedef {{ send: (...packets: Packet[]) => void, close: () => void, state: Record<string, any> }} Line
 *
 * @param {(packet: Packet, line: Line) => void} onPacket `state` is of the connection
 * @param {4 | 5} [protocolVersion]
 */
export async function startPacketServer(onPacket, protocolVersion = 5) {
  const options = { protocolVersion };
  const sockets = new WebSocketServer({ host: HOST, port: 0, handleProtocols: () => 'mqtt' });
  const events = new EventEmitter();
  /** @type {Packet[]} */
  const packets = [];
  let ended = 0;
  const server = {
    url: '',
    authority: '',
    connections: 0,
    /** Each connection's request of HTTP. @type {import('node:http').IncomingMessage[]} */
    requests: [],
    packets,
    /** So many connections have ended. @param {number} count */
    async gone(count) {
      while (ended < count) {
        await once(events, 'gone');
      }
    },
    /** The packets of that kind, once there are so many. */
    async received(/** @type {string} */ cmd, count = 1) {
      for (;;) {
        const all = packets.filter((packet) => packet.cmd === cmd);
        if (all.length >= count) {
          return all;
        }
        await once(events, 'packet');
      }
    },
  };
  sockets.on('connection', (socket, request) => {
    server.connections++;
    server.requests.push(request);
    const reader = parser(options);
    /** @type {Line} */
    const line = {
      send: (...all) => socket.send(Buffer.concat(all.map((packet) => generate(/** @type {any} */ (packet), options)))),
      close: () => socket.close(),
      state: {},
    };
    reader.on('packet', (packet) => {
      packets.push(packet);
      onPacket(packet, line);
      events.emit('packet');
    });
    socket.on('close', () => {
      ended++;
      events.emit('gone');
    });
    socket.on('message', (bytes) => reader.parse(/** @type {Buffer} */ (bytes)));
  });
  await once(sockets, 'listening');
  server.authority = `${HOST}:${portOf(sockets)}`;
  server.url = `ws://${server.authority}/mqtt`;
  atEnd(async () => {
    for (const socket of sockets.clients) {
      socket.terminate();
    }
    await close(sockets);
  });
  return server;
}

/** CONNACK with success, or with what is given. */
export const connack = (more = {}) => ({ cmd: 'connack', reasonCode: 0, sessionPresent: false, ...more });
