/**
 * The other side of what is measured: a WebSocket server with just enough of MQTT to take, to answer and to flood.
 * As brokers do, it answers with one packet a frame. It does not know the contestants.
 */

import { EventEmitter, once } from 'node:events';
import { WebSocketServer } from 'ws';
import { close, HOST, portOf } from '../support/net.mjs';

/** Frames that are on their way before the next ones are made. */
const AHEAD = 512;

const PINGRESP = Buffer.from([0xd0, 0]);
const CONNACK = { 4: Buffer.from([0x20, 2, 0, 0]), 5: Buffer.from([0x20, 3, 0, 0, 0]) };

export async function startServer() {
  const sockets = new WebSocketServer({
    host: HOST,
    port: 0,
    perMessageDeflate: false,
    handleProtocols: () => 'mqtt',
    maxPayload: 64 * 2 ** 20,
  });
  const events = new EventEmitter();
  sockets.on('connection', (socket) => events.emit('peer', new Peer(socket)));
  await once(sockets, 'listening');
  return {
    url: `ws://${HOST}:${portOf(sockets)}/mqtt`,
    /** The next one that connects; to be asked for before it does. @returns {Promise<Peer>} */
    async next() {
      const [peer] = await once(events, 'peer');
      return peer;
    },
    async close() {
      for (const socket of sockets.clients) {
        socket.terminate();
      }
      await close(sockets);
    },
  };
}

/** One connection, as the server sees it. */
export class Peer {
  /** PUBLISH packets that came. */
  published = 0;
  /** Messages that this side sent and the other acknowledged, QoS 1. */
  acknowledged = 0;
  /** WebSocket frames, and the packets in them, that came. */
  frames = 0;
  packets = 0;
  /** Whether QoS 1 and 2 are acknowledged. */
  answers = true;
  #rest = Buffer.alloc(0);
  #events = new EventEmitter();

  /** @param {import('ws').WebSocket} socket */
  constructor(socket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.frames += 1;
      this.#read(/** @type {Buffer} */ (data));
      this.#events.emit('read');
    });
  }

  /** @param {Buffer} bytes */
  #read(bytes) {
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    let at = 0;
    for (;;) {
      let start = at + 1;
      let length = 0;
      let shift = 0;
      let byte = 128;
      while (byte > 127 && start < all.length) {
        byte = all[start++] ?? 0;
        length |= (byte & 127) << shift;
        shift += 7;
      }
      if (byte > 127 || start + length > all.length) {
        this.#rest = all.subarray(at);
        return;
      }
      this.packets += 1;
      this.#take(all[at] ?? 0, all.subarray(start, start + length));
      at = start + length;
    }
  }

  /**
   * @param {number} first
   * @param {Buffer} body
   */
  #take(first, body) {
    switch (first >> 4) {
      case 1:
        this.socket.send(body[6] === 5 ? CONNACK[5] : CONNACK[4]);
        break;
      case 3: {
        this.published += 1;
        const qos = (first >> 1) & 3;
        if (qos > 0 && this.answers) {
          this.#answer(qos === 1 ? 0x40 : 0x50, body, 2 + body.readUInt16BE(0));
        }
        break;
      }
      case 4:
        this.acknowledged += 1;
        break;
      case 6:
        this.#answer(0x70, body, 0);
        break;
      case 8:
        this.socket.send(Buffer.from([0x90, 3, body[0] ?? 0, body[1] ?? 0, body[body.length - 1] ?? 0]));
        break;
      case 12:
        this.socket.send(PINGRESP);
        break;
    }
  }

  /**
   * @param {number} type
   * @param {Buffer} body
   * @param {number} at
   */
  #answer(type, body, at) {
    this.socket.send(Buffer.from([type, 2, body[at] ?? 0, body[at + 1] ?? 0]));
  }

  /**
   * Resolves once what came fulfils the condition.
   *
   * @param {(peer: Peer) => boolean} condition
   */
  async until(condition) {
    while (!condition(this)) {
      await once(this.#events, 'read');
    }
  }

  /**
   * Sends so many frames as fast as they are taken.
   *
   * @param {number} count
   * @param {(index: number) => Buffer} frame
   */
  async flood(count, frame) {
    for (let index = 0; index < count; ) {
      const end = Math.min(count, index + AHEAD);
      for (; index < end - 1; index++) {
        this.socket.send(frame(index));
      }
      const last = frame(index++);
      await new Promise((resolve) => this.socket.send(last, resolve));
    }
  }

  end() {
    this.socket.terminate();
  }
}
