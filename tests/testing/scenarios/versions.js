/** What the broker in memory does in each version of MQTT. */

import { equal, event, rejects, texts, types } from './asking.js';

/** @typedef {import('./asking.js').Given} Given */

/** @type {Record<string, (given: Given) => Promise<void>>} */
export const VERSIONS = {};

for (const [protocol, name] of /** @type {const} */ ([
  [3, '3.1'],
  [4, '3.1.1'],
  [5, '5.0'],
])) {
  VERSIONS[`MQTT ${name}: messages of each QoS, exactly as they were published`] = async ({
    connect,
    createBroker,
  }) => {
    const broker = createBroker();
    const [sender, receiver] = ['sender', 'receiver'].map((clientId) =>
      connect(broker.url, { ...broker.options, protocol, clientId }),
    );
    const got = [];
    await receiver.subscribe('a/+/#', ({ topic, qos, payload }) => got.push([topic, qos, [...payload]]), { qos: 2 })
      .ready;
    for (const qos of [0, 1, 2]) {
      await sender.publish(`a/${qos}`, Uint8Array.of(qos, 255), { qos });
    }
    await sender.publish('b/0', 'nobody', { qos: 1 });
    await broker.waitFor(() => got.length === 3);
    equal(
      got,
      [0, 1, 2].map((qos) => [`a/${qos}`, qos, [qos, 255]]),
    );
    equal(
      broker.published('a/#').map(({ clientId, qos, isWill }) => [clientId, qos, isWill]),
      [0, 1, 2].map((qos) => ['sender', qos, false]),
    );
    equal(
      broker.clients.map(({ clientId, version, protocol }) => [clientId, version, protocol]),
      [
        ['sender', protocol, protocol === 3 ? 'mqttv3.1' : 'mqtt'],
        ['receiver', protocol, protocol === 3 ? 'mqttv3.1' : 'mqtt'],
      ],
    );
    const exchange = broker.received.filter(({ clientId }) => clientId === 'sender');
    equal(types(exchange), ['connect', 'publish', 'publish', 'publish', 'pubrel', 'publish']);
    equal(
      broker.sent.filter(({ type }) => type === 'puback').map(({ reasonCode }) => reasonCode),
      [0, protocol === 5 ? 16 : 0],
    );
    await Promise.all([sender.close(), receiver.close()]);
    await broker.waitFor(() => broker.clients.length === 0);
    equal(broker.sessions, []);
    broker.close();
  };

  VERSIONS[`MQTT ${name}: a session goes on, with what came meanwhile`] = async ({ connect, createBroker }) => {
    const broker = createBroker();
    const options = {
      ...broker.options,
      protocol,
      clientId: 'till',
      cleanStart: false,
      ...(protocol === 5 && { sessionExpiry: 60 }),
    };
    const first = connect(broker.url, options);
    equal((await first.ready).sessionPresent, false);
    await first.subscribe('a', () => {}, { qos: 2 }).ready;
    await first.close();
    await broker.waitFor(() => broker.clients.length === 0);
    for (const qos of [0, 1, 2]) {
      await broker.publish('a', String(qos), { qos });
    }
    equal(
      broker.sessions.map(({ clientId, isConnected, pending }) => [clientId, isConnected, pending]),
      [['till', false, 2]],
    );
    const second = connect(broker.url, options);
    const got = texts(second, 'a', { qos: 2 });
    equal((await second.ready).sessionPresent, protocol !== 3);
    await got.ready;
    await broker.waitFor(() => got.all.length === 2);
    equal(got.all, ['a 1', 'a 2']);
    await second.close();
    await broker.waitFor(() => broker.clients.length === 0);
    const third = connect(broker.url, { ...options, cleanStart: true, ...(protocol === 5 && { sessionExpiry: 0 }) });
    equal((await third.ready).sessionPresent, false);
    equal(broker.subscriptions, []);
    await third.close();
    broker.close();
  };

  VERSIONS[`MQTT ${name}: a lost step of QoS 2 is made up for after a reconnect, and nothing is told twice`] = async ({
    connect,
    createBroker,
  }) => {
    for (const [type, from] of [
      ['publish', 'client'],
      ['pubrec', 'server'],
      ['pubrel', 'client'],
      ['pubcomp', 'server'],
    ]) {
      const broker = createBroker();
      const options = { protocol, cleanStart: false, ...(protocol === 5 && { sessionExpiry: 60 }) };
      const reconnect = { min: 10, max: 10 };
      const [sender, receiver] = ['sender', 'receiver'].map((clientId) =>
        connect(broker.url, { ...broker.options, ...options, clientId, reconnect }),
      );
      const got = texts(receiver, 'a', { qos: 2 });
      await got.ready;
      await sender.ready;
      const rule = broker.drop({ type, from, clientId: 'sender', times: 1 });
      const other = broker.drop({
        type: /** @type {any} */ ({ pubrec: 'publish', publish: 'pubrec', pubrel: 'pubcomp', pubcomp: 'pubrel' })[type],
        from: from === 'client' ? 'client' : 'server',
        clientId: 'receiver',
        times: 1,
      });
      const published = sender.publish('a', type, { qos: 2 });
      await broker.waitFor(() => rule.count === 1);
      broker.cut({ clientId: 'sender' });
      await published;
      await broker.waitFor(() => other.count === 1);
      broker.cut({ clientId: 'receiver' });
      await broker.waitFor(
        () => got.all.length > 0 && broker.sessions.every(({ pending, isConnected }) => isConnected && pending === 0),
      );
      await receiver.ping();
      equal(got.all, [`a ${type}`]);
      equal(broker.published('a').length, 1);
      await Promise.all([sender.close(), receiver.close()]);
      broker.close();
    }
  };

  VERSIONS[`MQTT ${name}: a will is published when the connection is lost, not when the client leaves`] = async ({
    connect,
    createBroker,
  }) => {
    const broker = createBroker();
    const will = { topic: 'status', payload: 'gone', qos: 1, retain: true };
    const options = { ...broker.options, protocol, clientId: 'w', reconnect: false };
    const leaves = connect(broker.url, { ...options, will });
    await leaves.ready;
    await leaves.close();
    await broker.waitFor(() => broker.clients.length === 0);
    equal(broker.published('status'), []);
    const lost = connect(broker.url, { ...options, will });
    await lost.ready;
    broker.cut({ clientId: 'w' });
    await rejects(lost.closed, { code: 'connection-lost' });
    const [message] = broker.published('status');
    equal([message?.text(), message?.isWill, message?.clientId, message?.qos], ['gone', true, 'w', 1]);
    equal(
      broker.retained('status').map((it) => it.text()),
      ['gone'],
    );
    broker.close();
  };

  VERSIONS[`MQTT ${name}: who connects with the same identifier takes over`] = async ({ connect, createBroker }) => {
    const broker = createBroker();
    const first = connect(broker.url, { ...broker.options, protocol, clientId: 'one', reconnect: false });
    await first.ready;
    const socket = broker.factory(broker.url, protocol === 3 ? 'mqttv3.1' : 'mqtt');
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    broker.waitFor(() => broker.clients.length === 1);
    const name = protocol === 3 ? [0, 6, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70] : [0, 4, 0x4d, 0x51, 0x54, 0x54];
    const body = [...name, protocol, 2, 0, 0, ...(protocol === 5 ? [0] : []), 0, 3, 0x6f, 0x6e, 0x65];
    socket.send(Uint8Array.of(0x10, body.length, ...body));
    await rejects(
      first.closed,
      protocol === 5 ? { code: 'taken-over', reasonCode: 0x8e } : { code: 'connection-lost' },
    );
    equal(
      broker.clients.map(({ clientId }) => clientId),
      ['one'],
    );
    broker.close();
  };

  VERSIONS[`MQTT ${name}: user name and password are asked of a function, and a refusal has a code`] = async ({
    connect,
    createBroker,
  }) => {
    const seen = [];
    const broker = createBroker({
      authenticate: async ({ clientId, username, password }) => {
        seen.push([clientId, username, password]);
        return password === 'secret' || (username === 'nobody' ? 0x87 : false);
      },
    });
    const options = { ...broker.options, protocol, clientId: 'c', reconnect: false };
    const right = connect(broker.url, { ...options, username: 'u', password: 'secret' });
    await right.ready;
    await right.close();
    await rejects(connect(broker.url, { ...options, username: 'u', password: 'x' }).ready, {
      code: 'auth',
      reasonCode: 0x86,
    });
    await rejects(connect(broker.url, { ...options, username: 'nobody', password: 'x' }).ready, {
      code: 'auth',
      reasonCode: 0x87,
    });
    equal(seen, [
      ['c', 'u', 'secret'],
      ['c', 'u', 'x'],
      ['c', 'nobody', 'x'],
    ]);
    broker.refuse(0x88, { reasonString: 'not now' });
    const expected = protocol === 5 ? { reasonCode: 0x88, reasonString: 'not now' } : { reasonCode: 0x88 };
    await rejects(connect(broker.url, { ...options, username: 'u', password: 'secret' }).ready, expected);
    broker.close();
  };

  VERSIONS[`MQTT ${name}: what is forbidden is refused, and not delivered`] = async ({ connect, createBroker }) => {
    const broker = createBroker();
    broker.forbid('secret/#');
    broker.forbid('read/only', { publish: 0x97 });
    const client = connect(broker.url, { ...broker.options, protocol });
    const got = texts(client, '#', { qos: 2 });
    await got.ready;
    await rejects(client.subscribe('secret/a', () => {}).ready, {
      code: 'refused',
      reasonCode: protocol === 5 ? 0x87 : 0x80,
    });
    await rejects(client.subscribe('secret/+', () => {}).ready, { code: 'refused' });
    await client.subscribe('read/only', () => {}).ready;
    for (const qos of [1, 2]) {
      if (protocol === 5) {
        await rejects(client.publish('secret/a', '', { qos }), { code: 'refused', reasonCode: 0x87 });
        await rejects(client.publish('read/only', '', { qos }), { code: 'refused', reasonCode: 0x97 });
      } else {
        await client.publish('secret/a', '', { qos });
        await client.publish('read/only', '', { qos });
      }
    }
    await client.publish('open', 'x', { qos: 2 });
    await broker.waitFor(() => got.all.length > 0);
    equal(got.all, ['open x']);
    await client.close();
    broker.close();
  };

  VERSIONS[`MQTT ${name}: connections that are cut, refused, offline, and come back`] = async ({
    connect,
    createBroker,
  }) => {
    const broker = createBroker();
    const client = connect(broker.url, { ...broker.options, protocol, reconnect: { min: 10, max: 10 } });
    const got = texts(client, 'a');
    await got.ready;
    const closes = [];
    client.addEventListener('disconnect', ({ detail }) =>
      closes.push([detail.error.code, detail.error.close?.code, detail.error.close?.wasClean]),
    );
    for (const code of [undefined, 1001, 4000]) {
      const again = event(client, 'connect');
      broker.cut({ code, reason: code ? 'why' : undefined });
      await again;
    }
    broker.refuse(0x88);
    const back = event(client, 'connect');
    broker.offline();
    equal(broker.clients, []);
    await broker.waitFor(() => closes.length >= 5);
    broker.online();
    await back;
    equal(
      closes.slice(0, 5).map((it) => it.slice(1)),
      [
        [1006, false],
        [1001, true],
        [4000, true],
        [1006, false],
        [1006, false],
      ],
    );
    await broker.waitFor(() => broker.subscriptions.length === 1);
    await broker.publish('a', 'again');
    equal(got.all, ['a again']);
    await client.close();
    broker.close();
  };

  VERSIONS[`MQTT ${name}: malformed bytes end the connection, the next one works`] = async ({
    connect,
    createBroker,
  }) => {
    const broker = createBroker();
    const client = connect(broker.url, { ...broker.options, protocol, reconnect: { min: 10, max: 10 } });
    await client.ready;
    const [lost, back] = [event(client, 'disconnect'), event(client, 'connect')];
    broker.send(Uint8Array.of(0xd0, 1, 0));
    equal((await lost).error.code, 'protocol-error');
    await back;
    if (protocol === 5) {
      equal(
        broker.received.filter(({ type }) => type === 'disconnect').map(({ reasonCode }) => reasonCode),
        [0x81],
      );
    }
    await client.close();
    broker.close();
  };
}
