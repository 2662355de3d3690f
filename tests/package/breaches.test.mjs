/**
 * What other clients for browsers got wrong, told on the installed package in a real browser: security advisories of
 * MQTT.js, and behaviour that was seen. What the engine alone can show is in `tests/advisories`.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { startBrowser } from '../support/browser.mjs';
import { CONNACK, startScripted } from '../support/scripted.mjs';
import { packagePage, ROOT, startSite } from '../support/site.mjs';
import { install, pack } from './stranger.mjs';

const ENTRIES = /** @type {const} */ ([
  ['wasmqtt', 'index'],
  ['wasmqtt/slim', 'slim'],
]);

const folder = await install((await pack()).tarball);
const dist = join(folder, 'node_modules/wasmqtt/dist');
const site = await startSite({
  folders: { dist, support: join(ROOT, 'tests/support') },
  pages: { '/index.html': packagePage('index'), '/slim.html': packagePage('slim') },
});
const { pageTest } = await startBrowser({ site });

/** CONNACK of 5.0 with all limits as narrow as they can be. */
const NARROW = [
  ...[0x11, 0, 0, 0, 0],
  ...[0x21, 0, 1],
  ...[0x22, 0, 0],
  ...[0x24, 0],
  ...[0x25, 0],
  ...[0x27, 0, 0, 0, 64],
  ...[0x28, 0],
  ...[0x29, 0],
  ...[0x2a, 0],
  ...[0x13, 0, 9],
];

pageTest('GHSA-gfxc-3w7m-8ch4: the options stay as they are, for this client and the next', async ({ page }) => {
  const server = await startScripted((packet, send, socket) => {
    if (packet[0] === 0x10) {
      send([0x20, 3 + NARROW.length, 0, 0, NARROW.length, ...NARROW]);
    } else if (packet[0] === 0xc0) {
      socket.close();
    }
  });
  const seen = await page.evaluate(async (url) => {
    const make = () => ({
      protocol: 5,
      clientId: 'c',
      keepAlive: 60,
      sessionExpiry: 3600,
      receiveMaximum: 100,
      maximumPacketSize: 10_000,
      topicAliasMaximum: 7,
      will: { topic: 'gone', payload: 'bye', qos: 2, retain: true },
      userProperties: [['k', 'v']],
      reconnect: { min: 1, max: 5 },
    });
    const options = make();
    const first = wasmqtt.connect(url, options);
    const { keepAlive } = await first.ready;
    const back = next(first, 'connect');
    await failure(first.ping());
    await back;
    await first.close();
    const second = wasmqtt.connect(url, options);
    await second.ready;
    await second.close();
    const frozen = JSON.stringify(options) === JSON.stringify(make());
    return { keepAlive, frozen };
  }, server.url);
  assert.deepEqual(seen, { keepAlive: 9, frozen: true });
  const [first = '', again = '', other = ''] = await server.packets(1, 3);
  assert.equal(other, first);
  // Only Clean Start differs on the second connection of a client.
  const flags = (/** @type {string} */ hex) => Number.parseInt(hex.slice(18, 20), 16);
  assert.equal(flags(first) & 2, 2);
  assert.equal(flags(again), flags(first) & ~2);
  assert.equal(again.slice(20), first.slice(20));
});

/** What a hostile server sends after the first SUBSCRIBE, which had one filter. */
const HOSTILE = /** @type {const} */ ([
  ['GHSA-c8jq-r765-cq7g: an alias where none was announced', [0x30, 6, 0, 0, 3, 0x23, 0, 1], 'e00194'],
  ['GHSA-c8jq-r765-cq7g: an alias of 0', [0x30, 7, 0, 1, 0x74, 3, 0x23, 0, 0], 'e00194'],
  ['GHSA-rj8f-4655-cgg2: a SUBACK with three codes', [0x90, 6, 0, 1, 0, 0, 0, 0], 'e00182'],
  ['GHSA-rj8f-4655-cgg2: an UNSUBACK in its place', [0xb0, 4, 0, 1, 0, 0], 'e00182'],
  ['GHSA-fwrw-4mhv-wxvm: an AUTH that nobody asked for', [0xf0, 2, 0x18, 0], 'e00182'],
  ['GHSA-fwrw-4mhv-wxvm: the shortest AUTH', [0xf0, 0], 'e00182'],
  ['GHSA-8phv-jwjm-93rr: a second CONNACK', CONNACK[5], 'e00182'],
  ['GHSA-h8jm-hm87-fqw3: one message too many', [9, 8].flatMap((it) => [0x34, 6, 0, 1, 0x74, 0, it, 0]), 'e00193'],
]);

for (const [name, bytes, end] of HOSTILE) {
  pageTest(`${name}: one error, and the client comes back`, async ({ page }) => {
    let subscribes = 0;
    const server = await startScripted((packet, send) => {
      if (packet[0] === 0x10) {
        send([...CONNACK[5]]);
      } else if (packet[0] === 0x82) {
        subscribes += 1;
        // With a message behind it, which nobody is to get.
        send(subscribes === 1 ? [...bytes, 0x30, 4, 0, 1, 0x6e, 0] : [0x90, 4, packet[2] ?? 0, packet[3] ?? 0, 0, 0]);
      } else if (packet[0] === 0x30) {
        send([0x30, 4, 0, 1, 0x79, 0]);
      }
    });
    const seen = await page.evaluate(async (url) => {
      const reconnect = { min: 1, max: 5 };
      const options = { protocol: 5, topicAliasMaximum: 0, receiveMaximum: 1, reconnect };
      const client = wasmqtt.connect(url, options);
      const errors = [];
      const topics = [];
      client.on('disconnect', ({ error, willRetry }) => errors.push([error.code, willRetry]));
      client.on('message', (message) => topics.push(message.topic));
      const answered = next(client, 'message', ({ topic }) => topic === 'y');
      await client.subscribe('a').ready;
      await client.publish('x', '');
      await answered;
      await client.close();
      return { errors, topics: topics.filter((topic) => topic !== 't') };
    }, server.url);
    assert.deepEqual(seen, { errors: [['protocol-error', true]], topics: ['y'] });
    const all = server.received.map((packet) => packet.toString('hex'));
    assert.ok(
      all.some((hex) => hex.endsWith(end)),
      all.join(),
    );
  });
}

// Seen in MQTT.js: the callback of end() is never called.
pageTest('a close with an unacknowledged QoS 1 publish settles both', async ({ page }) => {
  const server = await startScripted((packet, send) => {
    if (packet[0] === 0x10) {
      send([...CONNACK[5]]);
    }
  });
  const codes = await page.evaluate(async (url) => {
    const codes = [];
    for (const options of [undefined, { drain: 50 }]) {
      const client = wasmqtt.connect(url, { protocol: 5 });
      await client.ready;
      const publish = failure(client.publish('a', 'x', { qos: 1 }));
      await client.close(options);
      await client.closed;
      codes.push((await publish).code);
    }
    return codes;
  }, server.url);
  assert.deepEqual(codes, ['closed', 'closed']);
});

// Seen in mqtt5-wasm: one WebSocket message for each packet.
pageTest('packets of one turn leave in one WebSocket message', async ({ page }) => {
  const server = await startScripted((packet, send) => {
    if (packet[0] === 0x10) {
      send([...CONNACK[5]]);
    } else if (packet.includes(Buffer.from([0xc0, 0]))) {
      send([0xd0, 0]);
    }
  });
  await page.evaluate(async (url) => {
    const client = wasmqtt.connect(url, { protocol: 5 });
    await client.ready;
    // CONNACK may come before the turn that CONNECT asked for.
    await idle();
    for (let index = 0; index < 99; index++) {
      client.publish('a', 'x');
    }
    await client.ping();
    await client.close();
  }, server.url);
  const [, ...messages] = server.received;
  // The first publish does not wait for the others; they leave together, and DISCONNECT by itself.
  assert.deepEqual(
    messages.map((message) => message.length),
    [7, 98 * 7 + 2, 2],
  );
});

for (const [specifier, entry] of ENTRIES) {
  // Seen in MQTT.js: `import { connect }` fails in a bundle for browsers, though README and types show it.
  test(`every named export can be imported in a bundle for browsers: ${specifier}`, async () => {
    const names = Object.keys(await import(pathToFileURL(join(dist, `${entry}.js`)).href));
    assert.ok(names.includes('connect') && names.includes('MqttError'), names.join());
    assert.ok(!names.includes('default'));
    for (const name of names) {
      const { warnings } = await build({
        stdin: { contents: `import { ${name} } from '${specifier}'; console.log(${name});`, resolveDir: folder },
        bundle: true,
        format: 'esm',
        platform: 'browser',
        write: false,
        logLevel: 'silent',
      });
      assert.deepEqual(warnings, [], name);
    }
  });

  // Seen in mqtt5-wasm: `new Function` in the glue, which needs 'unsafe-eval' in a Content Security Policy.
  test(`no text is run as code: ${specifier}`, async () => {
    const text = await readFile(join(dist, `${entry}.js`), 'utf8');
    assert.doesNotMatch(text, /\bFunction\s*\(|\beval\s*\(|\bset(?:Timeout|Interval)\s*\(\s*["'`]/);
    assert.doesNotMatch(text, /\.constructor\s*\(\s*["'`]/);
  });
}

// The same, from the other side.
test('the WebAssembly asks for no function that is made of text', async () => {
  // What is published has short names in place of these.
  const [published, named] = await Promise.all(
    [join(dist, 'wasmqtt.wasm'), join(ROOT, 'target/wasmqtt.names.wasm')].map(async (path) => {
      return WebAssembly.Module.imports(await WebAssembly.compile(await readFile(path)));
    }),
  );
  const names = named.map(({ name }) => name);
  assert.ok(names.length > 0);
  assert.equal(published.length, names.length);
  assert.deepEqual(
    names.filter((name) => /new_?no_?args|newwithargs|new_with_args|eval/i.test(name)),
    [],
  );
});
