/**
 * The tables of hostile and borderline bytes, through the package's codec in TypeScript: what a packet shows by itself.
 * Rows that depend on what came before are the engine's; here they have to be read as packets.
 */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { source } from '../support/source.mjs';

const { decode, encode, PacketSplitter, PacketError } = await source(
  'packets/decode',
  'packets/encode',
  'packets/splitter',
  'packets/error',
);

const folder = new URL('../vectors/', import.meta.url);

/** Breaches that only the state of a connection shows: the bytes alone are good packets. */
const OF_THE_STATE = [
  ...['ACK-57', 'ACK-59', 'ACK-60', 'ACK-61'],
  ...['AUT-02', 'AUT-03', 'AUT-04', 'AUT-05', 'AUT-07', 'AUT-09', 'AUT-19'],
  ...['CAK-14', 'CAK-15', 'CAK-65', 'CAK-66', 'CAK-67', 'CAK-68', 'CAK-70', 'CAK-84', 'CAK-85'],
  ...['FRM-29', 'FRM-30', 'FRM-31', 'FRM-32'],
  ...['PUB-17', 'PUB-18', 'PUB-19', 'PUB-22', 'PUB-26', 'PUB-55'],
  ...['SAK-13', 'SAK-14', 'SAK-16', 'SAK-17'],
];

const unhex = (/** @type {string} */ hex) => new Uint8Array(Buffer.from(hex, 'hex'));

async function rows() {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.tsv'));
  const tables = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  const lines = tables.flatMap((table) => table.trimEnd().split('\n').slice(1));
  return lines.flatMap((line) => {
    const [id = '', versions = '', what = '', setup = '', bytes = '', kind = '', codes = ''] = line.split('\t');
    const cases = versions.split(',').flatMap((name) =>
      bytes
        .split('|')
        .filter((hex) => hex !== '')
        .map((hex) => ({ id, version: name === '5.0' ? 5 : 4, what, setup, hex, kind, codes: codes.split(',') })),
    );
    return cases;
  });
}

/** The packets of a stream that comes in these pieces, what is left of it, and the error that ended it. */
function read(/** @type {Uint8Array[]} */ pieces, /** @type {number} */ version, maximum = Number.POSITIVE_INFINITY) {
  const splitter = new PacketSplitter(version);
  splitter.maximumPacketSize = maximum;
  const packets = [];
  try {
    for (const piece of pieces) {
      for (const packet of splitter.push(piece)) {
        packets.push(decode(packet, version, 'server'));
      }
    }
    return { packets, held: splitter.held };
  } catch (error) {
    assert.ok(error instanceof PacketError, String(error));
    return { packets, held: 0, error: { message: error.message, reasonCode: error.reasonCode } };
  }
}

const BREACHES = ['malformed', 'protocol-error', 'packet-too-large', 'topic-alias-invalid', 'payload-format-invalid'];
const all = (await rows()).filter(({ kind }) => [...BREACHES, 'ok', 'incomplete', 'legacy-connack'].includes(kind));
const limit = (/** @type {string} */ setup) => Number(/^size (\d+)/.exec(setup)?.[1] ?? Number.POSITIVE_INFINITY);
const called = (/** @type {typeof all[number]} */ row) =>
  `${row.id} in version ${row.version}: ${row.what}, ${row.hex}`;

test('a breach that a packet shows by itself is refused with its reason code, and nothing else is', () => {
  const accepted = new Set();
  for (const row of all) {
    const { error, held } = read([unhex(row.hex)], row.version, limit(row.setup));
    const breach = BREACHES.includes(row.kind);
    if (breach && !error) {
      accepted.add(row.id);
      continue;
    }
    assert.equal(error !== undefined, breach, `${called(row)}: ${error?.message}`);
    assert.equal(held > 0, row.kind === 'incomplete', called(row));
    if (error) {
      const code = error.reasonCode.toString(16).toUpperCase();
      const right = row.codes[0] === '' ? ['81', '82'] : row.codes;
      assert.ok(right.includes(code), `${called(row)}: ${code}, ${error.message}`);
    }
  }
  assert.deepEqual([...accepted].sort(), OF_THE_STATE);
  assert.ok(all.length > 500);
});

test('what comes of bytes does not depend on how they are cut', () => {
  for (const row of all) {
    const bytes = unhex(row.hex);
    const whole = read([bytes], row.version, limit(row.setup));
    const cuts = [...bytes.keys()].map((at) => [bytes.subarray(0, at), bytes.subarray(at)]);
    for (const pieces of [...cuts, [...bytes].map((byte) => Uint8Array.of(byte))]) {
      assert.deepEqual(read(pieces, row.version, limit(row.setup)), whole, called(row));
    }
  }
});

test('what was read and is written again is read the same', () => {
  let count = 0;
  for (const row of all) {
    const { packets } = read([unhex(row.hex)], row.version);
    for (const packet of packets) {
      const { packets: again } = read([encode(packet, row.version)], row.version);
      assert.deepEqual(again, [packet], called(row));
      count++;
    }
  }
  assert.ok(count > 150, String(count));
});
