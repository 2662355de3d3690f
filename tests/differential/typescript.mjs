/**
 * The package's codec in TypeScript, asked line by line as `mqtt-packet.mjs` is. It does not know what the answers are
 * compared with; it ends with its input.
 */

import { createInterface } from 'node:readline';
import { source } from '../support/source.mjs';

const { decode, encode, PacketSplitter } = await source('packets/decode', 'packets/encode', 'packets/splitter');

const TYPES = [
  ...['reserved', 'connect', 'connack', 'publish', 'puback', 'pubrec', 'pubrel', 'pubcomp', 'subscribe', 'suback'],
  ...['unsubscribe', 'unsuback', 'pingreq', 'pingresp', 'disconnect', 'auth'],
];

const hex = (/** @type {string | Uint8Array | readonly number[]} */ value) =>
  Buffer.from(/** @type {string} */ (value)).toString('hex');

/** @param {unknown} value text, bytes, a truth or a number */
function shown(value) {
  return typeof value === 'string' || value instanceof Uint8Array ? hex(value) : String(Number(value));
}

/**
 * @param {string[]} fields
 * @param {string} prefix
 * @param {Record<string, any>} all
 */
function properties(fields, prefix, { userProperties = [], subscriptionIdentifiers = [], ...others }) {
  const single = Object.entries(others);
  for (const [name, value] of single) {
    fields.push(`${prefix}${name[0].toUpperCase()}${name.slice(1)}=${shown(value)}`);
  }
  for (const identifier of subscriptionIdentifiers) {
    fields.push(`${prefix}SubscriptionIdentifier=${identifier}`);
  }
  for (const [name, value] of userProperties) {
    fields.push(`${prefix}UserProperty=${hex(name)}:${hex(value)}`);
  }
}

/** The names of the comparison, by those of the packet. @type {Record<string, string>} */
const NAMES = {
  version: 'level',
  cleanStart: 'clean',
  keepAlive: 'keepalive',
  clientIdentifier: 'client',
  username: 'username',
  password: 'password',
  sessionPresent: 'present',
  duplicate: 'dup',
  qos: 'qos',
  retain: 'retain',
  topic: 'topic',
  payload: 'payload',
  packetIdentifier: 'id',
};

/**
 * @param {Record<string, any>} packet
 * @param {number} level
 */
function fieldsOf(packet, level) {
  const v5 = (packet.version ?? level) === 5;
  const fields = [`type=${TYPES.indexOf(packet.type)}`];
  for (const [name, value] of Object.entries(packet)) {
    if (name in NAMES) {
      fields.push(`${NAMES[name]}=${shown(value)}`);
    } else if (name === 'will') {
      for (const part of ['topic', 'payload', 'qos', 'retain']) {
        fields.push(`will.${part}=${shown(value[part])}`);
      }
      properties(fields, 'will.', value.properties);
    } else if (name === 'properties') {
      properties(fields, '', value);
    } else if (name === 'reasonCode') {
      if (v5 || packet.type === 'connack') {
        fields.push(`code=${value}`);
      }
    } else if (name === 'reasonCodes') {
      fields.push(`codes=${hex(value)}`);
    } else if (name === 'subscriptions' || name === 'filters') {
      value.forEach((/** @type {any} */ one, /** @type {number} */ index) => {
        const { filter = one, qos, noLocal, retainAsPublished, retainHandling } = one;
        const options = v5 ? [qos, noLocal, retainAsPublished, retainHandling].map(Number).join(' ') : String(qos);
        const text = name === 'filters' ? '' : options;
        fields.push(`filter=${String(index).padStart(3, '0')} ${hex(filter)} ${text}`);
      });
    } else if (name !== 'type') {
      throw new Error(`nothing is known of ${name}`);
    }
  }
  return fields;
}

/**
 * @param {number} level
 * @param {Buffer} bytes
 */
function answer(level, bytes) {
  const packets = [];
  try {
    for (const packet of new PacketSplitter(level).push(bytes)) {
      packets.push(decode(packet, level));
    }
  } catch (error) {
    if (error.name !== 'PacketError') {
      return `throws\t${error.stack.replace(/[\t\n]/g, ' ')}`;
    }
    return `refuses\t${error.message}`;
  }
  const [packet] = packets;
  if (packets.length !== 1) {
    return `waits\t${packets.length} packets`;
  }
  try {
    return `accepts\t${fieldsOf(packet, level).join('\t')}\tagain=${hex(encode(packet, level))}`;
  } catch (error) {
    return `accepts\t${fieldsOf(packet, level).join('\t')}\tagain!${error.message}`;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [level, text] = line.split(' ');
  process.stdout.write(`${answer(Number(level), Buffer.from(text ?? '', 'hex'))}\n`);
}
