/**
 * Recordings of a real client: bounded, without secrets, as text, as JSON and back, and as a capture file whose TCP connections
 * hold what was on the wire. What Wireshark makes of the file is `tshark.test.mjs`.
 */

import assert from 'node:assert/strict';
import { startBrowser } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { exchange, readPcap } from './support.mjs';

const broker = await startMosquitto();
const { pageTest } = await startBrowser();

for (const protocol of /** @type {const} */ ([5, 4, 3])) {
  pageTest(
    `a recording is text, JSON and a capture file, and has no secrets (protocol ${protocol})`,
    async ({ page }) => {
      const { text, json, pcap, again, entries } = await page.evaluate(exchange, broker.url, protocol);
      const lines = text.trim().split('\n');
      assert.match(lines[0], /^begun at \d{4}-\d\d-\d\dT/);
      const order = ['state connecting', '→ CONNECT', '← CONNACK', 'connect ', '→ SUBSCRIBE', '← SUBACK', '→ PUBLISH'];
      let at = 0;
      for (const part of order) {
        const found = lines.findIndex((line, index) => index >= at && line.includes(part));
        assert.ok(found >= at, `${part}\n${text}`);
        at = found;
      }
      assert.match(text, /PUBLISH "trace\/text" QoS 1 id \d+.*: "21\.5 °C" \[\d+\]/);
      assert.match(text, /PUBLISH "trace\/bytes" QoS 2 id \d+.*: 70000 bytes/);
      for (const shown of [text, json, Buffer.from(pcap).toString('latin1')]) {
        assert.doesNotMatch(shown, /somebody|swordfish|c3dvcmRmaXNo|c29tZWJvZHk/);
      }
      assert.equal(again, text, 'what was stored says the same');

      const data = JSON.parse(json);
      assert.equal(data.entries.length, entries);
      const packets = data.entries.filter(({ bytes }) => bytes);
      const streams = readPcap(Uint8Array.from(pcap));
      assert.equal(streams.length, 1);
      const wire = (direction) =>
        Buffer.concat(
          packets.filter((packet) => packet.direction === direction).map(({ bytes }) => Buffer.from(bytes, 'base64')),
        );
      assert.ok(streams[0].client.equals(wire('sent')) && streams[0].server.equals(wire('received')));
      assert.ok(streams[0].ended >= streams[0].began);
    },
  );
}

pageTest('a recording is bounded, and what it dropped is counted', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const { record, Recording } = await import('/dist/trace.js');
    const client = wasmqtt.connect(url);
    const [few, small] = [record(client, { packets: 10 }), record(client, { bytes: 500 })];
    const all = [];
    client.on('packet', (packet) => {
      all.push(packet);
      happened();
    });
    await client.ready;
    for (let index = 0; index < 100; index++) {
      await client.publish('trace/many', 'x'.repeat(50), { qos: 1 });
    }
    await until(() => all.length === 202);
    const events = 3;
    const size = small.entries.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
    const pcap = [...few.toPcap()];
    few.stop();
    const [{ length }, dropped] = [few.entries, few.dropped];
    await client.publish('trace/many', 'y', { qos: 1 });
    const after = few.entries.length;
    small.clear();
    const cleared = small.entries.length + small.dropped;
    await client.close();
    const wrong = [0, -1, Number.NaN].map((packets) => {
      try {
        return record(client, { packets }) && 'taken';
      } catch (error) {
        return error.name;
      }
    });
    let json = 'read';
    try {
      Recording.from('{"entries":[]}');
    } catch (error) {
      json = error.name;
    }
    return { length, dropped: dropped - (all.length - 1 + events - 10), after, size, cleared, wrong, json, pcap };
  }, broker.url);
  const { pcap, size, dropped, ...rest } = seen;
  assert.ok(Math.abs(dropped) <= 3, String(dropped));
  assert.ok(size > 300 && size <= 500, String(size));
  assert.deepEqual(rest, {
    length: 10,
    after: 10,
    cleared: 0,
    wrong: ['RangeError', 'RangeError', 'RangeError'],
    json: 'SyntaxError',
  });
  // The CONNECT was dropped from what is shown; the file has it, as nobody could read the rest without.
  const [stream] = readPcap(Uint8Array.from(pcap));
  assert.equal(stream?.client[0], 0x10);
});

pageTest('rates, ages and round trips are those of the last time', async ({ page }) => {
  const seen = await page.evaluate(async (url) => {
    const { measure } = await import('/dist/trace.js');
    const client = wasmqtt.connect(url);
    const meter = measure(client);
    let pings = 0;
    client.on('packet', ({ type }) => {
      pings += +(type === 'pingresp');
      happened();
    });
    await client.ready;
    for (let index = 0; index < 20; index++) {
      await client.publish('trace/rate', 'x', { qos: 1 });
    }
    await client.ping();
    await until(() => pings === 1);
    const busy = meter.stats();
    await client.close();
    return busy;
  }, broker.url);
  assert.equal(seen.messagesSent, 20);
  assert.ok(seen.rates.messagesSent > 1 && seen.rates.bytesSent > seen.rates.messagesSent, JSON.stringify(seen.rates));
  const { count, p50, p90, p99, max } = seen.roundTrips;
  assert.equal(count, 21);
  assert.ok(0 <= p50 && p50 <= p90 && p90 <= p99 && p99 <= max && max < 60_000, JSON.stringify(seen.roundTrips));
  assert.deepEqual([seen.queueAge, seen.inFlightAge], [0, 0]);
});

pageTest(
  'what waits is told by its age',
  async ({ page }) => {
    const seen = await page.evaluate(async () => {
      const { measure } = await import('/dist/trace.js');
      // Nobody takes it.
      const client = wasmqtt.connect('ws://127.0.0.1:9/');
      const meter = measure(client);
      while (client.state === 'idle') {
        await next(client, 'state');
      }
      client.publish('trace/waits', 'x', { qos: 1 }).catch(() => {});
      await idle();
      const first = meter.stats();
      const begin = performance.now();
      while (meter.stats().queueAge === 0) {
        await idle();
      }
      const took = performance.now() - begin;
      const { queueAge, queued } = meter.stats();
      await client.close();
      return { queued: [first.queued, queued], took, queueAge };
    });
    assert.deepEqual(seen.queued, [1, 1]);
    assert.ok(seen.queueAge <= seen.took + 1, JSON.stringify(seen));
  },
  { allowed: [/WebSocket connection to/] },
);
