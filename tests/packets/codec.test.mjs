/** The package's codec of packets in TypeScript: what it fills in, what it refuses to write, and random packets through it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate, parser } from 'mqtt-packet';
import { source } from '../support/source.mjs';

const { decode, encode, PacketSplitter, isTopicFilter, isTopicName, matches, reasonName } = await source(
  ...['packets/decode', 'packets/encode', 'packets/splitter', 'packets/topics', 'packets/reason-codes'],
);

const hex = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString('hex');

test('what is left out of a packet has its default', () => {
  const written = (/** @type {object} */ packet, version = 5) => hex(encode(packet, version));
  assert.equal(written({ type: 'pingreq' }), 'c000');
  assert.equal(written({ type: 'connack' }), '2003000000');
  assert.equal(written({ type: 'connack', reasonCode: 5 }, 4), '20020005');
  assert.equal(written({ type: 'publish', topic: 'a' }), '300400016100');
  assert.equal(written({ type: 'puback', packetIdentifier: 1 }), '40020001');
  assert.equal(written({ type: 'puback', packetIdentifier: 1, reasonCode: 0x87 }), '4003000187');
  assert.equal(written({ type: 'pubrel', packetIdentifier: 258 }, 3), '62020102');
  assert.equal(written({ type: 'disconnect' }), 'e000');
  assert.equal(written({ type: 'auth', reasonCode: 0x18 }), 'f0021800');
  const subscriptions = [{ filter: 'a/+' }, { filter: '#', qos: 2, noLocal: true, retainHandling: 2 }];
  assert.equal(
    written({ type: 'subscribe', packetIdentifier: 1, subscriptions }),
    '820d00010000036 12f2b00000123 26'.replaceAll(' ', ''),
  );
  const connect = { type: 'connect', version: 3, clientIdentifier: 'c', cleanStart: true };
  assert.equal(written(connect), '100f00064d51497364700302000000 0163'.replace(' ', ''));
});

test('a server that does not know 5.0 can be spoken for', () => {
  assert.equal(hex(encode({ type: 'connack', reasonCode: 1 }, 5)), '20020001');
  assert.throws(() => encode({ type: 'connack', reasonCode: 1, properties: { reasonString: 'old' } }, 5), {
    name: 'PacketError',
  });
});

test('what MQTT or the version cannot say is refused', () => {
  const refused = [
    [{ type: 'publish', topic: 'a', qos: 1 }, 5],
    [{ type: 'publish', topic: 'a', packetIdentifier: 1 }, 5],
    [{ type: 'publish', topic: 'a', qos: 3, packetIdentifier: 1 }, 5],
    [{ type: 'publish', topic: 'a\ud800' }, 5],
    [{ type: 'publish', topic: 'a\0' }, 4],
    [{ type: 'publish', topic: 'x'.repeat(65_536) }, 4],
    [{ type: 'publish', topic: 'a', properties: { contentType: 'text' } }, 4],
    [{ type: 'publish', topic: 'a', properties: { receiveMaximum: 1 } }, 5],
    [{ type: 'publish', topic: 'a', properties: { topicAlias: 65_536 } }, 5],
    [{ type: 'publish', topic: 'a', properties: { messageExpiryInterval: -1 } }, 5],
    [{ type: 'publish', topic: 'a', properties: { messageExpiryInterval: 0.5 } }, 5],
    [{ type: 'publish', topic: 'a', properties: { payloadFormatIndicator: 2 } }, 5],
    [{ type: 'publish', topic: 'a', properties: { nothing: 1 } }, 5],
    [{ type: 'connack', properties: { receiveMaximum: 0 } }, 5],
    [{ type: 'connect', version: 4, clientIdentifier: '', password: new Uint8Array() }, 4],
    [{ type: 'puback', packetIdentifier: 0 }, 5],
    [{ type: 'puback', packetIdentifier: 1, reasonCode: 0x92 }, 5],
    [{ type: 'puback', packetIdentifier: 1, reasonCode: 0x87 }, 4],
    [{ type: 'subscribe', packetIdentifier: 1, subscriptions: [] }, 5],
    [{ type: 'subscribe', packetIdentifier: 1, subscriptions: [{ filter: 'a', noLocal: true }] }, 4],
    [{ type: 'unsubscribe', packetIdentifier: 1, filters: [] }, 5],
    [{ type: 'suback', packetIdentifier: 1, reasonCodes: [] }, 4],
    [{ type: 'unsuback', packetIdentifier: 1, reasonCodes: [0] }, 4],
    [{ type: 'auth' }, 4],
    [{ type: 'disconnect', reasonCode: 4 }, 4],
  ];
  for (const [packet, version] of refused) {
    assert.throws(() => encode(packet, version), { name: 'PacketError' }, JSON.stringify(packet));
  }
  assert.equal(encode({ type: 'publish', topic: 'x'.repeat(65_535) }, 4).length, 65_535 + 2 + 4);
});

test('who may not send a packet is told apart', () => {
  const connect = encode({ type: 'connect', version: 5, clientIdentifier: '' }, 5);
  assert.equal(decode(connect, 5).type, 'connect');
  assert.equal(decode(connect, 5, 'client').type, 'connect');
  assert.throws(() => decode(connect, 5, 'server'), { reasonCode: 0x82 });
  const own = encode({ type: 'publish', topic: 'a', properties: { subscriptionIdentifiers: [1, 2] } }, 5);
  assert.deepEqual(decode(own, 5, 'server').properties, { subscriptionIdentifiers: [1, 2] });
  assert.throws(() => decode(own, 5, 'client'), { reasonCode: 0x82 });
  assert.throws(() => decode(encode({ type: 'disconnect', reasonCode: 4 }, 5), 5, 'server'), { reasonCode: 0x82 });
});

test('packets that follow one another are split wherever the stream is cut, and the version may change between them', () => {
  const packets = [
    encode({ type: 'connect', version: 5, clientIdentifier: 'c' }, 5),
    encode({ type: 'auth', reasonCode: 0x19 }, 5),
    encode({ type: 'publish', topic: 'a', payload: new Uint8Array(300) }, 5),
  ];
  const stream = Buffer.concat(packets);
  for (const at of [...stream.keys(), stream.length]) {
    const splitter = new PacketSplitter(4);
    const found = [];
    for (const piece of [stream.subarray(0, at), stream.subarray(at)]) {
      for (const packet of splitter.push(piece)) {
        found.push(hex(packet));
        splitter.version = 5;
      }
    }
    assert.deepEqual(found, packets.map(hex));
    assert.equal(splitter.held, 0);
  }
});

test('a packet that is too large fails by its fixed header', () => {
  const splitter = new PacketSplitter(5);
  splitter.maximumPacketSize = 32;
  assert.throws(() => [...splitter.push(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f))], { reasonCode: 0x95 });
});

test('topics and filters', () => {
  const names = { 'a/b': true, '/': true, 'a/+': false, '#': false, '': false, ['é'.repeat(32_768)]: false };
  const filters = {
    ...{
      '#': true,
      '+': true,
      '/': true,
      'a/+/#': true,
      'a/#/b': false,
      'a#': false,
      'a+': false,
      '': false,
      '++': false,
    },
    ...{
      '$share/g/a': true,
      '$share/g//': true,
      '$share/g/': false,
      '$share/g': false,
      $share: false,
      '$share//a': false,
    },
    ...{ '$share/g+/a': false, $shared: true, '$SYS/#': true },
  };
  for (const [text, good] of Object.entries(names)) {
    assert.equal(isTopicName(text), good, text.slice(0, 20));
  }
  for (const [text, good] of Object.entries(filters)) {
    assert.equal(isTopicFilter(text), good, text);
  }
  const pairs = {
    ...{ 'a/b|a/b': true, 'a/+|a/b': true, 'a/+|a/b/c': false, 'a/#|a': true, 'a/#|a/b/c': true, 'a/#|ab': false },
    ...{ '#|$SYS/a': false, '+/a|$SYS/a': false, '$SYS/+|$SYS/a': true, '+|/a': false, '/+|/a': true, '+/+|/a': true },
    ...{ 'a/+/#|a': false, 'a/+/#|a/': true, '#|a': true, 'a/+|a/': true, 'A|a': false },
  };
  for (const [pair, good] of Object.entries(pairs)) {
    const [filter, topic] = pair.split('|');
    assert.equal(matches(filter, topic), good, pair);
  }
  assert.equal(reasonName(0x8e), 'Session taken over');
});

test('a message is read by mqtt-packet as it was written, and the other way round', async () => {
  const properties = {
    topicAlias: 7,
    contentType: 'é',
    userProperties: [
      ['a', '1'],
      ['a', '2'],
    ],
    correlationData: Uint8Array.of(0, 255),
  };
  const publish = {
    type: 'publish',
    topic: 'a/𪛔',
    qos: 2,
    packetIdentifier: 65_535,
    payload: Uint8Array.of(1, 2),
    retain: true,
  };
  const read = parser({ protocolVersion: 5 });
  const packet = new Promise((resolve) => read.on('packet', resolve));
  read.parse(Buffer.from(encode({ ...publish, properties }, 5)));
  const theirs = await packet;
  assert.deepEqual(
    { topic: theirs.topic, qos: theirs.qos, id: theirs.messageId, retain: theirs.retain, payload: [...theirs.payload] },
    { topic: 'a/𪛔', qos: 2, id: 65_535, retain: true, payload: [1, 2] },
  );
  assert.deepEqual([...theirs.properties.userProperties.a], ['1', '2']);
  assert.equal(theirs.properties.contentType, 'é');
  assert.deepEqual(
    decode(generate(theirs, { protocolVersion: 5 }), 5).properties.userProperties,
    properties.userProperties,
  );
});
