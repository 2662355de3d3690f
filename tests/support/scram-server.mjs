/**
 * A server of MQTT 5.0 over WebSocket that lets in who knows the password, by SCRAM-SHA-256, and answers pings.
 * It does not know the client.
 */

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { connack, startPacketServer } from './packet-server.mjs';

const METHOD = 'SCRAM-SHA-256';
const ITERATIONS = 4096;

const hmac = (key, data) => createHmac('sha256', key).update(data).digest();
const attributes = (data) =>
  Object.fromEntries(
    String(data)
      .split(',')
      .map((part) => [part[0], part.slice(2)]),
  );

/** @param {Record<string, string>} users passwords by user name */
export async function startScramServer(users) {
  const events = new EventEmitter();
  const scram = {
    url: '',
    get connections() {
      return server.connections;
    },
    renewals: 0,
    /** The last data does not prove anything. */
    forgesProof: false,
    /** Resolves when there have been so many renewals. */
    async renewed(/** @type {number} */ count) {
      while (scram.renewals < count) {
        await once(events, 'renewed');
      }
    },
  };
  const data = (text) => ({ authenticationMethod: METHOD, authenticationData: Buffer.from(text) });

  const begin = ({ send, state }, message) => {
    state.first = String(message).slice(3);
    const { r } = attributes(state.first);
    const nonce = r + randomBytes(12).toString('base64');
    state.challenge = `r=${nonce},s=${randomBytes(12).toString('base64')},i=${ITERATIONS}`;
    send({ cmd: 'auth', reasonCode: 0x18, properties: data(state.challenge) });
  };

  const end = ({ send, close, state }, message) => {
    const { s } = attributes(state.challenge);
    const { p } = attributes(message);
    const password = users[attributes(state.first).n ?? ''] ?? '';
    const salted = pbkdf2Sync(password, Buffer.from(s ?? '', 'base64'), ITERATIONS, 32, 'sha256');
    const clientKey = hmac(salted, 'Client Key');
    const all = `${state.first},${state.challenge},${String(message).split(',p=')[0]}`;
    const signature = hmac(createHash('sha256').update(clientKey).digest(), all);
    const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)));
    const verdict = hmac(hmac(salted, 'Server Key'), scram.forgesProof ? 'forged' : all).toString('base64');
    const properties = data(`v=${verdict}`);
    if (!proof.equals(Buffer.from(p ?? '', 'base64'))) {
      send(state.connected ? { cmd: 'disconnect', reasonCode: 0x87 } : connack({ reasonCode: 0x87 }));
      close();
    } else if (state.connected) {
      send({ cmd: 'auth', reasonCode: 0, properties });
      scram.renewals++;
      events.emit('renewed');
    } else {
      state.connected = true;
      send(connack({ properties }));
    }
  };

  const server = await startPacketServer((packet, line) => {
    const message = packet.properties?.authenticationData;
    if (packet.cmd === 'connect' || (packet.cmd === 'auth' && packet.reasonCode === 0x19)) {
      begin(line, message);
    } else if (packet.cmd === 'auth') {
      end(line, message);
    } else if (packet.cmd === 'pingreq') {
      line.send({ cmd: 'pingresp' });
    }
  });
  scram.url = server.url;
  return scram;
}
