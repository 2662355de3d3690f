/**
 * A broker inside the page, behind sockets of its own: what tests need where no server can be.
 * It speaks MQTT 3.1.1 and 5.0, keeps retained messages, and writes down what it receives.
 */

const OPEN = 1;
const CLOSED = 3;

/** Names of the packet types, by their number. */
const NAMES = [
  'RESERVED',
  'CONNECT',
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'SUBACK',
  'UNSUBSCRIBE',
  'UNSUBACK',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
  'AUTH',
];

export class Broker {
  /** @param {{ synchronous?: boolean, split?: number, merge?: boolean }} [options] */
  constructor(options = {}) {
    this.synchronous = options.synchronous === true;
    this.split = options.split ?? 0;
    this.sockets = new Set();
    this.retained = new Map();
    this.packets = [];
    this.frames = 0;
    this.connections = 0;
    this.refusals = 0;
    this.logins = [];
    this.shape = (bytes) => bytes.buffer;
  }

  /** The function for `websocket.factory`. */
  factory() {
    return (url, protocols) => {
      this.connections += 1;
      if (this.refusals > 0) {
        this.refusals -= 1;
        throw new DOMException('not allowed here', 'SecurityError');
      }
      const socket = new Socket(this, url, protocols);
      this.sockets.add(socket);
      return socket;
    };
  }

  /** The next `count` sockets cannot be made. */
  refuse(count) {
    this.refusals = count;
  }

  /** Every connection breaks without a close frame. */
  drop() {
    for (const socket of [...this.sockets]) socket.finish(1006, '', false);
  }

  /** A text message to every client, which MQTT forbids. */
  sendText(text) {
    for (const socket of this.sockets) socket.deliver(text);
  }

  /** Publishes to all subscribers, as another client would. */
  publish(topic, payload, qos) {
    for (const socket of this.sockets) socket.forward(topic, payload, qos, false);
  }

  /** Names of the packets received so far, one space between. */
  received() {
    return this.packets.join(' ');
  }

  receivedFrames() {
    return this.frames;
  }

  attempts() {
    return this.connections;
  }

  users() {
    return this.logins.join(' ');
  }
}

/** Looks like a `WebSocket` to the driver. */
class Socket {
  constructor(broker, url, protocols) {
    this.broker = broker;
    this.url = url;
    this.protocol = protocols[0];
    this.binaryType = 'blob';
    this.readyState = 0;
    this.bufferedAmount = 0;
    this.onopen = null;
    this.onmessage = null;
    this.onclose = null;
    this.onerror = null;
    this.version = 4;
    this.filters = new Map();
    this.identifier = 0;
    this.held = new Map();
    setTimeout(() => {
      if (this.readyState !== 0) return;
      this.readyState = OPEN;
      this.onopen?.(new Event('open'));
    });
  }

  send(bytes) {
    if (this.readyState !== OPEN) throw new DOMException('not open', 'InvalidStateError');
    this.broker.frames += 1;
    let rest = bytes;
    while (rest.length > 0) {
      const [length, header] = readLength(rest, 1);
      this.packet(rest[0], rest.subarray(header, header + length));
      rest = rest.subarray(header + length);
    }
  }

  close(code, reason) {
    setTimeout(() => this.finish(code, reason, true));
  }

  finish(code, reason, wasClean) {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.broker.sockets.delete(this);
    this.onclose?.(new CloseEvent('close', { code, reason, wasClean }));
  }

  packet(first, body) {
    const type = first >> 4;
    this.broker.packets.push(NAMES[type]);
    const answer = {
      1: () => this.connect(body),
      3: () => this.publish(first, body),
      5: () => this.reply(0x62, [body[0], body[1]]),
      6: () => {
        this.reply(0x70, [body[0], body[1]]);
        this.release((body[0] << 8) | body[1]);
      },
      8: () => this.subscribe(body),
      10: () => this.unsubscribe(body),
      12: () => this.reply(0xd0, []),
      14: () => this.finish(1000, '', true),
    }[type];
    answer?.();
  }

  connect(body) {
    this.version = body[6];
    const flags = body[7];
    let at = 10;
    if (this.version === 5) at = skipProperties(body, at);
    at += 2 + ((body[at] << 8) | body[at + 1]);
    if ((flags & 0x80) !== 0) this.broker.logins.push(readText(body, at)[0]);
    // Topic Alias Maximum 0, Assigned Client Identifier none, Receive Maximum 20.
    this.reply(0x20, this.version === 5 ? [0, 0, 3, 0x21, 0, 20] : [0, 0]);
  }

  publish(first, body) {
    const qos = (first >> 1) & 3;
    let [topic, at] = readText(body, 0);
    let identifier = 0;
    if (qos > 0) {
      identifier = (body[at] << 8) | body[at + 1];
      at += 2;
    }
    if (this.version === 5) at = skipProperties(body, at);
    const payload = body.slice(at);
    const publication = { topic, payload, qos, retain: (first & 1) !== 0 };
    if (qos === 2) {
      this.held.set(identifier, publication);
      this.reply(0x50, [identifier >> 8, identifier & 0xff]);
      return;
    }
    if (qos === 1) this.reply(0x40, [identifier >> 8, identifier & 0xff]);
    this.distribute(publication);
  }

  release(identifier) {
    const publication = this.held.get(identifier);
    this.held.delete(identifier);
    if (publication !== undefined) this.distribute(publication);
  }

  distribute({ topic, payload, qos, retain }) {
    if (retain) this.broker.retained.set(topic, { payload, qos });
    for (const socket of this.broker.sockets) socket.forward(topic, payload, qos, false);
  }

  subscribe(body) {
    let at = 2;
    if (this.version === 5) at = skipProperties(body, at);
    const granted = [];
    const added = [];
    while (at < body.length) {
      const [filter, next] = readText(body, at);
      const qos = body[next] & 3;
      at = next + 1;
      const refused = filter.startsWith('forbidden/');
      granted.push(refused ? (this.version === 5 ? 0x87 : 0x80) : qos);
      if (refused) continue;
      this.filters.set(filter, qos);
      added.push(filter);
    }
    const properties = this.version === 5 ? [0] : [];
    this.reply(0x90, [body[0], body[1], ...properties, ...granted]);
    for (const [topic, { payload, qos }] of this.broker.retained) {
      if (added.some((filter) => matches(filter, topic))) this.forward(topic, payload, qos, true);
    }
  }

  unsubscribe(body) {
    let at = 2;
    if (this.version === 5) at = skipProperties(body, at);
    const codes = [];
    while (at < body.length) {
      const [filter, next] = readText(body, at);
      this.filters.delete(filter);
      codes.push(0);
      at = next;
    }
    this.reply(0xb0, [body[0], body[1], ...(this.version === 5 ? [0, ...codes] : [])]);
  }

  forward(topic, payload, qos, retain) {
    let granted = -1;
    for (const [filter, most] of this.filters) {
      if (matches(filter, topic)) granted = Math.max(granted, Math.min(most, qos));
    }
    if (granted < 0) return;
    const name = new TextEncoder().encode(topic);
    const head = [name.length >> 8, name.length & 0xff, ...name];
    if (granted > 0) {
      this.identifier += 1;
      head.push(this.identifier >> 8, this.identifier & 0xff);
    }
    if (this.version === 5) head.push(0);
    const body = new Uint8Array(head.length + payload.length);
    body.set(head);
    body.set(payload, head.length);
    this.reply(0x30 | (granted << 1) | (retain ? 1 : 0), body);
  }

  reply(first, body) {
    const header = [first];
    let length = body.length;
    do {
      header.push((length & 0x7f) | (length > 0x7f ? 0x80 : 0));
      length >>= 7;
    } while (length > 0);
    const packet = new Uint8Array(header.length + body.length);
    packet.set(header);
    packet.set(body, header.length);
    const size = this.broker.split === 0 ? packet.length : this.broker.split;
    for (let at = 0; at < packet.length; at += size) {
      this.deliver(this.broker.shape(packet.slice(at, at + size)));
    }
  }

  deliver(data) {
    const give = () => {
      if (this.readyState === OPEN) this.onmessage?.(new MessageEvent('message', { data }));
    };
    if (this.broker.synchronous) give();
    else setTimeout(give);
  }
}

function readLength(bytes, at) {
  let length = 0;
  let shift = 0;
  let index = at;
  for (;;) {
    const byte = bytes[index];
    index += 1;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [length, index];
    shift += 7;
  }
}

function skipProperties(body, at) {
  const [length, next] = readLength(body, at);
  return next + length;
}

function readText(body, at) {
  const end = at + 2 + ((body[at] << 8) | body[at + 1]);
  return [new TextDecoder().decode(body.slice(at + 2, end)), end];
}

function matches(filter, topic) {
  const levels = topic.split('/');
  const parts = filter.split('/');
  for (const [index, part] of parts.entries()) {
    if (part === '#') return true;
    if (index >= levels.length) return false;
    if (part !== '+' && part !== levels[index]) return false;
  }
  return parts.length === levels.length;
}

export function newBroker(synchronous, split) {
  return new Broker({ synchronous, split });
}

/** Its sockets give buffers and views of a frame's realm; in a worker, which has no frames, of its own. */
export function newForeignBroker() {
  const frame = globalThis.document?.body.appendChild(document.createElement('iframe'));
  const realm = frame?.contentWindow ?? globalThis;
  const broker = new Broker();
  let count = 0;
  broker.shape = (bytes) => {
    const whole = new realm.Uint8Array(bytes.length + 2);
    whole.set(bytes, 1);
    count += 1;
    const shapes = [
      () => whole.slice(1, -1).buffer,
      () => whole.subarray(1, -1),
      () => new realm.DataView(whole.buffer, 1, bytes.length),
    ];
    return shapes[count % shapes.length]();
  };
  return broker;
}

/** Resolves in a later task. */
export function nextTask() {
  return new Promise((resolve) => setTimeout(resolve));
}
