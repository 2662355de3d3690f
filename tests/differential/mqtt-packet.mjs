/**
 * mqtt-packet, asked line by line on standard input: a protocol level and a packet in hexadecimal. Each line is answered
 * by one: what it says, and the packet written again. It does not know what the answers are compared with; it ends with
 * its input.
 */

import { createInterface } from 'node:readline';
import mqtt from 'mqtt-packet';

const TYPES = [
  ...['reserved', 'connect', 'connack', 'publish', 'puback', 'pubrec', 'pubrel', 'pubcomp', 'subscribe', 'suback'],
  ...['unsubscribe', 'unsuback', 'pingreq', 'pingresp', 'disconnect', 'auth'],
];
/** Its names of properties, where they are not the specification's. */
const NAMES = {
  maximumQoS: 'MaximumQoS',
  subscriptionIdentifiersAvailable: 'SubscriptionIdentifierAvailable',
};

/** @param {unknown} value text, bytes, a truth or a number */
function shown(value) {
  if (typeof value === 'string') {
    return Buffer.from(value).toString('hex');
  }
  return Buffer.isBuffer(value) ? value.toString('hex') : String(Number(value));
}

/**
 * @param {string[]} fields
 * @param {string} prefix
 * @param {Record<string, unknown> | undefined} all
 */
function properties(fields, prefix, all) {
  for (const [key, value] of Object.entries(all ?? {})) {
    if (key === 'userProperties') {
      for (const [name, values] of Object.entries(value)) {
        for (const each of [values].flat()) {
          fields.push(`${prefix}UserProperty=${shown(name)}:${shown(each)}`);
        }
      }
      continue;
    }
    const name = NAMES[key] ?? key[0].toUpperCase() + key.slice(1);
    for (const each of Array.isArray(value) ? value : [value]) {
      fields.push(`${prefix}${name}=${shown(each)}`);
    }
  }
}

/**
 * @param {import('mqtt-packet').Packet & Record<string, any>} packet
 * @param {number} level
 */
function fieldsOf(packet, level) {
  const version = packet.cmd === 'connect' ? packet.protocolVersion : level;
  const v5 = version === 5;
  const fields = [`type=${TYPES.indexOf(packet.cmd)}`];
  const add = (/** @type {string} */ name, /** @type {unknown} */ value) => fields.push(`${name}=${shown(value)}`);
  if (packet.cmd === 'connect') {
    add('level', packet.protocolVersion);
    add('clean', packet.clean);
    add('keepalive', packet.keepalive);
    add('client', packet.clientId);
    for (const name of ['username', 'password']) {
      if (packet[name] !== undefined) {
        add(name, packet[name]);
      }
    }
    if (packet.will) {
      for (const name of ['topic', 'payload', 'qos', 'retain']) {
        add(`will.${name}`, packet.will[name]);
      }
      properties(fields, 'will.', packet.will.properties);
    }
  }
  if (packet.cmd === 'publish') {
    for (const name of ['dup', 'qos', 'retain', 'topic', 'payload']) {
      add(name, packet[name]);
    }
  }
  if (packet.cmd === 'connack') {
    add('present', packet.sessionPresent);
    add('code', packet.reasonCode ?? packet.returnCode);
  } else if (v5 && packet.reasonCode !== undefined) {
    add('code', packet.reasonCode);
  }
  if (packet.messageId !== undefined) {
    add('id', packet.messageId);
  }
  if (packet.cmd === 'suback' || packet.cmd === 'unsuback') {
    add('codes', Buffer.from(packet.granted ?? []));
  }
  (packet.subscriptions ?? []).forEach(({ topic, qos, nl, rap, rh }, index) => {
    const options = v5 ? [qos, nl, rap, rh].map(Number).join(' ') : String(qos);
    fields.push(`filter=${String(index).padStart(3, '0')} ${shown(topic)} ${options}`);
  });
  (packet.unsubscriptions ?? []).forEach((topic, index) => {
    fields.push(`filter=${String(index).padStart(3, '0')} ${shown(topic)} `);
  });
  properties(fields, '', packet.properties);
  return fields;
}

/**
 * @param {number} level
 * @param {Buffer} bytes
 */
function answer(level, bytes) {
  const packets = [];
  let error;
  try {
    const parser = mqtt.parser({ protocolVersion: level });
    parser.on('packet', (packet) => packets.push(packet));
    parser.on('error', (it) => {
      error ??= it.message;
    });
    parser.parse(bytes);
  } catch (it) {
    return `throws\t${it.name}`;
  }
  if (error !== undefined) {
    return `refuses\t${error.replace(/[\t\n]/g, ' ')}`;
  }
  if (packets.length !== 1) {
    return `waits\t${packets.length} packets`;
  }
  try {
    const fields = fieldsOf(packets[0], level);
    return `accepts\t${fields.join('\t')}\t${again(packets[0], level)}`;
  } catch (it) {
    return `throws\twhile reading ${it.name}`;
  }
}

/**
 * @param {import('mqtt-packet').Packet} packet
 * @param {number} level
 */
function again(packet, level) {
  try {
    return `again=${mqtt.generate(packet, { protocolVersion: level }).toString('hex')}`;
  } catch (it) {
    return `again!${it.message}`;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [level, hex] = line.split(' ');
  process.stdout.write(`${answer(Number(level), Buffer.from(hex ?? '', 'hex'))}\n`);
}
