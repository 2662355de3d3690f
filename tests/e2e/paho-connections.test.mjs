/** Connections in Paho's words: that fail, are lost, made again and ended, and sessions that outlive them. */

import assert from 'node:assert/strict';
import { SOCKET_FAILED } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { freePorts } from '../support/net.mjs';
import { startPacketServer } from '../support/packet-server.mjs';
import { ON, startPahoPages } from '../support/paho-pages.mjs';
import { connectPeer } from '../support/peer.mjs';
import { startProxy } from '../support/proxy.mjs';
import { startScripted } from '../support/scripted.mjs';

const broker = await startMosquitto();
const locked = await startMosquitto({ users: { alice: 'secret' } });
const { pageTest, site } = await startPahoPages();

pageTest(
  'connecting fails by its number: no server, a wrong password, no answer; and the next host is tried',
  async ({ page }) => {
    const silent = await startPacketServer(() => {}, 4);
    const [free = 0] = await freePorts(1);
    const found = await page.evaluate(
      async (url, locked, silent, free) => {
        const code = async (url, options) => {
          const { errorCode = 'connected', errorMessage = '' } = await connected(make(url, 'failing'), options);
          return [errorCode, errorMessage.slice(0, 40)];
        };
        const nobody = `ws://127.0.0.1:${free}/`;
        return [
          await code(nobody),
          await code(locked, { userName: 'alice', password: 'wrong' }),
          await code(locked, { userName: 'alice', password: 'secret' }),
          await code(silent, { timeout: 0.2, mqttVersion: 4 }),
          await code(nobody, { hosts: [`${nobody}mqtt`, `${url}mqtt`] }),
          await code(nobody, { hosts: ['127.0.0.1', '127.0.0.1'], ports: [free, Number(new URL(url).port)] }),
          await code(nobody, { uris: [`${url}mqtt`], keepAliveInterval: Number.NaN, timeout: Number.NaN }),
          await promised((resolve) => {
            const client = new Paho.Client(new URL(url).hostname, Number(new URL(url).port), '');
            client.connect({ cleanSession: false, onFailure: ({ errorCode }) => resolve([errorCode]) });
          }),
        ];
      },
      broker.url,
      locked.url,
      silent.url,
      free,
    );
    assert.equal(found[0][0], 7);
    assert.deepEqual(found.slice(1), [
      [6, 'AMQJS0006E Bad Connack return code:5 Con'],
      ['connected', ''],
      [1, 'AMQJSC0001E Connect timed out.'],
      ['connected', ''],
      ['connected', ''],
      ['connected', ''],
      [6],
    ]);
  },
  { ...ON, allowed: [SOCKET_FAILED] },
);

pageTest(
  'a server that refuses 3.1.1 is asked with 3.1, unless a version was asked for',
  async ({ page }) => {
    const old = await startScripted((packet, send) => {
      if (packet[0] === 0x10) {
        send([0x20, 2, 0, packet.includes('MQIsdp') ? 0 : 1]);
      }
    });
    const found = await page.evaluate(async (url) => {
      const { errorCode } = await connected(make(url, 'new'), { mqttVersion: 4 });
      return [errorCode, (await connected(make(url, 'old'))).errorCode ?? 'connected'];
    }, old.url);
    assert.deepEqual(found, [6, 'connected']);
    // 3.1.1 says MQTT, 3.1 MQIsdp.
    const names = (await old.packets(1, 3)).map((hex) => Buffer.from(hex, 'hex').toString('latin1', 4, 8));
    assert.deepEqual(names, ['MQTT', 'MQTT', 'MQIs']);
  },
  { ...ON, allowed: [SOCKET_FAILED] },
);

pageTest(
  'with reconnect a lost connection is made again: what was sent meanwhile arrives, and subscriptions hold',
  async ({ page }) => {
    const proxy = await startProxy(broker.wsPort);
    const peer = await connectPeer(broker);
    await peer.subscribe('paho/buffered');
    await page.evaluate(async (port) => {
      globalThis.told = [];
      globalThis.client = new Paho.Client('127.0.0.1', port, '/mqtt', 'paho-again');
      client.onConnected = (again) => told.push(['connected', again]);
      client.onMessageArrived = ({ payloadString }) => told.push(['arrived', payloadString]);
      await promised((resolve) => client.connect({ reconnect: true, onSuccess: resolve }));
      await subscribed(client, 'paho/after', { qos: 1 });
      client.disconnectedPublishing = true;
      client.disconnectedBufferSize = 1;
      globalThis.losing = lost(client);
    }, proxy.port);
    proxy.refuse();
    proxy.cut();
    const found = await page.evaluate(async () => {
      const { errorCode, reconnect } = await losing;
      client.send('paho/buffered', 'one', 1);
      client.send('paho/buffered', 'two', 0);
      return [errorCode, reconnect, client.isConnected(), thrown(() => client.send('paho/buffered', 'three'))];
    });
    assert.deepEqual(found, [8, true, false, 'AMQJS0018E Message buffer is full, maximum buffer size: 1.']);
    proxy.restore();
    assert.deepEqual(
      (await peer.take(2)).map(({ text }) => text),
      ['one', 'two'],
    );
    await peer.publish('paho/after', 'still here', { qos: 1 });
    await page.waitForFunction('told.length === 3');
    assert.deepEqual(await page.evaluate('told'), [
      ['connected', false],
      ['connected', true],
      ['arrived', 'still here'],
    ]);
    await page.evaluate(() => client.disconnect());
    await peer.end();
  },
  { ...ON, allowed: [SOCKET_FAILED] },
);

pageTest(
  'a server that refuses the client when it connects again is told of once, and the client can connect anew',
  async ({ page }) => {
    let connections = 0;
    const server = await startPacketServer(({ cmd }, { send, close }) => {
      if (cmd === 'connect') {
        connections++;
        send({ cmd: 'connack', returnCode: connections === 2 ? 5 : 0, sessionPresent: false });
      } else if (cmd === 'publish') {
        close();
      }
    }, 4);
    const found = await page.evaluate(async (url) => {
      const told = [];
      const client = make(url, 'paho-refused-later');
      client.onConnectionLost = ({ errorCode, reconnect }) => told.push([errorCode, reconnect]);
      const failed = promised((resolve) => {
        client.connect({ reconnect: true, onSuccess: () => client.send('go', ''), onFailure: resolve });
      });
      told.push([(await failed).errorCode, thrown(() => client.disconnect())?.slice(0, 10)]);
      told.push([(await connected(client)).errorCode ?? 'connected', client.isConnected()]);
      return told;
    }, server.url);
    assert.deepEqual(found, [
      [8, true],
      [6, 'AMQJS0011E'],
      ['connected', true],
    ]);
  },
  { ...ON, allowed: [SOCKET_FAILED] },
);

pageTest(
  'without cleanSession the session outlives the page: what came for it, its filters, and what it had not sent',
  async ({ page, open }) => {
    const proxy = await startProxy(broker.wsPort);
    const peer = await connectPeer(broker);
    await peer.subscribe('paho/unsent');
    const begin = async (/** @type {import('puppeteer-core').Page} */ where, options = {}) =>
      where.evaluate(
        async (port, options) => {
          globalThis.client = new Paho.Client('127.0.0.1', port, '/mqtt', 'paho-kept');
          globalThis.told = [];
          client.onMessageArrived = ({ payloadString }) => told.push(payloadString);
          client.onMessageDelivered = ({ topic }) => told.push(`delivered ${topic}`);
          await connected(client, { cleanSession: false, ...options });
        },
        proxy.port,
        options,
      );
    await begin(page, { reconnect: true });
    await page.evaluate(async () => {
      await subscribed(client, 'paho/kept', { qos: 1 });
      client.disconnectedPublishing = true;
      globalThis.losing = lost(client);
    });
    proxy.refuse();
    proxy.cut();
    await page.evaluate(async () => {
      await losing;
      client.send('paho/unsent', 'late', 1);
    });
    await peer.publish('paho/kept', 'while away', { qos: 1 });
    // What is stored is written by then: the next page reads it.
    await page.evaluate(async () => {
      client.disconnect();
    });
    await page.goto(`${site.url}/empty`).catch(() => {});
    proxy.restore();
    const next = await open('/script.html');
    await begin(next.page);
    assert.equal((await peer.next()).text, 'late');
    await next.page.waitForFunction('told.length === 2');
    assert.deepEqual((await next.page.evaluate('told')).sort(), ['delivered paho/unsent', 'while away']);
    // The filter is one of the page before, and can be given up here.
    await next.page.evaluate(() => promised((resolve) => client.unsubscribe('paho/kept', { onSuccess: resolve })));
    await peer.publish('paho/kept', 'nobody hears it', { qos: 1 });
    await next.page.evaluate(async () => {
      await subscribed(client, 'paho/end', { qos: 1 });
      client.send('paho/end', 'end', 1);
    });
    await next.page.waitForFunction('told.includes("end")');
    assert.ok(!(await next.page.evaluate('told')).includes('nobody hears it'));
    await peer.end();
  },
  { ...ON, allowed: [SOCKET_FAILED, /404/] },
);

pageTest(
  'a clean session forgets what was stored',
  async ({ page }) => {
    const proxy = await startProxy(broker.wsPort);
    const peer = await connectPeer(broker);
    await peer.subscribe('paho/forgotten');
    await page.evaluate(async (port) => {
      globalThis.client = new Paho.Client('127.0.0.1', port, '/mqtt', 'paho-forgets');
      await connected(client, { cleanSession: false, reconnect: true });
      client.disconnectedPublishing = true;
      globalThis.losing = lost(client);
    }, proxy.port);
    proxy.refuse();
    proxy.cut();
    await page.evaluate(async () => {
      await losing;
      client.send('paho/forgotten', 'never', 1);
      client.disconnect();
    });
    proxy.restore();
    await page.evaluate(async () => {
      await connected(client, { cleanSession: true });
      client.disconnect();
      await connected(client, { cleanSession: false });
      client.send('paho/forgotten', 'marker', 1);
    });
    assert.equal((await peer.next()).text, 'marker');
    await peer.end();
  },
  { ...ON, allowed: [SOCKET_FAILED] },
);

pageTest(
  'the client that connects last has the identifier, in this page and in another; the will of the one before is published',
  async ({ page, open }) => {
    const peer = await connectPeer(broker);
    await peer.subscribe('paho/will');
    const begin = (/** @type {import('puppeteer-core').Page} */ where) =>
      where.evaluate(async (url) => {
        const will = new Paho.Message('gone');
        will.destinationName = 'paho/will';
        const client = make(url, 'paho-one');
        globalThis.losing = lost(client);
        return (await connected(client, { willMessage: will, reconnect: true })).errorCode ?? 'connected';
      }, broker.url);
    const losing = () =>
      page.evaluate(async () => {
        const { errorCode, reconnect } = await losing;
        return [errorCode, reconnect];
      });
    assert.equal(await begin(page), 'connected');
    const first = losing();
    assert.equal(await begin(page), 'connected');
    assert.deepEqual(await first, [8, false]);
    assert.equal((await peer.next()).text, 'gone');
    const second = losing();
    const other = await open('/script.html');
    assert.equal(await begin(other.page), 'connected');
    assert.deepEqual(await second, [8, false]);
    assert.equal((await peer.next()).text, 'gone');
    await peer.end();
  },
  ON,
);

pageTest(
  'what is sent before a disconnect of the same turn arrives, and the client connects again',
  async ({ page }) => {
    const peer = await connectPeer(broker);
    await peer.subscribe('paho/last');
    await page.evaluate(async (url) => {
      const client = make(url, 'paho-last');
      for (const text of ['first', 'second']) {
        await connected(client);
        for (const qos of [0, 1]) client.send('paho/last', `${text} ${qos}`, qos);
        client.disconnect();
      }
    }, broker.url);
    const texts = (await peer.take(4)).map(({ text }) => text).sort();
    assert.deepEqual(texts, ['first 0', 'first 1', 'second 0', 'second 1']);
    await peer.end();
  },
  ON,
);
