/**
 * The floor that a real client can be held to: a bare WebSocket with topics as strings, a handler a filter, payloads as
 * views, promises, and frames that packets share. It checks nothing and remembers nothing for a second connection.
 */

import { connectPacket, head, readHead, subscribePacket } from './packets.js';
import { Routes } from './routes.js';

/** Bytes that wait for a frame; more leave at once. */
const FRAME = 65_536;

export async function connect(url) {
  const socket = new WebSocket(url, 'mqtt');
  socket.binaryType = 'arraybuffer';
  const utf8 = new TextEncoder();
  const text = new TextDecoder();
  const routes = new Routes();
  const waiting = new Map();
  const names = new Map();
  const topics = new Map();
  const out = new Uint8Array(FRAME);
  const { port1, port2 } = new MessageChannel();
  let used = 0;
  let asked = false;
  let identifier = 0;
  let accepted;

  const flush = () => {
    if (used > 0) {
      socket.send(out.subarray(0, used));
      used = 0;
    }
  };
  port1.onmessage = () => {
    asked = false;
    flush();
  };
  const turn = () => {
    if (!asked) {
      asked = true;
      port2.postMessage(null);
    }
  };
  const room = (bytes) => {
    if (used + bytes > FRAME) {
      flush();
    }
  };
  const acknowledge = (type, id) => {
    room(4);
    out[used++] = type;
    out[used++] = 2;
    out[used++] = id >> 8;
    out[used++] = id & 255;
    turn();
  };
  const nextIdentifier = () => {
    identifier = (identifier % 0xffff) + 1;
    return identifier;
  };
  const topicOf = (bytes, start, end) => {
    let hash = end - start;
    for (let at = start; at < end; at++) {
      hash = (Math.imul(hash, 31) + bytes[at]) | 0;
    }
    let topic = topics.get(hash);
    if (topic === undefined) {
      topic = text.decode(bytes.subarray(start, end));
      topics.set(hash, topic);
    }
    return topic;
  };

  socket.onmessage = ({ data }) => {
    const bytes = new Uint8Array(data);
    let at = 0;
    while (at < bytes.length) {
      const first = bytes[at];
      readHead(bytes, at);
      const { start, length } = head;
      at = start + length;
      switch (first >> 4) {
        case 2:
          accepted();
          break;
        case 3: {
          const after = start + 2 + ((bytes[start] << 8) | bytes[start + 1]);
          const qos = (first >> 1) & 3;
          const payload = bytes.subarray(qos > 0 ? after + 2 : after, at);
          routes.dispatch(topicOf(bytes, start + 2, after), payload);
          if (qos === 1) {
            acknowledge(0x40, (bytes[after] << 8) | bytes[after + 1]);
          }
          break;
        }
        case 5:
          acknowledge(0x62, (bytes[start] << 8) | bytes[start + 1]);
          break;
        default: {
          const id = (bytes[start] << 8) | bytes[start + 1];
          const resolve = waiting.get(id);
          waiting.delete(id);
          resolve?.();
        }
      }
    }
  };

  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  await new Promise((resolve) => {
    accepted = resolve;
    socket.send(connectPacket());
  });
  return {
    subscribe(filter, qos, handler) {
      routes.add(filter, (topic, payload) => handler(payload.length, topic));
      const id = nextIdentifier();
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        socket.send(subscribePacket(id, filter, qos));
      });
    },
    publish(topic, payload, qos) {
      let name = names.get(topic);
      if (name === undefined) {
        name = utf8.encode(topic);
        names.set(topic, name);
      }
      let length = 2 + name.length + (qos > 0 ? 2 : 0) + payload.length;
      room(length + 5);
      out[used++] = 0x30 | (qos << 1);
      do {
        out[used++] = (length & 127) | (length > 127 ? 128 : 0);
        length >>= 7;
      } while (length > 0);
      out[used++] = name.length >> 8;
      out[used++] = name.length & 255;
      out.set(name, used);
      used += name.length;
      const id = qos > 0 ? nextIdentifier() : 0;
      if (qos > 0) {
        out[used++] = id >> 8;
        out[used++] = id & 255;
      }
      out.set(payload, used);
      used += payload.length;
      turn();
      return qos > 0 ? new Promise((resolve) => waiting.set(id, resolve)) : undefined;
    },
    close: () => socket.close(),
  };
}
