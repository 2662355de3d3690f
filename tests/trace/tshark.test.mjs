/**
 * Capture files in Wireshark's own dissector: every packet is MQTT, none malformed. tshark is not installed for `npm test`, where
 * these are skipped: `npm run trace-check` installs it.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { which } from '../../scripts/setup/places.mjs';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { exchange } from './support.mjs';

const tshark = which('tshark');
const NAMES = {
  1: 'connect',
  2: 'connack',
  3: 'publish',
  4: 'puback',
  5: 'pubrec',
  6: 'pubrel',
  7: 'pubcomp',
  8: 'subscribe',
};
const MORE = {
  9: 'suback',
  10: 'unsubscribe',
  11: 'unsuback',
  12: 'pingreq',
  13: 'pingresp',
  14: 'disconnect',
  15: 'auth',
};

if (!tshark) {
  test(
    'Wireshark reads a recording',
    { skip: !process.env.WASMQTT_TSHARK && 'npm run trace-check installs tshark' },
    () => assert.fail('there is no tshark'),
  );
} else {
  const broker = await startMosquitto();
  const { pageTest } = await startBrowser();
  for (const protocol of [5, 4, 3]) {
    pageTest(
      `Wireshark reads a recording: the same packets, and none malformed (protocol ${protocol})`,
      async ({ page }) => {
        const { pcap, json } = await page.evaluate(exchange, broker.url, protocol);
        const folder = await mkdtemp(join(tmpdir(), 'wasmqtt-trace-'));
        try {
          const file = join(folder, 'recording.pcap');
          await writeFile(file, Uint8Array.from(pcap));
          const read = (...args) =>
            execFileSync(tshark, ['-r', file, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
          const fields = ['-T', 'fields', '-e', 'mqtt.msgtype', '-E', 'occurrence=a', '-E', 'aggregator=,'];
          const types = read('-Y', 'mqtt', ...fields)
            .trim()
            .split(/[\n,]/);
          const expected = JSON.parse(json).entries.filter(({ bytes }) => bytes);
          assert.deepEqual(
            types.map((type) => ({ ...NAMES, ...MORE })[type]),
            expected.map(({ bytes }) => ({ ...NAMES, ...MORE })[(Buffer.from(bytes, 'base64')[0] ?? 0) >> 4]),
          );
          const wrong = read(
            '-o',
            'tcp.check_checksum:TRUE',
            '-o',
            'ip.check_checksum:TRUE',
            '-Y',
            '_ws.malformed || _ws.expert.severity >= "Warning"',
          );
          assert.equal(wrong, '');
          const levels = read('-Y', 'mqtt.msgtype == 1', '-T', 'fields', '-e', 'mqtt.ver').trim();
          assert.equal(levels, String(protocol));
        } finally {
          await rm(folder, { recursive: true });
        }
      },
    );
  }
}
