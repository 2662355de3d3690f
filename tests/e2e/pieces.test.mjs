/**
 * Payloads that come in the frames of many sizes that servers and proxies make of them: the page has them whole,
 * and linear memory none of them. It does not know what a broker makes of a large message.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { startBrowser } from '../support/browser.mjs';
import { pattern } from '../support/page-tools.js';
import { CONNACK, startScripted } from '../support/scripted.mjs';

const { pageTest } = await startBrowser();

/** @param {Uint8Array} bytes */
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** @param {number} value */
function variableByteInteger(value) {
  const bytes = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

/**
 * PUBLISH of 5.0 to the topic `p`.
 *
 * @param {Uint8Array} payload
 * @param {number} [identifier] which makes it QoS 1
 * @param {number[]} [properties]
 */
function publish(payload, identifier, properties = []) {
  const id = identifier === undefined ? [] : [identifier >> 8, identifier & 255];
  const head = [0, 1, 0x70, ...id, properties.length, ...properties];
  const first = identifier === undefined ? 0x30 : 0x32;
  return Buffer.from([first, ...variableByteInteger(head.length + payload.length), ...head, ...payload]);
}

/**
 * A server that answers SUBSCRIBE with SUBACK and then sends bytes, cut.
 *
 * @param {Buffer} bytes
 * @param {() => number} size of the next frame
 */
function startSending(bytes, size) {
  return startScripted((packet, send, socket) => {
    if (packet[0] === 0x10) {
      send(CONNACK[5]);
    } else if (packet[0] === 0x82) {
      send([0x90, 4, packet[2] ?? 0, packet[3] ?? 0, 0, 1]);
      for (let at = 0; at < bytes.length; ) {
        const next = at + size();
        socket.send(bytes.subarray(at, next));
        at = next;
      }
    }
  });
}

/** Sizes of frames, again and again. */
const cycle = (/** @type {number[]} */ ...sizes) => {
  let at = 0;
  return () => sizes[at++ % sizes.length] ?? 1;
};

const LENGTHS = [0, 1, 100, 16_380, 16_384, 70_000, 3, 300_000, 0, 65_536];

for (const [title, size] of /** @type {const} */ ([
  ['one frame', cycle(Number.MAX_SAFE_INTEGER)],
  ['frames of 7 bytes', cycle(7)],
  ['frames of 64 KiB', cycle(65_536)],
  ['frames of all sizes', cycle(1, 16_385, 2, 40_000, 3, 5, 100_000, 1, 1, 16_384)],
])) {
  pageTest(`payloads of 0 to 300 000 bytes in ${title} arrive whole, and are acknowledged`, async ({ page }) => {
    const payloads = LENGTHS.map((length) => pattern(length));
    const bytes = Buffer.concat(payloads.map((payload, at) => publish(payload, at % 2 ? at : undefined)));
    const server = await startSending(bytes, size);
    const seen = await page.evaluate(
      async (url, count) => {
        const client = wasmqtt.connect(url, { protocol: 5 });
        const inbox = collect(client, 'p', { qos: 1 });
        const messages = await inbox.count(count);
        const seen = [];
        for (const { payload } of messages) {
          seen.push({ length: payload.length, hash: await sha256(payload) });
        }
        await client.close();
        return seen;
      },
      server.url,
      payloads.length,
    );
    assert.deepEqual(
      seen,
      payloads.map((payload) => ({ length: payload.length, hash: hash(payload) })),
    );
    const answers = server.received.map((packet) => packet.toString('hex')).join('');
    for (const at of [1, 3, 5, 7, 9]) {
      assert.match(answers, new RegExp(`4002000${at}`));
    }
  });
}

pageTest('linear memory does not grow with what is received', async ({ page }) => {
  const size = 20 << 20;
  const payload = pattern(size);
  const server = await startSending(Buffer.concat([publish(payload, 1), publish(payload, 2)]), cycle(65_536));
  const seen = await page.evaluate(async (url) => {
    let memory;
    for (const name of ['instantiate', 'instantiateStreaming']) {
      const original = WebAssembly[name];
      WebAssembly[name] = async (...args) => {
        const made = await original.apply(WebAssembly, args);
        memory = Object.values((made.instance ?? made).exports).find((value) => value instanceof WebAssembly.Memory);
        return made;
      };
    }
    const client = wasmqtt.connect(url, { protocol: 5 });
    await client.ready;
    const before = memory.buffer.byteLength;
    const inbox = collect(client, 'p', { qos: 1 });
    const messages = await inbox.count(2);
    const after = memory.buffer.byteLength;
    const hashes = await Promise.all(messages.map((message) => sha256(message.payload)));
    await client.close();
    return { hashes, grown: after - before };
  }, server.url);
  assert.deepEqual(seen, { hashes: [hash(payload), hash(payload)], grown: 0 });
});

/** The Payload Format Indicator that says text (5.0, 3.3.2.3.2). */
const TEXT = [0x01, 0x01];

for (const [title, bad] of /** @type {const} */ ([
  ['and is', false],
  ['and is not', true],
])) {
  pageTest(`a payload in pieces that is said to be text ${title}`, async ({ page }) => {
    const text = Buffer.from('\u20ac\u{1f600}'.repeat(20_000));
    if (bad) {
      text[text.length - 1] = 0x41;
    }
    const server = await startSending(publish(text, 1, TEXT), cycle(1000, 1, 33_333));
    await page.evaluate(async (url) => {
      globalThis.client = wasmqtt.connect(url, { protocol: 5, checkPayloadFormat: true });
      globalThis.inbox = collect(client, 'p', { qos: 1 });
      await inbox.ready;
    }, server.url);
    const [answer] = await server.packets(4, 1);
    assert.equal(answer, bad ? '4003000199' : '40020001');
    const lengths = await page.evaluate(async () => {
      await idle();
      await client.close();
      return inbox.messages.map(({ payload }) => payload.length);
    });
    assert.deepEqual(lengths, bad ? [] : [text.length]);
  });
}
