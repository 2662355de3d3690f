/**
 * What may stand as the address of a server, what becomes of it, and what is said of what may not.
 * It does not know brokers: its servers read one CONNECT.
 */

import assert from 'node:assert/strict';
import { WebSocketServer } from 'ws';
import { SOCKET_FAILED, startBrowser, startPackageSite } from '../support/browser.mjs';
import { makeCertificates } from '../support/certificates.mjs';
import { BROWSER } from '../support/launch.mjs';
import { connack, startPacketServer } from '../support/packet-server.mjs';
import { CONNACK } from '../support/scripted.mjs';
import { startSecureSite } from '../support/secure-site.mjs';
import { packagePage } from '../support/site.mjs';

const tls = await makeCertificates();
const WORKER = `
  import { connect } from '/dist/index.js';
  onmessage = ({ data }) => {
    const factory = (url) => {
      postMessage(url);
      throw new Error('enough');
    };
    connect(data, { reconnect: false, websocket: { factory } }).closed.catch(() => {});
  };
  postMessage('loaded');
`;
const POLICY = `<meta http-equiv="Content-Security-Policy" content="connect-src 'self'">`;
const site = await startPackageSite({
  '/deep/index.html': packagePage('index'),
  '/based.html': packagePage('index').replace('<title>', '<base href="/other/place/"><title>'),
  '/policy.html': packagePage('index').replace('<title>', `${POLICY}<title>`),
  '/deep/worker.js': WORKER,
});
const { pageTest } = await startBrowser({
  site,
  trusted: tls.fingerprint,
});
const secure = await startSecureSite(site, tls);
const here = new URL(site.url).host;

/** Where the page connects to when it is given these. */
const resolved = (/** @type {import('puppeteer-core').Page} */ page, /** @type {string[]} */ addresses) =>
  page.evaluate(
    (addresses) =>
      Promise.all(
        addresses.map(
          (address) =>
            new Promise((resolve, reject) => {
              const factory = (/** @type {string} */ url) => {
                resolve(url);
                throw new Error('enough');
              };
              wasmqtt.connect(address, { reconnect: false, websocket: { factory } }).closed.catch(reject);
            }),
        ),
      ),
    addresses,
  );

/** As it is given, and where that leads to. */
const ABSOLUTE = [
  ['ws://broker.example', 'ws://broker.example/'],
  ['WSS://Broker.Example:443/Mqtt?a=b', 'wss://broker.example/Mqtt?a=b'],
  ['  ws://broker.example:9001/mqtt \n', 'ws://broker.example:9001/mqtt'],
  ['http://broker.example/mqtt', 'ws://broker.example/mqtt'],
  ['http://broker.example:443/', 'ws://broker.example:443/'],
  ['HTTPS://broker.example:8084', 'wss://broker.example:8084/'],
  ['ws://[::1]:9001', 'ws://[::1]:9001/'],
  ['ws://user:secret@broker.example/', 'ws://broker.example/'],
];

pageTest('an address is read as the browser reads one, and made relative to the page', async ({ page, open }) => {
  const tables = [
    [
      page,
      [
        ...ABSOLUTE,
        ['/mqtt', `ws://${here}/mqtt`],
        ['mqtt', `ws://${here}/mqtt`],
        ['?x=1', `ws://${here}/index.html?x=1`],
        ['//broker.example/mqtt', 'ws://broker.example/mqtt'],
        ['//user:secret@broker.example', 'ws://broker.example/'],
      ],
    ],
    [
      (await open('/deep/index.html')).page,
      [
        ['mqtt', `ws://${here}/deep/mqtt`],
        ['../mqtt', `ws://${here}/mqtt`],
      ],
    ],
    [(await open('/based.html')).page, [['mqtt', `ws://${here}/other/place/mqtt`]]],
  ];
  for (const [where, rows] of /** @type {[import('puppeteer-core').Page, string[][]][]} */ (tables)) {
    const addresses = rows.map(([address = '']) => address);
    assert.deepEqual(
      await resolved(where, addresses),
      rows.map(([, wanted]) => wanted),
    );
  }
});

pageTest(
  'in a worker it is relative to the script of the worker; one of a blob has the page as its place',
  async ({ page }) => {
    const seen = await page.evaluate(async (worker) => {
      const source = worker.replaceAll("'/dist", `'${location.origin}/dist`);
      const blob = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
      const seen = [];
      for (const script of ['/deep/worker.js', blob]) {
        const worker = new Worker(script, { type: 'module' });
        const heard = () => new Promise((resolve) => worker.addEventListener('message', resolve, { once: true }));
        await heard();
        for (const address of ['mqtt', '/mqtt', 'ws://broker.example']) {
          worker.postMessage(address);
          seen.push((await heard()).data);
        }
        worker.terminate();
      }
      return seen;
    }, WORKER);
    const absolute = 'ws://broker.example/';
    assert.deepEqual(seen, [
      ...[`ws://${here}/deep/mqtt`, `ws://${here}/mqtt`, absolute],
      ...[`ws://${here}/mqtt`, `ws://${here}/mqtt`, absolute],
    ]);
  },
);

/** What the error says of each. Each has a secret, where it can. */
const WRONG = [
  ...['mqtt://hunter2@broker.example', 'mqtts://u:hunter2@h:8883', 'tcp://h:1883', 'ssl://h', 'tls://h'].map((it) => [
    it,
    /cannot open TCP.*ws:\/\/host:9001.*wss:\/\/host:8084\/mqtt/,
  ]),
  ...['MQTT+SSL://u:hunter2@h', 'mqtt:broker'].map((it) => [it, /cannot open TCP/]),
  ...['broker.example:1883', 'localhost:9001/mqtt', '127.0.0.1:9001', '[::1]:9001', 'u:hunter2@h:9001'].map((it) => [
    it,
    /must begin with ws:\/\/ or wss:\/\/.*ws:\/\/host:9001/,
  ]),
  ...['ftp://u:hunter2@h/', 'wxs://h', 'file:///hunter2', 'javascript:hunter2', 'data:,x'].map((it) => [
    it,
    /must begin with ws:\/\/ or wss:\/\//,
  ]),
  ...['ws://h/hunter2#x', 'ws://h/#', '#hunter2', 'mqtt#', 'ws://u:hunt#er2@h/'].map((it) => [
    it,
    /fragment|is no URL/,
  ]),
  ...['ws://', 'ws://u:hunter2@', 'ws://h:hunter2/', 'ws://h:65536', 'ws://u:hunt/er2@h', '//['].map((it) => [
    it,
    /is no URL/,
  ]),
  ...['ws://u:hunter2%@h', 'ws://u%zz:hunter2@h', 'ws://u:hunter2%ff@h'].map((it) => [it, /percent-encoded/]),
  ...['', '  ', '\n'].map((it) => [it, /is empty/]),
  ...[null, 5, {}, true].map((it) => [it, /must be text or a URL/]),
  [[], /there is no address/],
  [['ws://broker.example/', ''], /is empty/],
];

pageTest('what is no address is refused by a name that says what to do, and holds no part of it', async ({ page }) => {
  const errors = await page.evaluate(
    (addresses) =>
      Promise.all(
        addresses.map(async (address) => {
          const client = wasmqtt.connect(address);
          const { code, message, stack } = await failure(client.ready);
          return { code, message, stack, state: client.state };
        }),
      ),
    WRONG.map(([address]) => address),
  );
  for (const [at, { code, message, stack, state }] of errors.entries()) {
    const [address, wanted] = WRONG[at] ?? [];
    assert.deepEqual([code, state], ['invalid-argument', 'closed'], String(address));
    assert.match(message, /** @type {RegExp} */ (wanted), String(address));
    assert.doesNotMatch(message + stack, /hunt/, String(address));
  }
});

/** The address; options, as source text; who CONNECT says it is. */
const LOGINS = [
  ['ws://alice:p%40s%3A%2f%23@HOST/', '{}', 'alice', 'p@s:/#'],
  ['ws://alice@HOST', '{}', 'alice', undefined],
  ['ws://alice:@HOST', '{}', 'alice', undefined],
  ['ws://:secret@HOST/', '{}', undefined, 'secret'],
  ['ws://@HOST/', '{}', undefined, undefined],
  ['ws://%C3%A4:%E2%82%AC%20+@HOST/', '{}', 'ä', '€ +'],
  ['http://alice:secret@HOST/', '{}', 'alice', 'secret'],
  ['ws://alice:secret@HOST/', '{ username: "bob" }', 'bob', undefined],
  ['ws://alice:secret@HOST/', '{ password: "token" }', undefined, 'token'],
  ['ws://alice:secret@HOST/', '{ username: undefined, password: undefined }', 'alice', 'secret'],
  ['ws://alice:secret@HOST/', '{ auth: () => ({ username: "carol" }) }', 'carol', undefined],
  ['ws://alice:secret@HOST/', '{ auth: () => ({}) }', undefined, undefined],
];

pageTest('user and password in an address are those of CONNECT, and go nowhere else', async ({ page }) => {
  const server = await startPacketServer((packet, line) => packet.cmd === 'connect' && line.send(connack()));
  const urls = [];
  for (const [address = '', options = ''] of LOGINS) {
    await page.evaluate(`globalThis.options = ${options}`);
    urls.push(
      await page.evaluate(
        async (address) => {
          const made = [];
          const factory = (/** @type {string} */ url, /** @type {string[]} */ protocols) => {
            made.push(url);
            return new WebSocket(url, protocols);
          };
          for (const websocket of [{}, { factory }]) {
            const client = wasmqtt.connect(new URL(address), { ...options, websocket });
            made.push((await client.ready).url);
            await client.close();
          }
          return made;
        },
        address.replace('HOST', server.authority),
      ),
    );
  }
  const plain = `ws://${server.authority}/`;
  assert.deepEqual(urls, Array(LOGINS.length).fill([plain, plain, plain]));
  const connects = await server.received('connect', LOGINS.length * 2);
  assert.deepEqual(
    connects.map(({ username, password }) => [username, password?.toString()]),
    LOGINS.flatMap(([, , username, password]) => Array(2).fill([username, password])),
  );
  for (const { url, headers } of server.requests) {
    assert.deepEqual([url, headers.authorization], ['/', undefined]);
  }
});

pageTest(
  'several addresses have the same user and password, or the application says who it is',
  async ({ page }) => {
    const server = await startPacketServer((packet, line) => packet.cmd === 'connect' && line.send(connack()));
    const host = server.authority;
    const seen = await page.evaluate(async (host) => {
      const errors = [];
      for (const addresses of [
        [`ws://alice:secret@${host}`, `ws://bob:secret@${host}`],
        [`ws://alice:secret@${host}`, `ws://alice:other@${host}`],
        [`ws://alice:secret@${host}`, `ws://${host}`],
      ]) {
        const { code, message } = await failure(wasmqtt.connect(addresses).ready);
        errors.push([code, message]);
        const named = wasmqtt.connect(addresses, { username: 'carol' });
        await named.ready;
        await named.close();
      }
      const same = wasmqtt.connect(['ws://al%69ce:secret@127.0.0.1:1', `ws://alice:secret@${host}/b`]);
      const [{ url }, { error }] = await Promise.all([same.ready, next(same, 'disconnect')]);
      await same.close();
      return { errors, url, told: JSON.stringify(error) + error.message + error.stack };
    }, host);
    const text = 'the addresses differ in user or password: give "username" and "password" as options';
    assert.deepEqual(seen.errors, Array(3).fill(['invalid-argument', text]));
    assert.equal(seen.url, `ws://${host}/b`);
    assert.doesNotMatch(seen.told, /alice|secret|127\.0\.0\.1:1/);
    const connects = await server.received('connect', 4);
    assert.deepEqual(
      connects.map(({ username, password }) => [username, password?.toString()]),
      [...Array(3).fill(['carol', undefined]), ['alice', 'secret']],
    );
  },
  { allowed: [SOCKET_FAILED] },
);

pageTest('a server that names another one is followed from an address that was normalised', async ({ page }) => {
  const second = await startPacketServer((packet, line) => packet.cmd === 'connect' && line.send(connack()));
  const first = await startPacketServer((packet, line) => {
    if (packet.cmd === 'connect') {
      line.send(connack({ reasonCode: 0x9c, properties: { serverReference: second.authority } }));
    }
  });
  const url = await page.evaluate(async (address) => {
    const client = wasmqtt.connect(address, { followServerReference: true });
    const { url } = await client.ready;
    await client.close();
    return url;
  }, `http://alice:secret@${first.authority}/mqtt?a=b`);
  assert.equal(url, `ws://${second.authority}/mqtt?a=b`);
  const [connect] = await second.received('connect');
  assert.deepEqual([connect?.username, String(connect?.password)], ['alice', 'secret']);
});

const upgrade = new WebSocketServer({ server: secure.server, handleProtocols: () => 'mqtt' });
upgrade.on('connection', (socket) => {
  socket.on('message', (data) => /** @type {Buffer} */ (data)[0] === 0x10 && socket.send(Buffer.from(CONNACK[5])));
});

pageTest(
  'a page of https: that the browser opens no ws: from is told to use wss:, and not made to wait',
  async ({ page }) => {
    // A loopback address is no mixed content, but in WebKit.
    const loopback = BROWSER !== 'webkit';
    const local = await startPacketServer((packet, line) => packet.cmd === 'connect' && line.send(connack()));
    await page.goto(`${secure.url}/index.html`);
    await page.waitForFunction('globalThis.loaded === true');
    const seen = await page.evaluate(
      async (local) => {
        const blocked = wasmqtt.connect('ws://user:secret@broker.invalid/secret');
        const { code, message, phase, retryable } = await failure(blocked.ready);
        const urls = [];
        const factory = (/** @type {string} */ _, /** @type {string[]} */ protocols) =>
          new WebSocket(`wss://${location.host}/by/factory`, protocols);
        for (const client of [
          wasmqtt.connect(['ws://broker.invalid/', '/mqtt']),
          wasmqtt.connect('ws://broker.invalid/', { websocket: { factory } }),
          ...(local ? [wasmqtt.connect(local)] : []),
        ]) {
          urls.push((await client.ready).url);
          await client.close();
        }
        return { error: { code, phase, retryable, state: blocked.state }, message, urls };
      },
      loopback ? local.url : undefined,
    );
    assert.deepEqual(seen.error, { code: 'unsupported', phase: 'opening', retryable: false, state: 'closed' });
    assert.match(seen.message, /page of https: needs wss:/);
    assert.doesNotMatch(seen.message, /secret|broker/);
    const { host } = new URL(secure.url);
    assert.deepEqual(seen.urls, [`wss://${host}/mqtt`, 'ws://broker.invalid/', ...(loopback ? [local.url] : [])]);
  },
  { allowed: [/^Mixed Content: /] },
);

pageTest(
  'so is one whose content security policy does not allow the address',
  async ({ page }) => {
    const seen = await page.evaluate(async () => {
      const client = wasmqtt.connect('ws://broker.invalid/');
      const { code, message, phase } = await failure(client.ready);
      return { code, message, phase, state: client.state };
    });
    const { message, ...rest } = seen;
    assert.deepEqual(rest, { code: 'unsupported', phase: 'opening', state: 'closed' });
    assert.match(message, /content security policy/);
  },
  { path: '/policy.html', allowed: [/Content Security Policy/] },
);

pageTest('subprotocols that the browser does not take are the end, by name', async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const seen = [];
    for (const protocols of [['mqtt', 'mqtt'], ['a b'], ['']]) {
      const client = wasmqtt.connect('ws://broker.invalid/', { websocket: { protocols } });
      const { code, message } = await failure(client.ready);
      seen.push([code, message, client.state]);
    }
    return seen;
  });
  const text = 'the browser does not take the address or the subprotocols of the WebSocket';
  assert.deepEqual(seen, Array(3).fill(['invalid-argument', text, 'closed']));
});
