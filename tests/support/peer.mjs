/**
 * The other side: MQTT.js over plain TCP. It keeps what arrives, in order, and lets a test wait for it.
 * It does not know the page.
 */

import { EventEmitter, once } from 'node:events';
import { connectAsync } from 'mqtt';
import { atEnd } from './cleanup.mjs';

/**
 * @typedef {object} Received
 * @property {string} topic
 * @property {Buffer} payload
 * @property {string} text
 * @property {import('mqtt').IPublishPacket} packet
 */

/**
 * Connects and is ended with the file at the latest.
 *
 * @param {{ tcpUrl: string }} broker
 * @param {import('mqtt').IClientOptions} [options] MQTT 5.0 when they do not say otherwise
 */
export async function connectPeer(broker, options = {}) {
  const client = await connectAsync(broker.tcpUrl, { protocolVersion: 5, reconnectPeriod: 0, ...options });
  const peer = new Peer(client);
  atEnd(() => peer.end());
  return peer;
}

export class Peer {
  /** @type {Received[]} */
  received = [];
  #taken = 0;
  #events = new EventEmitter();

  /** @param {import('mqtt').MqttClient} client */
  constructor(client) {
    this.client = client;
    client.on('error', () => {});
    client.on('message', (topic, payload, packet) => {
      this.received.push({ topic, payload, text: payload.toString(), packet });
      this.#events.emit('message');
    });
  }

  /**
   * @param {string} filter
   * @param {import('mqtt').IClientSubscribeOptions} [options] QoS 2 when they do not say otherwise
   */
  async subscribe(filter, options = { qos: 2 }) {
    await this.client.subscribeAsync(filter, options);
  }

  /**
   * @param {string} topic
   * @param {string | Buffer} payload
   * @param {import('mqtt').IClientPublishOptions} [options]
   */
  async publish(topic, payload, options = {}) {
    await this.client.publishAsync(topic, payload, options);
  }

  /** The next message that was not taken yet. */
  async next() {
    const [message] = await this.take(1);
    if (message === undefined) {
      throw new Error('there is no message');
    }
    return message;
  }

  /**
   * The next messages that were not taken yet.
   *
   * @param {number} count
   * @returns {Promise<Received[]>}
   */
  async take(count) {
    await this.holds((all) => all.length >= this.#taken + count);
    this.#taken += count;
    return this.received.slice(this.#taken - count, this.#taken);
  }

  /**
   * Resolves once what has been received so far fulfils the condition.
   *
   * @param {(all: Received[]) => boolean} condition
   */
  async holds(condition) {
    while (!condition(this.received)) {
      await once(this.#events, 'message');
    }
  }

  /** The next CONNACK, for a peer that comes back by itself. */
  connected() {
    return new Promise((resolve) => this.client.once('connect', resolve));
  }

  async end() {
    await this.client.endAsync(true);
  }
}
