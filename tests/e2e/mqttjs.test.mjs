/**
 * Programs for MQTT.js on `wasmqtt/mqttjs`, in a page, on a real mosquitto: what they call, what they are told, and in which
 * order. It does not know how the client of the package behaves under it.
 */

import assert from 'node:assert/strict';
import { SOCKET_FAILED, startBrowser, startPackageSite } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { connectPeer } from '../support/peer.mjs';

const broker = await startMosquitto();
const site = await startPackageSite({
  '/mqttjs.html': `<!doctype html><meta charset="utf-8"><title>mqttjs</title><link rel="icon" href="data:,">
<script type="module">
  import mqtt from '/dist/mqttjs.js';
  globalThis.mqtt = mqtt;
  // What a client tells, in its order.
  globalThis.heard = (client) => {
    const all = [];
    for (const event of ['connect', 'reconnect', 'offline', 'close', 'disconnect', 'end', 'error', 'outgoingEmpty']) {
      client.on(event, () => all.push(event));
    }
    return all;
  };
  globalThis.event = (client, name) => new Promise((resolve) => client.once(name, (...given) => resolve(given)));
  globalThis.loaded = true;
</script>`,
  '/plain.html': `<!doctype html><meta charset="utf-8"><title>Script</title><link rel="icon" href="data:,">
<script src="/dist/mqttjs.global.js"></script>
<script>globalThis.loaded = true;</script>`,
  '/dashboard.html': `<!doctype html><meta charset="utf-8"><title>Dashboard</title><link rel="icon" href="data:,">
<p id="status">offline</p><ul id="readings"></ul><button id="switch">switch</button>
<script type="module">
  import mqtt from '/dist/mqttjs.js';
  const query = new URLSearchParams(location.search);
  const client = mqtt.connect(query.get('broker'), {
    clientId: 'dashboard_' + Math.random().toString(16).substring(2, 8),
    keepalive: 60, clean: true, reconnectPeriod: 200, connectTimeout: 4000,
    will: { topic: 'dashboards/one', payload: 'gone', qos: 0, retain: false },
  });
  const status = (text) => { document.querySelector('#status').textContent = text; };
  client.on('connect', () => {
    status('connected');
    client.subscribe('rooms/+/temperature', { qos: 1 }, (error) => { if (!error) status('subscribed'); });
  });
  client.on('reconnect', () => status('reconnecting'));
  client.on('error', () => client.end());
  client.on('message', (topic, message) => {
    const item = document.createElement('li');
    item.textContent = topic.split('/')[1] + ': ' + JSON.parse(message).celsius.toFixed(1) + ' / ' + message.toString();
    document.querySelector('#readings').append(item);
  });
  document.querySelector('#switch').addEventListener('click', () => client.publish('rooms/hall/lamp', 'on', { qos: 1 }));
  globalThis.client = client;
  globalThis.loaded = true;
</script>`,
});
const { pageTest } = await startBrowser({ site });
const peer = await connectPeer(broker);
await peer.subscribe('up/#');
const path = '/mqttjs.html';

for (const protocolVersion of /** @type {const} */ ([3, 4, 5])) {
  pageTest(
    `it publishes, subscribes and ends, with callbacks (version ${protocolVersion})`,
    async ({ page }) => {
      const seen = await page.evaluate(
        async (url, protocolVersion) => {
          const client = mqtt.connect(url, {
            protocolVersion,
            ...(protocolVersion === 3 && { protocolId: 'MQIsdp' }),
            clientId: `program-${protocolVersion}`,
          });
          const events = heard(client);
          const [connack] = await event(client, 'connect');
          const granted = await new Promise((resolve) => {
            client.subscribe({ 'down/#': { qos: 1 }, other: { qos: 2 } }, (error, granted, packet) =>
              resolve({ error, granted: granted.map(({ topic, qos }) => [topic, qos]), codes: packet.granted }),
            );
          });
          const came = event(client, 'message');
          const acked = await new Promise((resolve) => {
            client.publish('down/1', 'Zürich', { qos: 1 }, (error, packet) => resolve([error, packet.cmd]));
          });
          const [topic, payload, packet] = await came;
          const again = await client.subscribeAsync('other', { qos: 1 });
          await client.unsubscribeAsync('other');
          await client.publishAsync('up/1', new Uint8Array([104, 105]), { qos: 2 });
          await client.endAsync();
          return {
            events,
            connack: [connack.cmd, connack.sessionPresent, connack.returnCode, connack.reasonCode],
            granted,
            acked: acked[1],
            topic,
            texts: [payload.toString(), payload.toString('hex'), payload.toString('base64'), JSON.stringify(payload)],
            readers: [payload.readUInt16BE(0), payload.slice(1).length, payload.indexOf('rich'), payload.includes('z')],
            equal: payload.equals(new TextEncoder().encode('Zürich')) && payload instanceof Uint8Array,
            packet: [packet.cmd, packet.qos, packet.retain, packet.dup, packet.messageId > 0, 'properties' in packet],
            again,
            state: [client.connected, client.disconnecting, client.disconnected, client.reconnecting],
          };
        },
        broker.url,
        protocolVersion,
      );
      assert.deepEqual(seen, {
        events: ['connect', 'close', 'end'],
        connack: ['connack', false, ...(protocolVersion === 5 ? [null, 0] : [0, null])],
        granted: {
          error: null,
          granted: [
            ['down/#', 1],
            ['other', 2],
          ],
          codes: [1, 2],
        },
        acked: 'puback',
        topic: 'down/1',
        texts: ['Zürich', '5ac3bc72696368', 'WsO8cmljaA==', '{"type":"Buffer","data":[90,195,188,114,105,99,104]}'],
        readers: [0x5ac3, 6, 3, false],
        equal: true,
        packet: ['publish', 1, false, false, true, protocolVersion === 5],
        again: [],
        state: [false, true, true, false],
      });
      const { text, packet } = await peer.next();
      assert.deepEqual([text, packet.qos], ['hi', 2]);
    },
    { path },
  );
}

pageTest(
  'a connection that is lost is made again after the period, and what was subscribed to with it',
  async ({ page }) => {
    const seen = await page.evaluate(async (url) => {
      const client = mqtt.connect(url, { reconnectPeriod: 50 });
      const events = heard(client);
      await event(client, 'connect');
      await client.subscribeAsync('down/again');
      client.stream.end();
      await event(client, 'close');
      const waits = [client.connected, client.reconnecting];
      const offline = client.publishAsync('down/again', 'queued', { qos: 1 });
      client.publish('down/again', 'queued too');
      const queue = client.queue.length;
      const texts = [];
      client.on('message', (_, payload) => texts.push(`${payload}`));
      await Promise.all([event(client, 'connect'), offline]);
      await client.publishAsync('down/again', 'last', { qos: 1 });
      while (!texts.includes('last')) {
        await event(client, 'message');
      }
      await client.endAsync(true);
      return { events, waits, queue, texts, left: client.queue.length };
    }, broker.url);
    assert.deepEqual(seen, {
      events: ['connect', 'offline', 'close', 'reconnect', 'connect', 'close', 'end'],
      waits: [false, true],
      queue: 1,
      texts: ['queued', 'queued too', 'last'],
      left: 0,
    });
  },
  { path },
);

pageTest(
  'what is not acknowledged at the end is sent after reconnect() with its stores, once',
  async ({ page }) => {
    const seen = await page.evaluate(async (url) => {
      const incomingStore = new mqtt.Store({ clean: false });
      const outgoingStore = new mqtt.Store({ clean: false });
      const options = { clientId: 'kept', clean: false, reconnectPeriod: 0, incomingStore, outgoingStore };
      const client = mqtt.connect(url, options);
      await event(client, 'connect');
      const done = new Promise((resolve) =>
        client.publish('up/kept', 'once', { qos: 2, cbStorePut: () => client.end(true) }, resolve),
      );
      await event(client, 'end');
      client.reconnect({ incomingStore, outgoingStore });
      const error = await done;
      await client.endAsync();
      return { error: error ?? null, connected: client.connected };
    }, broker.url);
    assert.deepEqual(seen, { error: null, connected: false });
    assert.equal((await peer.next()).text, 'once');
    await peer.publish('up/next', 'next');
    assert.equal((await peer.next()).text, 'next');
  },
  { path },
);

pageTest(
  'the options of the client are read anew for each connection; wills and addresses are the application’s to change',
  async ({ page }) => {
    const seen = await page.evaluate(async (url) => {
      const urls = [];
      const client = mqtt.connect(url, {
        reconnectPeriod: 0,
        manualConnect: true,
        transformWsUrl: (url, options, given) => {
          urls.push([url, options === client.options, given === client]);
          return `${url}?token=${urls.length}`;
        },
      });
      client.publish('up/manual', 'before connect()');
      client.connect();
      await event(client, 'connect');
      const first = client.stream.url;
      await client.endAsync();
      client.options.will = { topic: 'up/will', payload: 'changed', qos: 0, retain: false };
      client.reconnect();
      await event(client, 'connect');
      const second = client.stream.url;
      client.stream.destroy();
      await event(client, 'close');
      return { urls: urls.map(([, ...same]) => same), tokens: [first, second].map((it) => new URL(it).search) };
    }, broker.url);
    assert.deepEqual(seen, {
      urls: [
        [true, true],
        [true, true],
      ],
      tokens: ['?token=1', '?token=2'],
    });
    assert.equal((await peer.next()).text, 'before connect()');
    assert.equal((await peer.next()).text, 'changed');
  },
  { path },
);

pageTest(
  'handleMessage and customHandleAcks decide when and how a message is acknowledged',
  async ({ page }) => {
    const seen = await page.evaluate(async (url) => {
      const order = [];
      let last;
      const all = new Promise((resolve) => {
        last = resolve;
      });
      const client = mqtt.connect(url, {
        protocolVersion: 5,
        customHandleAcks: (topic, _message, _packet, done) => done(topic === 'down/refused' ? 0x83 : 0),
      });
      client.handleMessage = (packet, done) => {
        setTimeout(() => {
          order.push(`done ${packet.payload}`);
          done();
          if (order.length === 5) {
            last();
          }
        }, 20);
      };
      client.on('message', (_, payload) => order.push(`message ${payload}`));
      await event(client, 'connect');
      await client.subscribeAsync(['down/one', 'down/refused'], { qos: 1, properties: { subscriptionIdentifier: 7 } });
      const identifiers = [];
      client.on('message', (_topic, _payload, packet) => identifiers.push(packet.properties.subscriptionIdentifier));
      await Promise.all([
        client.publishAsync('down/one', '1', { qos: 1, properties: { userProperties: { a: ['b', 'c'] } } }),
        client.publishAsync('down/refused', '2', { qos: 1 }),
        client.publishAsync('down/one', '3', { qos: 1 }),
      ]);
      await all;
      await client.endAsync();
      return { order, identifiers };
    }, broker.url);
    assert.deepEqual(seen, {
      order: ['message 1', 'done 1', 'done 2', 'message 3', 'done 3'],
      identifiers: [7, 7],
    });
  },
  { path },
);

pageTest(
  'what is wrong is told by callbacks, and by error events where nobody else is told',
  async ({ page }) => {
    const seen = await page.evaluate(async (url) => {
      const client = mqtt.connect(url, { protocolVersion: 5 });
      await event(client, 'connect');
      const invalid = await client.subscribeAsync('a/#/b').catch((error) => error.message);
      const alias = await client
        .publishAsync('', 'x', { properties: { topicAlias: 3 } })
        .catch((error) => error.message);
      const wildcard = await client.publishAsync('a/#', 'x', { qos: 1 }).catch((error) => error.code);
      await client.endAsync();
      const ended = await client.publishAsync('a', 'x').catch((error) => error.message);
      const forced = mqtt.connect(url, { protocolVersion: 5 });
      await event(forced, 'connect');
      const sent = [];
      forced.on('packetsend', ({ cmd }) => sent.push(cmd));
      const closed = forced.publishAsync('a', 'x', { qos: 2 }).catch((error) => error.message);
      await forced.endAsync(true);
      const told = event(client, 'error');
      client.publish('a', 'x');
      const [{ message }] = await told;
      const unclean = (() => {
        try {
          mqtt.connect(url, { clean: false });
          return '';
        } catch (error) {
          return error.message;
        }
      })();
      const failed = await mqtt.connectAsync('ws://127.0.0.1:9', {}, false).catch((error) => error.message);
      return { invalid, alias, wildcard, ended, message, unclean, failed, closed: await closed, sent };
    }, broker.url);
    assert.deepEqual(seen, {
      invalid: 'Invalid topic a/#/b',
      alias: 'Unregistered Topic Alias',
      wildcard: 'invalid-argument',
      ended: 'client disconnecting',
      message: 'client disconnecting',
      unclean: 'Missing clientId for unclean clients',
      failed: "Couldn't connect to server",
      closed: 'Connection closed',
      sent: [],
    });
  },
  { path, allowed: [SOCKET_FAILED] },
);

pageTest(
  'a dashboard as people write them: a status, a list, a button, and a broker that goes and comes',
  async ({ page }) => {
    const text = (/** @type {string} */ selector) => page.$eval(selector, (element) => element.textContent);
    await page.waitForFunction('document.querySelector("#status").textContent === "subscribed"');
    await peer.publish('rooms/hall/temperature', '{"celsius":21.5}', { qos: 1 });
    await page.waitForSelector('#readings li');
    assert.equal(await text('#readings'), 'hall: 21.5 / {"celsius":21.5}');
    await peer.subscribe('rooms/hall/lamp');
    await page.click('#switch');
    assert.equal((await peer.next()).text, 'on');
    // QoS 1 comes again where the acknowledgement was on its way.
    await page.waitForFunction('Object.keys(client.outgoing).length === 0');
    await page.evaluate(() => client.stream.destroy());
    await page.waitForFunction('document.querySelector("#status").textContent === "reconnecting"');
    await page.waitForFunction('document.querySelector("#status").textContent === "subscribed"');
    await peer.subscribe('dashboards/one');
    await page.close();
    assert.equal((await peer.next()).text, 'gone');
  },
  { path: `/dashboard.html?broker=${encodeURIComponent(broker.url)}` },
);

pageTest(
  'a page with a script tag has all of it as the global mqtt',
  async ({ page }) => {
    const seen = await page.evaluate(async (url) => {
      const client = mqtt.connect(url);
      await new Promise((resolve) => client.once('connect', resolve));
      await client.subscribeAsync('plain/#', { qos: 1 });
      const message = new Promise((resolve) => client.once('message', (...given) => resolve(given)));
      await client.publishAsync('plain/one', 'text', { qos: 1 });
      const [topic, payload] = await message;
      await client.endAsync();
      const module = Object.keys(await import('/dist/mqttjs.js')).filter((name) => name !== 'default');
      return { topic, text: payload.toString(), missing: module.filter((name) => !(name in mqtt)) };
    }, broker.url);
    assert.deepEqual(seen, { topic: 'plain/one', text: 'text', missing: [] });
  },
  { path: '/plain.html' },
);

pageTest(
  'who ends the client when it is offline has ended it: no attempt follows',
  async ({ page }) => {
    const seen = await page.evaluate(async () => {
      let sockets = 0;
      const client = mqtt.connect('ws://127.0.0.1:1', {
        reconnectPeriod: 20,
        createWebsocket: (url, protocols) => {
          sockets++;
          return new WebSocket(url, protocols);
        },
      });
      const events = heard(client);
      client.on('error', () => {});
      client.on('offline', () => client.end());
      await event(client, 'end');
      // Another one has the same pause, begins later, and has tried again twice.
      const other = mqtt.connect('ws://127.0.0.1:1', { reconnectPeriod: 20 });
      other.on('error', () => {});
      await event(other, 'reconnect');
      await event(other, 'reconnect');
      await other.endAsync(true);
      return { sockets, ended: events.filter((name) => name === 'end').length, tries: events.includes('reconnect') };
    });
    assert.deepEqual(seen, { sockets: 1, ended: 1, tries: false });
  },
  { path, allowed: [SOCKET_FAILED] },
);
