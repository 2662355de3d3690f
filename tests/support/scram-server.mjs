/**
 * A server of MQTT 5.0 over WebSocket that lets in who knows the password, by SCRAM-SHA-256, and answers pings.
 * It does not know the client.
 */

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { generate, parser } from 'mqtt-packet';
import { WebSocketServer } from 'ws';
import { atEnd } from './cleanup.mjs';
import { close, HOST, portOf } from './net.mjs';

const METHOD = 'SCRAM-SHA-256';
const ITERATIONS = 4096;
const VERSION = { protocolVersion: 5 };

const hmac = (key, data) => createHmac('sha256', key).update(data).digest();
const attributes = (data) =>
  Object.fromEntries(
    String(data)
      .split(',')
      .map((part) => [part[0], part.slice(2)]),
  );

/** @param {Record<string, string>} users passwords by user name */
export async function startScramServer(users) {
  const sockets = new WebSocketServer({ host: HOST, port: 0, handleProtocols: () => 'mqtt' });
  const events = new EventEmitter();
  const server = {
    url: '',
    connections: 0,
    renewals: 0,
    /** The last data does not prove anything. */
    forgesProof: false,
    /** Resolves when there have been so many renewals. */
    async renewed(/** @type {number} */ count) {
      while (server.renewals < count) {
        await once(events, 'renewed');
      }
    },
  };
  sockets.on('connection', (socket) => {
    server.connections++;
    const reader = parser(VERSION);
    let first = '';
    let challenge = '';
    let connected = false;
    const send = (packet) => socket.send(generate(packet, VERSION));
    const data = (text) => ({ authenticationMethod: METHOD, authenticationData: Buffer.from(text) });
    const begin = (message) => {
      first = String(message).slice(3);
      const { r } = attributes(first);
      challenge = `r=${r}${randomBytes(12).toString('base64')},s=${randomBytes(12).toString('base64')},i=${ITERATIONS}`;
      send({ cmd: 'auth', reasonCode: 0x18, properties: data(challenge) });
    };
    const end = (message) => {
      const { s } = attributes(challenge);
      const { p } = attributes(message);
      const password = users[attributes(first).n ?? ''] ?? '';
      const salted = pbkdf2Sync(password, Buffer.from(s ?? '', 'base64'), ITERATIONS, 32, 'sha256');
      const clientKey = hmac(salted, 'Client Key');
      const all = `${first},${challenge},${String(message).split(',p=')[0]}`;
      const signature = hmac(createHash('sha256').update(clientKey).digest(), all);
      const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)));
      const known = proof.equals(Buffer.from(p ?? '', 'base64'));
      const verdict = hmac(hmac(salted, 'Server Key'), server.forgesProof ? 'forged' : all).toString('base64');
      const properties = data(`v=${verdict}`);
      if (!known) {
        send(connected ? { cmd: 'disconnect', reasonCode: 0x87 } : { cmd: 'connack', reasonCode: 0x87 });
        socket.close();
      } else if (connected) {
        send({ cmd: 'auth', reasonCode: 0, properties });
        server.renewals++;
        events.emit('renewed');
      } else {
        connected = true;
        send({ cmd: 'connack', reasonCode: 0, sessionPresent: false, properties });
      }
    };
    reader.on('packet', (packet) => {
      const message = packet.properties?.authenticationData;
      if (packet.cmd === 'connect' || (packet.cmd === 'auth' && packet.reasonCode === 0x19)) {
        begin(message);
      } else if (packet.cmd === 'auth') {
        end(message);
      } else if (packet.cmd === 'pingreq') {
        send({ cmd: 'pingresp' });
      }
    });
    socket.on('message', (bytes) => reader.parse(bytes));
  });
  await once(sockets, 'listening');
  server.url = `ws://${HOST}:${portOf(sockets)}/`;
  atEnd(async () => {
    for (const socket of sockets.clients) {
      socket.terminate();
    }
    await close(sockets);
  });
  return server;
}
