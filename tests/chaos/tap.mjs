/**
 * What was said on one connection, read off the wire between a page and the broker: so that the slips of one are told
 * from those of the other. It reads WebSocket frames and the MQTT packets in them; it does not know what should be said.
 */

import { parser } from 'mqtt-packet';

/** The exchanges of one page with the broker, over all its connections. One direction carries the messages. */
export class Wire {
  /** Numbers, each in the order in which it was first sent. @type {number[]} */
  first = [];
  /** How many exchanges there were of each number; one that is sent again is the same one. @type {Map<number, number>} */
  exchanges = new Map();
  /**
   * Numbers that the receiver has answered for good, by PUBACK or PUBREC, each with its place among all that was sent: a
   * broker may send again in another order. @type {Map<number, number>}
   */
  answered = new Map();
  /** Where each was last sent. @type {Map<number, number>} */
  #sent = new Map();
  #count = 0;
  /** CONNACK without a session, but for the first one. */
  lost = 0;
  /** Of exchanges that are open. @type {Map<number, number>} */
  #open = new Map();
  #fromBroker;
  #version;
  #connected = false;
  #connections = 0;
  /** What was said of each number, for who looks into a slip. @type {Map<number, string[]>} */
  history = new Map();

  /**
   * @param {boolean} fromBroker whether the messages come from the broker
   * @param {4 | 5} version
   */
  constructor(fromBroker, version) {
    this.#fromBroker = fromBroker;
    this.#version = version;
  }

  /** A connection begins; what passes on it, in both directions, is given to what is returned. */
  connection() {
    this.#connections++;
    const packets = (/** @type {boolean} */ sender) => {
      const read = parser({ protocolVersion: this.#version });
      read.on('packet', (packet) => this.#packet(packet, sender));
      // Cut in the middle, there is nothing more to read.
      read.on('error', () => {});
      return frames((payload) => read.parse(Buffer.from(payload)));
    };
    const [fromBroker, toBroker] = [packets(this.#fromBroker), packets(!this.#fromBroker)];
    return (/** @type {Buffer} */ bytes, /** @type {boolean} */ down) => (down ? fromBroker : toBroker)(bytes);
  }

  /** @param {number} number @param {string} what */
  #note(number, what) {
    const all = this.history.get(number) ?? [];
    all.push(`${what} (connection ${this.#connections})`);
    this.history.set(number, all);
  }

  /**
   * @param {import('mqtt-packet').Packet} packet
   * @param {boolean} sender whether it is of the one who sends the messages
   */
  #packet(packet, sender) {
    const id = packet.messageId ?? 0;
    if (packet.cmd === 'connack') {
      if (!packet.sessionPresent) {
        this.lost += this.#connected ? 1 : 0;
        this.#open.clear();
      }
      this.#connected = true;
    } else if (packet.cmd === 'publish' && sender) {
      const number = Number(packet.payload);
      this.#note(number, `PUBLISH ${id}${packet.dup ? ' DUP' : ''}`);
      this.#sent.set(number, this.#count++);
      if (!this.exchanges.has(number)) {
        this.first.push(number);
      }
      if (this.#open.get(id) !== number) {
        this.#open.set(id, number);
        this.exchanges.set(number, (this.exchanges.get(number) ?? 0) + 1);
      }
    } else if (!sender && (packet.cmd === 'puback' || packet.cmd === 'pubrec')) {
      const number = this.#open.get(id) ?? -1;
      this.#note(number, `${packet.cmd.toUpperCase()} ${id}`);
      if (!this.answered.has(number)) {
        this.answered.set(number, this.#sent.get(number) ?? -1);
      }
      if (packet.cmd === 'puback') {
        this.#open.delete(id);
      }
    } else if (packet.cmd === (sender ? 'pubrel' : 'pubcomp')) {
      this.#note(this.#open.get(id) ?? -1, `${packet.cmd.toUpperCase()} ${id}`);
      // After PUBREL nothing of the same exchange is sent again but that.
      this.#open.delete(id);
    }
  }
}

/**
 * Takes bytes of a WebSocket connection, which begins with HTTP, and gives the payloads of its binary frames.
 *
 * @param {(payload: Uint8Array) => void} give
 */
function frames(give) {
  let bytes = Buffer.alloc(0);
  let http = true;
  return (/** @type {Buffer} */ more) => {
    bytes = Buffer.concat([bytes, more]);
    if (http) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) {
        return;
      }
      http = false;
      bytes = bytes.subarray(end + 4);
    }
    for (let frame = next(bytes); frame; frame = next(bytes)) {
      bytes = bytes.subarray(frame.length);
      if (frame.opcode < 3) {
        give(frame.payload);
      }
    }
  };
}

/** @param {Buffer} bytes */
function next(bytes) {
  if (bytes.length < 2) {
    return undefined;
  }
  let length = bytes[1] & 127;
  let at = 2;
  if (length === 126) {
    if (bytes.length < 4) {
      return undefined;
    }
    length = bytes.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (bytes.length < 10) {
      return undefined;
    }
    length = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  const masked = bytes[1] >= 128;
  const begin = at + (masked ? 4 : 0);
  if (bytes.length < begin + length) {
    return undefined;
  }
  const payload = Uint8Array.from(bytes.subarray(begin, begin + length));
  for (let index = 0; masked && index < length; index++) {
    payload[index] ^= bytes[at + (index & 3)] ?? 0;
  }
  return { opcode: bytes[0] & 15, payload, length: begin + length };
}
