/**
 * Exchanges of packets, written down, with mosquitto and with the broker in memory: both answer the same. Each client
 * ends each step with a ping, so that all that its broker had to say is there.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { createBroker } from '../../dist/testing.js';
import { startMosquitto } from '../support/mosquitto.mjs';
import { source } from '../support/source.mjs';

const { decode, encode, PacketSplitter } = await source('packets/decode', 'packets/encode', 'packets/splitter');
const mosquitto = await startMosquitto();

/** @typedef {{ type: string, [name: string]: any }} Packet */

/** What both may say as they like: limits of the server's own, names that it gives, texts. */
function comparable(/** @type {Packet} */ packet) {
  const { properties = {}, payload, ...others } = packet;
  const { reasonString, topicAliasMaximum, receiveMaximum, maximumPacketSize, assignedClientIdentifier, ...kept } =
    properties;
  const assigned = assignedClientIdentifier === undefined ? {} : { assigned: true };
  const bytes = payload === undefined ? {} : { payload: Buffer.from(payload).toString() };
  return { ...others, ...bytes, ...assigned, properties: kept };
}

/** A client that says what it is told to, by the WebSocket that `make` gives. */
class Peer {
  /** @type {Packet[]} */
  heard = [];
  closed = false;
  clientId = '';
  #splitter = new PacketSplitter(4);
  #wake = () => {};

  constructor(/** @type {any} */ socket) {
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => {
      for (const bytes of this.#splitter.push(new Uint8Array(data))) {
        this.heard.push(structuredClone(decode(bytes, this.#splitter.version, 'server')));
      }
      this.#wake();
    };
    socket.onclose = () => {
      this.closed = true;
      this.#wake();
    };
    socket.onerror = () => {};
    this.opened = new Promise((resolve) => {
      socket.onopen = resolve;
    });
  }

  async send(/** @type {Packet} */ packet) {
    await this.opened;
    if (packet.type === 'connect') {
      this.clientId = packet.clientIdentifier;
      this.#splitter.version = packet.version;
    }
    this.socket.send(encode(packet, this.#splitter.version));
  }

  /** All that was said up to now. */
  async turn() {
    if (!this.closed) {
      await this.send({ type: 'pingreq' });
    }
    while (!this.closed && !this.heard.some(({ type }) => type === 'pingresp')) {
      await new Promise((resolve) => {
        this.#wake = () => resolve(undefined);
      });
    }
    const said = this.heard.splice(0).filter(({ type }) => type !== 'pingresp');
    return [...said.map(comparable), ...(this.closed ? [{ type: 'closed' }] : [])];
  }
}

/**
 * Where an exchange is played. `cut` breaks the line of a client, and waits until its broker knows.
 *
 * @typedef {{ make: (protocol: string) => any, cut: (peer: Peer) => Promise<void> }} World
 */

/** @type {World} */
const REAL = {
  make: (protocol) => new WebSocket(mosquitto.url, protocol),
  cut: async ({ socket, clientId }) => {
    const told = `Client ${clientId} closed its connection`;
    const before = mosquitto.countLogged(new RegExp(told, 'g'));
    socket.terminate();
    await mosquitto.logged(new RegExp(`(${told}[^]*){${before + 1}}`));
  },
};

/** @param {import('../../dist/testing.js').Broker} broker @returns {World} */
const memory = (broker) => ({
  make: (protocol) => broker.factory(broker.url, protocol),
  cut: async ({ clientId }) => broker.cut({ clientId }),
});

/**
 * A step is a client's name and the packets it sends; `cut` breaks its line; without packets it listens.
 *
 * @typedef {[name: string, ...packets: (Packet | 'cut')[]]} Step
 *
 * @param {Step[]} steps
 * @param {World} world
 * @param {string} protocol
 */
async function played(steps, { make, cut }, protocol) {
  /** @type {Map<string, Peer>} */
  const peers = new Map();
  const log = [];
  for (const [name, ...packets] of steps) {
    const old = peers.get(name);
    const peer = old && !old.closed ? old : new Peer(make(protocol));
    peers.set(name, peer);
    for (const packet of packets) {
      if (packet === 'cut') {
        peers.delete(name);
        await cut(peer);
      } else {
        await peer.send(packet);
      }
    }
    log.push([name, packets.includes('cut') ? 'cut' : await peer.turn()]);
  }
  for (const { socket } of peers.values()) {
    socket.close();
  }
  return log;
}

const connect = (/** @type {number} */ version, /** @type {string} */ clientIdentifier, more = {}) => ({
  ...{ type: 'connect', version, clientIdentifier, cleanStart: true, keepAlive: 60 },
  ...more,
});
const subscribe = (
  /** @type {number} */ packetIdentifier,
  /** @type {string} */ filter,
  options = {},
  properties = {},
) => ({
  ...{ type: 'subscribe', packetIdentifier, subscriptions: [{ filter, ...options }], properties },
});
const publish = (/** @type {string} */ topic, /** @type {string} */ text, more = {}) => ({
  ...{ type: 'publish', topic, payload: Buffer.from(text), ...more },
});
const ack = (/** @type {string} */ type, /** @type {number} */ packetIdentifier) => ({ type, packetIdentifier });

/** @type {Record<string, (version: number, id: string) => Step[]>} */
const EXCHANGES = {
  'messages of each QoS': (v, id) => [
    ['a', connect(v, `${id}a`)],
    ['a', subscribe(1, `${id}/+`, { qos: 1 }), subscribe(2, `${id}/two/#`, { qos: 2 })],
    ['b', connect(v, `${id}b`)],
    ['b', publish(`${id}/x`, '0'), publish(`${id}/x`, '1', { qos: 1, packetIdentifier: 7 })],
    ['b', publish(`${id}/two/y`, '2', { qos: 2, packetIdentifier: 8 })],
    ['b', ack('pubrel', 8)],
    ['a'],
    ['a', ack('puback', 1), ack('pubrec', 2)],
    ['a', ack('pubcomp', 2)],
    ['b', publish(`nobody/${id}`, '1', { qos: 1, packetIdentifier: 9 })],
    ['a', { type: 'unsubscribe', packetIdentifier: 3, filters: [`${id}/+`, 'never'] }],
    ['b', publish(`${id}/x`, 'not any more')],
    ['a'],
    ['a', { type: 'disconnect' }],
  ],
  'QoS 2 that is sent again': (v, id) => [
    ['a', connect(v, `${id}a`)],
    ['a', subscribe(1, id, { qos: 2 })],
    ['a', publish(id, 'once', { qos: 2, packetIdentifier: 5 })],
    ['a', publish(id, 'once', { qos: 2, packetIdentifier: 5, duplicate: true })],
    ['a', ack('pubrel', 5), ack('pubrec', 1)],
    ['a', ack('pubcomp', 1)],
  ],
  'retained messages': (v, id) => [
    ['a', connect(v, `${id}a`)],
    [
      'a',
      publish(`${id}/1`, 'one', { retain: true }),
      publish(`${id}/2`, 'two', { retain: true, qos: 1, packetIdentifier: 1 }),
    ],
    ['b', connect(v, `${id}b`)],
    ['b', subscribe(1, `${id}/1`, { qos: 1 })],
    ['b', subscribe(2, `${id}/2`, { qos: 1 })],
    ['a', publish(`${id}/1`, 'live', { retain: true })],
    ['b', ack('puback', 1)],
    ['a', publish(`${id}/1`, '', { retain: true }), publish(`${id}/2`, '', { retain: true })],
    ['c', connect(v, `${id}c`)],
    ['c', subscribe(1, `${id}/+`)],
  ],
  'a session that is kept': (v, id) => {
    const kept = { cleanStart: false, ...(v === 5 && { properties: { sessionExpiryInterval: 60 } }) };
    return [
      ['a', connect(v, `${id}a`, kept)],
      ['a', subscribe(1, id, { qos: 2 })],
      ['a', { type: 'disconnect' }],
      ['b', connect(v, `${id}b`)],
      [
        'b',
        publish(id, '0'),
        publish(id, '1', { qos: 1, packetIdentifier: 1 }),
        publish(id, '2', { qos: 2, packetIdentifier: 2 }),
      ],
      ['b', ack('pubrel', 2)],
      ['a', connect(v, `${id}a`, kept)],
      ['a'],
      ['a', ack('puback', 1), ack('pubrec', 2)],
      ['a', 'cut'],
      ['a', connect(v, `${id}a`, kept)],
      ['a', ack('pubcomp', 2)],
      ['a', { type: 'disconnect' }],
      ['a', connect(v, `${id}a`)],
      ['a'],
    ];
  },
  'what is not acknowledged comes again': (v, id) => {
    const kept = { cleanStart: false, ...(v === 5 && { properties: { sessionExpiryInterval: 60 } }) };
    return [
      ['a', connect(v, `${id}a`, kept)],
      ['a', subscribe(1, id, { qos: 1 })],
      ['a', publish(id, '1', { qos: 1, packetIdentifier: 1 })],
      ['a', 'cut'],
      ['a', connect(v, `${id}a`, kept)],
      ['a'],
      ['a', ack('puback', 1)],
      ['a', 'cut'],
      ['a', connect(v, `${id}a`, kept)],
      ['a'],
      ['a', { type: 'disconnect' }],
    ];
  },
  'a will': (v, id) => {
    const will = { topic: id, payload: Buffer.from('gone'), qos: 1 };
    return [
      ['a', connect(v, `${id}a`)],
      ['a', subscribe(1, id)],
      ['b', connect(v, `${id}b`, { will })],
      ['b', { type: 'disconnect' }],
      ['a'],
      ['b', connect(v, `${id}b`, { will })],
      ['b', 'cut'],
      ['a'],
    ];
  },
  'a client that is taken over': (v, id) => [
    ['a', connect(v, `${id}a`)],
    ['other', connect(v, `${id}a`)],
    ['a'],
    ['other'],
  ],
};

/** Of 3.x alone: in 5.0 this broker says why it leaves, and mosquitto just does. @type {typeof EXCHANGES} */
const OF_3 = {
  'what breaks the specification': (v, id) => [
    ['a', connect(v, `${id}a`)],
    ['a', connect(v, `${id}a`)],
  ],
};

/** Of 5.0 alone. @type {typeof EXCHANGES} */
const OF_5 = {
  'Subscription Options': (v, id) => [
    ['a', connect(v, `${id}a`)],
    ['a', subscribe(1, `${id}/local`, { noLocal: true }), subscribe(2, `${id}/flag`, { retainAsPublished: true })],
    ['a', publish(`${id}/local`, 'own'), publish(`${id}/flag`, 'kept', { retain: true }), publish(`${id}/flag`, 'not')],
    ['a', subscribe(3, `${id}/flag`, { retainHandling: 1 })],
    ['a', subscribe(4, `${id}/flag`, { retainHandling: 2 })],
    // mosquitto does not replace the other options of a subscription that is there (3.8.4).
    ['a', { type: 'unsubscribe', packetIdentifier: 5, filters: [`${id}/flag`] }],
    ['a', subscribe(6, `${id}/flag`)],
    ['a', publish(`${id}/flag`, '', { retain: true })],
  ],
  'identifiers, properties and aliases': (v, id) => [
    ['a', connect(v, `${id}a`, { properties: { requestProblemInformation: true } })],
    ['a', subscribe(1, id, { qos: 1 }, { subscriptionIdentifiers: [77] })],
    [
      'a',
      publish(id, 'x', {
        properties: {
          ...{
            payloadFormatIndicator: 1,
            contentType: 'text/plain',
            responseTopic: 'answer',
            correlationData: Uint8Array.of(1, 2),
          },
          ...{
            messageExpiryInterval: 3600,
            userProperties: [
              ['a', '1'],
              ['a', '2'],
              ['b', ''],
            ],
            topicAlias: 3,
          },
        },
      }),
      publish('', 'by alias', { properties: { topicAlias: 3 } }),
    ],
    ['a', publish('', 'unknown', { properties: { topicAlias: 4 } })],
  ],
  'shared subscriptions': (v, id) => [
    ['a', connect(v, `${id}a`)],
    ['a', subscribe(1, `$share/g/${id}`)],
    ['a', publish(id, '1'), publish(id, '2')],
    ['a', { type: 'unsubscribe', packetIdentifier: 2, filters: [`$share/g/${id}`] }],
    ['a', publish(id, '3', { qos: 1, packetIdentifier: 3 })],
  ],
  'an identifier that is assigned': (v, id) => [
    ['a', connect(v, '')],
    ['a', subscribe(1, id)],
    ['a', { type: 'disconnect', reasonCode: 4 }],
  ],
  'a client that takes one at a time': (v, id) => [
    ['a', connect(v, `${id}a`, { properties: { receiveMaximum: 1 } })],
    ['a', subscribe(1, id, { qos: 1 })],
    ['a', publish(id, '1', { qos: 1, packetIdentifier: 1 }), publish(id, '2', { qos: 1, packetIdentifier: 2 })],
    ['a', ack('puback', 1)],
    ['a', ack('puback', 2)],
  ],
  'a client that takes small packets': (v, id) => [
    ['a', connect(v, `${id}a`, { properties: { maximumPacketSize: 40 } })],
    ['a', subscribe(1, id, { qos: 1 })],
    ['b', connect(v, `${id}b`)],
    ['b', publish(id, 'x'.repeat(40)), publish(id, 'small')],
    ['a'],
  ],
};

const all = [3, 4, 5].flatMap((version) =>
  Object.entries({ ...EXCHANGES, ...(version === 5 ? OF_5 : OF_3) }).map(
    (entry) => /** @type {const} */ ([version, ...entry]),
  ),
);
all.forEach(([version, name, steps], index) => {
  test(`MQTT version ${version}: ${name}`, { timeout: 20_000 }, async () => {
    const broker = createBroker();
    const protocol = version === 3 ? 'mqttv3.1' : 'mqtt';
    const script = steps(version, `x${index}`);
    const [theirs, ours] = await Promise.all([
      played(script, REAL, protocol),
      played(script, memory(broker), protocol),
    ]);
    broker.close();
    assert.deepEqual(ours, theirs);
  });
});
