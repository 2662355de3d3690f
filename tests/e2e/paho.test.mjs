/** Paho's words on this client, on real servers: as a script and as a module. It does not know Paho's own tests. */

import assert from 'node:assert/strict';
import { SOCKET_FAILED } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
import { freePorts } from '../support/net.mjs';
import { startPacketServer } from '../support/packet-server.mjs';
import { ON, startPahoPages } from '../support/paho-pages.mjs';
import { connectPeer } from '../support/peer.mjs';

const broker = await startMosquitto();
const locked = await startMosquitto({ users: { alice: 'secret' } });
const { pageTest, site } = await startPahoPages();

for (const path of ['/script.html', '/module.html']) {
  pageTest(
    `a page connects, subscribes, sends, receives and disconnects (${path})`,
    async ({ page }) => {
      const peer = await connectPeer(broker);
      await peer.subscribe('paho/out/#');
      const told = await page.evaluate(async (port) => {
        const told = [];
        const client = new Paho.Client('127.0.0.1', port, '/mqtt', 'paho-page');
        client.onConnected = (again, uri) => told.push(['connected', again, uri === client.uri]);
        client.onConnectionLost = ({ errorCode, reconnect }) => told.push(['lost', errorCode, reconnect]);
        client.onMessageDelivered = ({ topic, qos }) => told.push(['delivered', topic, qos]);
        const { invocationContext } = await connected(client, { invocationContext: { mine: 1 } });
        told.push([client.isConnected(), invocationContext]);
        const { grantedQos } = await subscribed(client, ['paho/in', 'paho/also'], { qos: 2 });
        told.push(['granted', ...grantedQos]);
        const message = new Paho.Message('größer');
        message.destinationName = 'paho/out/object';
        message.qos = 2;
        const delivered = promised((resolve) => {
          let count = 0;
          client.onMessageDelivered = ({ topic, qos }) => {
            told.push(['delivered', topic, qos]);
            if (++count === 4) resolve();
          };
        });
        client.send(message);
        client.send('paho/out/text', 'text', 1, false);
        client.publish('paho/out/bytes', new Uint8Array([1, 2, 255]).buffer);
        const arrived = promised((resolve) => {
          client.onMessageArrived = resolve;
        });
        client.send('paho/in', 'home', 2);
        const { payloadString, payloadBytes, destinationName, topic, qos, retained, duplicate } = await arrived;
        told.push({ payloadString, bytes: [...payloadBytes], destinationName, topic, qos, retained, duplicate });
        await delivered;
        client.disconnect();
        told.push(
          client.isConnected(),
          thrown(() => client.disconnect()),
          thrown(() => client.send(message)),
        );
        return told;
      }, broker.wsPort);
      const [text, object, bytes] = (await peer.take(3)).sort((one, other) => (one.topic < other.topic ? 1 : -1));
      assert.equal(text?.text, 'text');
      assert.deepEqual([object?.text, object?.packet.qos], ['größer', 2]);
      assert.deepEqual([...(bytes?.payload ?? [])], [1, 2, 255]);
      const delivered = told.filter((line) => line[0] === 'delivered').sort();
      assert.deepEqual(delivered, [
        ['delivered', 'paho/in', 2],
        ['delivered', 'paho/out/bytes', 0],
        ['delivered', 'paho/out/object', 2],
        ['delivered', 'paho/out/text', 1],
      ]);
      assert.deepEqual(
        told.filter((line) => line[0] !== 'delivered'),
        [
          ['connected', false, true],
          [true, { mine: 1 }],
          ['granted', 2, 2],
          {
            payloadString: 'home',
            bytes: [104, 111, 109, 101],
            destinationName: 'paho/in',
            topic: 'paho/in',
            qos: 2,
            retained: false,
            duplicate: false,
          },
          ['lost', 0, false],
          false,
          'AMQJS0011E Invalid state not connecting or connected.',
          'AMQJS0011E Invalid state not connected.',
        ],
      );
      await peer.end();
    },
    { path },
  );
}

pageTest(
  'names of both versions are the same classes; the module has them in every way',
  async ({ page }) => {
    const { url } = site;
    assert.ok(
      await page.evaluate(async (url) => {
        const all = await import(`${url}/dist/paho.js`);
        const { Client, Message, MQTT, Paho: named, default: Default } = all;
        const here = Paho.MQTT.Client === Paho.Client && Paho.MQTT.Message === Paho.Message;
        return here && MQTT.Client === Client && named.MQTT.Message === Message && Default.Client === Client;
      }, url),
    );
  },
  ON,
);

pageTest(
  'constructors and properties',
  async ({ page }) => {
    const found = await page.evaluate(() => {
      const parts = ({ host, port, path, uri, clientId }) => [host, port, path, uri, clientId];
      const client = new Paho.Client('h', 1, 'id');
      return [
        parts(client),
        parts(new Paho.Client('h', 1, '/p', 'id')),
        parts(new Paho.Client('::1', 1, '/p', 'id')),
        parts(new Paho.Client('wss://[::1]:8/p', 'id')),
        parts(new Paho.Client('ws://h/p/q', 'id')).with(1, 'none'),
        ...['host', 'port', 'path', 'uri', 'clientId'].map((name) =>
          thrown(() => {
            client[name] = 1;
          })?.slice(0, 10),
        ),
        [client.disconnectedPublishing, client.disconnectedBufferSize, client.isConnected(), client.getTraceLog()],
      ];
    });
    assert.deepEqual(found, [
      ['h', 1, '/mqtt', 'ws://h:1/mqtt', 'id'],
      ['h', 1, '/p', 'ws://h:1/p', 'id'],
      ['::1', 1, '/p', 'ws://[::1]:1/p', 'id'],
      ['::1', 8, '/p', 'wss://[::1]:8/p', 'id'],
      ['h', 'none', '/p/q', 'ws://h/p/q', 'id'],
      ...Array(5).fill('AMQJS0014E'),
      [false, 5000, false, null],
    ]);
  },
  ON,
);

pageTest(
  'what is wrong is an error with its number, and no error repeats a password',
  async ({ page }) => {
    const found = await page.evaluate(() => {
      const client = new Paho.Client('h', 1, 'id');
      const will = new Paho.Message('x');
      const wrong = {
        'a host that is none': () => new Paho.Client(1, 2, 'id'),
        'an address of http': () => new Paho.Client('http://example.com', 'id'),
        'a port as text': () => new Paho.Client('h', '1', 'id'),
        'no identifier': () => new Paho.Client('h', 1, undefined),
        'an unknown option': () => client.connect({ retry: true }),
        'a timeout as text': () => client.connect({ timeout: '1' }),
        'version 5': () => client.connect({ mqttVersion: 5 }),
        'a password alone': () => client.connect({ password: 'hunter2' }),
        'a will that is none': () => client.connect({ willMessage: {} }),
        'a will without a topic': () => client.connect({ willMessage: will }),
        'hosts without ports': () => client.connect({ hosts: ['a'] }),
        'hosts of two kinds': () => client.connect({ hosts: ['ws://a/p', 'b'], ports: [1, 2] }),
        'no hosts': () => client.connect({ hosts: [] }),
        'a keep-alive too long': () => client.connect({ keepAliveInterval: 70_000 }),
        'to subscribe unconnected': () => client.subscribe('a'),
        'to unsubscribe unconnected': () => client.unsubscribe('a'),
        'a filter that is none': () => client.subscribe('a#'),
        'a timeout nobody hears of': () => client.subscribe('a', { timeout: 1 }),
        'QoS 3': () => client.subscribe('a', { qos: 3 }),
        'nothing to send': () => client.send(),
        'to send text alone': () => client.send('text'),
        'to send without a topic': () => client.send(new Paho.Message('x')),
        'to send to a filter': () => client.send('a/+', 'x'),
        'a payload that is none': () => new Paho.Message({}),
        'a message of QoS 3': () => {
          will.qos = 3;
        },
        'retained as text': () => {
          will.retained = 'yes';
        },
        'half of a surrogate pair': () => new Paho.Message('\ud83d').payloadBytes,
        'text that is none': () => new Paho.Message(new Uint8Array([0xff])).payloadString,
        'a callback that is none': () => {
          client.onMessageArrived = null;
        },
      };
      return Object.entries(wrong).map(([name, run]) => [name, thrown(run)]);
    });
    for (const [name, message] of found) {
      assert.ok(message, `${name}: nothing was thrown`);
      assert.doesNotMatch(message, /hunter2/);
    }
    const numbers = Object.fromEntries(found.map(([name, message]) => [name, /^AMQJS(\d{4})/.exec(message)?.[1]]));
    assert.deepEqual(numbers, {
      'a host that is none': '0012',
      'an address of http': '0013',
      'a port as text': '0012',
      'no identifier': '0013',
      'an unknown option': undefined,
      'a timeout as text': '0012',
      'version 5': '0013',
      'a password alone': '0013',
      'a will that is none': '0012',
      'a will without a topic': '0012',
      'hosts without ports': '0013',
      'hosts of two kinds': '0013',
      'no hosts': '0013',
      'a keep-alive too long': '0013',
      'to subscribe unconnected': '0011',
      'to unsubscribe unconnected': '0011',
      'a filter that is none': '0013',
      'a timeout nobody hears of': undefined,
      'QoS 3': '0013',
      'nothing to send': undefined,
      'to send text alone': undefined,
      'to send without a topic': '0013',
      'to send to a filter': '0013',
      'a payload that is none': '0013',
      'a message of QoS 3': undefined,
      'retained as text': '0013',
      'half of a surrogate pair': '0017',
      'text that is none': '0009',
      'a callback that is none': '0012',
    });
  },
  ON,
);

pageTest(
<<<<<<< HEAD
=======
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
>>>>>>> b18336f (A subprotocol that was not offered is none in WebKit either; its driver finds, reads and clicks elements; a socket that stands in for the browser's need know no subprotocols)
  'a refused subscription, one without an answer in time, and one of several filters',
  async ({ page }) => {
    const server = await startPacketServer(({ cmd, messageId, subscriptions }, { send }) => {
      if (cmd === 'connect') {
        send({ cmd: 'connack', returnCode: 0, sessionPresent: false });
      } else if (cmd === 'subscribe') {
        const late = subscriptions.some((/** @type {{ topic: string }} */ one) => one.topic === 'late');
        const granted = subscriptions.map((/** @type {{ topic: string, qos: number }} */ { topic, qos }) =>
          topic === 'no' ? 128 : qos,
        );
        if (!late) {
          send({ cmd: 'suback', messageId, granted });
        }
      }
    }, 4);
    const found = await page.evaluate(async (url) => {
      const client = make(url, 'paho-refused');
      await connected(client);
      const refused = await subscribed(client, 'no', { qos: 1, invocationContext: { mine: 1 } });
      const several = await subscribed(client, ['yes', 'no'], { qos: 1 });
      const late = await subscribed(client, 'late', { timeout: 0.1 });
      return [
        refused.errorCode[0],
        refused.invocationContext.mine,
        [...several.grantedQos],
        late.errorCode,
        late.errorMessage,
      ];
    }, server.url);
    assert.deepEqual(found, [128, 1, [1, 128], 2, 'AMQJS0002E Subscribe timed out.']);
  },
  { ...ON, allowed: [SOCKET_FAILED] },
);

pageTest(
  'a callback that throws changes nothing, methods work taken off their client, and client and message through a proxy',
  async ({ page }) => {
    const found = await page.evaluate(async (url) => {
      // As Vue does: everything that is read is wrapped, too.
      const reactive = (target) =>
        new Proxy(target, {
          get(target, key, receiver) {
            const value = Reflect.get(target, key, receiver);
            return Object.prototype.toString.call(value) === '[object Object]' ? reactive(value) : value;
          },
        });
      const client = reactive(make(url, 'paho-proxy'));
      await connected(client);
      await subscribed(client, 'paho/proxy');
      const arrived = [];
      const all = promised((resolve) => {
        client.onMessageArrived = (message) => {
          const { payloadString, destinationName } = reactive(message);
          arrived.push([payloadString, destinationName, JSON.stringify(Object.keys(message))]);
          if (arrived.length === 2) resolve();
          throw new Error('of the application');
        };
      });
      const { send, isConnected } = client;
      send('paho/proxy', 'one');
      send('paho/proxy', 'two');
      await all;
      return [arrived.map(([text]) => text), arrived[0][1], arrived[0][2], isConnected()];
    }, broker.url);
    const keys = ['payloadString', 'payloadBytes', 'destinationName', 'topic', 'qos', 'retained', 'duplicate'];
    assert.deepEqual(found, [['one', 'two'], 'paho/proxy', JSON.stringify(keys), true]);
  },
  { ...ON, allowed: [/of the application/] },
);

pageTest(
  'a filter that is subscribed to again brings its retained message again, and a lower QoS counts',
  async ({ page }) => {
    const peer = await connectPeer(broker);
    await peer.publish('paho/retained', 'kept', { qos: 1, retain: true });
    const found = await page.evaluate(async (url) => {
      const client = make(url, 'paho-again-and-again');
      await connected(client);
      const arrived = [];
      const next = () =>
        promised((resolve) => {
          client.onMessageArrived = resolve;
        });
      for (const qos of [1, 1, 0]) {
        const message = next();
        const { grantedQos } = await subscribed(client, 'paho/retained', { qos });
        const { payloadString, retained, qos: got } = await message;
        arrived.push([grantedQos[0], payloadString, retained, got]);
      }
      const live = next();
      client.send('paho/retained', 'live', 1);
      arrived.push([(await live).payloadString, (await live).qos]);
      return arrived;
    }, broker.url);
    assert.deepEqual(found, [
      [1, 'kept', true, 1],
      [1, 'kept', true, 1],
      [0, 'kept', true, 0],
      ['live', 0],
    ]);
    await peer.end();
  },
  ON,
);

pageTest(
  'the trace tells what happened, without user name, password and payload',
  async ({ page }) => {
    const [log, lines, stopped] = await page.evaluate(async (url) => {
      const client = make(url, 'paho-trace');
      const lines = [];
      client.trace = ({ severity, message }) => lines.push(`${severity} ${message}`);
      client.startTrace();
      await connected(client, { userName: 'alice', password: 'secret' });
      client.send('paho/trace', 'private words');
      const log = client.getTraceLog();
      client.stopTrace();
      return [log, lines, client.getTraceLog() ?? 'none'];
    }, locked.url);
    assert.equal(stopped, 'none');
    for (const all of [log.join('\n'), lines.join('\n')]) {
      assert.match(all, /Client\.connect[\s\S]*connected[\s\S]*Client\.send/);
      assert.doesNotMatch(all, /alice|secret|private/);
    }
  },
  ON,
);

pageTest(
  'the script works by itself: without its parts beside it a session is kept in memory',
  async ({ page }) => {
    const found = await page.evaluate(async (port) => {
      // No file of this folder is there but the script.
      const client = new Paho.Client('127.0.0.1', port, '/mqtt', 'paho-alone');
      const { errorCode } = await connected(client, { cleanSession: false });
      return [errorCode ?? 'connected', client.isConnected()];
    }, broker.wsPort);
    assert.deepEqual(found, ['connected', true]);
  },
  // As Chromium says it, and Firefox.
  { path: '/alone.html', allowed: [/404/, /disallowed MIME type/] },
);
