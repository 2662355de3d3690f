/** A bare WebSocket: one packet a frame, as little read of a packet as possible, no topics, one handler. */

import { connectPacket, head, publishPacket, readHead, subscribePacket } from './packets.js';

export async function connect(url) {
  const socket = new WebSocket(url, 'mqtt');
  socket.binaryType = 'arraybuffer';
  const waiting = new Map();
  const packets = new Map();
  let identifier = 0;
  let handler;
  let accepted;

  const acknowledge = (type, bytes, at) => socket.send(Uint8Array.of(type, 2, bytes[at], bytes[at + 1]));
  const settle = (id) => {
    const resolve = waiting.get(id);
    waiting.delete(id);
    resolve?.();
  };
  const nextIdentifier = () => {
    identifier = (identifier % 0xffff) + 1;
    return identifier;
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
          handler(at - after - (qos > 0 ? 2 : 0));
          if (qos === 1) {
            acknowledge(0x40, bytes, after);
          }
          break;
        }
        case 5:
          acknowledge(0x62, bytes, start);
          break;
        default:
          settle((bytes[start] << 8) | bytes[start + 1]);
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
    subscribe(filter, qos, onMessage) {
      handler = onMessage;
      const id = nextIdentifier();
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        socket.send(subscribePacket(id, filter, qos));
      });
    },
    publish(topic, payload, qos) {
      const key = `${qos} ${topic}`;
      let made = packets.get(key);
      if (made === undefined) {
        made = publishPacket(topic, payload, qos);
        packets.set(key, made);
      }
      const { packet, identifierAt } = made;
      if (qos === 0) {
        socket.send(packet);
        return undefined;
      }
      const id = nextIdentifier();
      packet[identifierAt] = id >> 8;
      packet[identifierAt + 1] = id;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        socket.send(packet);
      });
    },
    close: () => socket.close(),
  };
}
