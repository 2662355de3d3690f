/** Paho's words on this client, on real servers: as a script and as a module. It does not know Paho's own tests. */

import assert from 'node:assert/strict';
import { SOCKET_FAILED } from '../support/browser.mjs';
import { startMosquitto } from '../support/mosquitto.mjs';
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
