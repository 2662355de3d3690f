/** Packets of MQTT 3.1.1 by hand, for the two contestants that are only a WebSocket. */

const utf8 = new TextEncoder();

/** CONNECT with a clean session and a keep-alive of 60 s. */
export function connectPacket() {
  const id = utf8.encode(`bench-${Math.random().toString(36).slice(2)}`);
  return Uint8Array.of(0x10, 12 + id.length, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, id.length, ...id);
}

/** SUBSCRIBE to one filter. */
export function subscribePacket(identifier, filter, qos) {
  const name = utf8.encode(filter);
  const body = [identifier >> 8, identifier & 255, name.length >> 8, name.length & 255, ...name, qos];
  return Uint8Array.of(0x82, ...remainingLength(body.length), ...body);
}

/** PUBLISH, with an identifier of zero to be filled in at `identifierAt`. */
export function publishPacket(topic, payload, qos) {
  const name = utf8.encode(topic);
  const length = remainingLength(2 + name.length + (qos > 0 ? 2 : 0) + payload.length);
  const identifierAt = 1 + length.length + 2 + name.length;
  const packet = new Uint8Array(identifierAt + (qos > 0 ? 2 : 0) + payload.length);
  packet[0] = 0x30 | (qos << 1);
  packet.set(length, 1);
  packet[identifierAt - name.length - 2] = name.length >> 8;
  packet[identifierAt - name.length - 1] = name.length & 255;
  packet.set(name, identifierAt - name.length);
  packet.set(payload, packet.length - payload.length);
  return { packet, identifierAt };
}

function remainingLength(value) {
  const bytes = [];
  do {
    bytes.push((value & 127) | (value > 127 ? 128 : 0));
    value >>= 7;
  } while (value > 0);
  return bytes;
}

/** The Remaining Length at `at`, and where what it counts begins, in `head`: no object for each packet. */
export const head = { length: 0, start: 0 };

export function readHead(bytes, at) {
  let length = 0;
  let shift = 0;
  let byte;
  do {
    byte = bytes[++at];
    length |= (byte & 127) << shift;
    shift += 7;
  } while (byte > 127);
  head.length = length;
  head.start = at + 1;
}
