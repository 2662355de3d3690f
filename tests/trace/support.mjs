/** What the tests of recordings share. */

/** Runs in the page: a client that says a good deal, recorded. */
export async function exchange(url, protocol, large = 70_000) {
  const { record, Recording } = await import('/dist/trace.js');
  const will = { topic: 'trace/will', payload: 'gone' };
  const client = wasmqtt.connect(url, {
    protocol,
    clientId: 'traced',
    username: 'somebody',
    password: 'swordfish',
    will,
  });
  const recording = record(client);
  const packets = [];
  client.on('packet', ({ direction, type }) => {
    packets.push(`${direction} ${type}`);
    happened();
  });
  await client.ready;
  const all = collect(client, 'trace/#', { qos: 2 });
  await all.ready;
  const pairs = protocol === 5 ? { userProperties: [['unit', 'C']], contentType: 'text/plain', expiry: 60 } : {};
  await client.publish('trace/text', '21.5 °C', { qos: 1, retain: true, ...pairs });
  await client.publish('trace/none', 'x');
  await client.publish('trace/none', 'y');
  await client.publish('trace/none', 'z');
  await client.publish('trace/bytes', new Uint8Array(large).fill(1), { qos: 2 });
  await all.count(5);
  await client.ping();
  await all.subscription.unsubscribe();
  await until(() => packets.includes('received pingresp') && packets.includes('sent pubcomp'));
  await client.publish('trace/text', '', { qos: 1, retain: true });
  await client.close();
  await until(() => packets.includes('sent disconnect'));
  const text = String(recording);
  const json = JSON.stringify(recording);
  return {
    text,
    json,
    pcap: [...recording.toPcap()],
    again: String(Recording.from(json)),
    entries: recording.entries.length,
  };
}

/**
 * The TCP connections of a capture file: what each end sent, in the order of its sequence numbers. Checksums and lengths have
 * to be right.
 *
 * @param {Uint8Array} file
 */
export function readPcap(file) {
  const bytes = Buffer.from(file);
  if (bytes.readUInt32BE(0) !== 0xa1b2c3d4 || bytes.readUInt32BE(20) !== 1) {
    throw new Error('no capture file of Ethernet');
  }
  /** @type {Map<number, { client: Buffer, server: Buffer, began: number, ended: number, next: Record<string, number> }>} */
  const streams = new Map();
  for (let at = 24; at < bytes.length; ) {
    const time = bytes.readUInt32BE(at) * 1e6 + bytes.readUInt32BE(at + 4);
    const length = bytes.readUInt32BE(at + 8);
    const ip = bytes.subarray(at + 16 + 14, at + 16 + length);
    at += 16 + length;
    const tcp = ip.subarray(20);
    if (ip.readUInt16BE(2) !== ip.length || sum(ip.subarray(0, 20)) !== 0xffff) {
      throw new Error('the header of IP is wrong');
    }
    const pseudo = Buffer.concat([ip.subarray(12, 20), Buffer.from([0, 6, tcp.length >> 8, tcp.length & 255])]);
    if (sum(Buffer.concat([pseudo, tcp])) !== 0xffff) {
      throw new Error('the checksum of TCP is wrong');
    }
    const [from, to] = [tcp.readUInt16BE(0), tcp.readUInt16BE(2)];
    const side = to === 1883 ? 'client' : 'server';
    const port = side === 'client' ? from : to;
    const stream = streams.get(port) ?? {
      client: Buffer.alloc(0),
      server: Buffer.alloc(0),
      began: time,
      ended: time,
      next: { client: 0, server: 0 },
    };
    streams.set(port, stream);
    if (tcp.readUInt32BE(4) !== stream.next[side]) {
      throw new Error('a gap in the sequence numbers');
    }
    const data = tcp.subarray(20);
    const flags = tcp[13] ?? 0;
    stream.next[side] = (stream.next[side] ?? 0) + data.length + (flags & 3 ? 1 : 0);
    stream[side] = Buffer.concat([stream[side], data]);
    stream.ended = time;
  }
  return [...streams.values()];
}

/** Ones' complement sum (RFC 1071). @param {Buffer} bytes */
function sum(bytes) {
  let total = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    total += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }
  while (total > 0xffff) {
    total = (total & 0xffff) + (total >>> 16);
  }
  return total;
}
