/**
 * What the broker in memory does, asked with the package's own client: the same in Node and in a page. It knows neither
 * test runner: `given` has the package's exports.
 */

/**
 * @typedef {object} Given
 * @property {typeof import('../../dist/index.js').connect} connect
 * @property {(options?: import('../../dist/testing.js').BrokerOptions) => import('../../dist/testing.js').Broker} createBroker
 */

/** Compared as JSON: what is undefined is not there. @param {unknown} actual @param {unknown} expected */
function equal(actual, expected) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) {
    throw new Error(`${left} is not ${right}`);
  }
}

/** @param {PromiseLike<unknown>} promise @param {Record<string, unknown>} expected */
async function rejects(promise, expected) {
  let error;
  try {
    await promise;
  } catch (thrown) {
    error = /** @type {Record<string, unknown>} */ (thrown);
  }
  equal(error && Object.fromEntries(Object.keys(expected).map((name) => [name, error[name]])), expected);
}

const types = (/** @type {readonly { type: string }[]} */ packets) => packets.map(({ type }) => type);

/** Texts of what a subscription gets. */
function texts(client, filter, options) {
  const all = [];
  const subscription = client.subscribe(filter, (message) => all.push(`${message.topic} ${message.text()}`), options);
  return { all, ready: subscription.ready, subscription };
}

/** Resolves with the detail of the next event of that type. */
function event(client, type) {
  return new Promise((resolve) => client.addEventListener(type, ({ detail }) => resolve(detail), { once: true }));
}

/** @type {Record<string, (given: Given) => Promise<void>>} */
export const SCENARIOS = {};

for (const [protocol, name] of /** @type {const} */ ([
  [3, '3.1'],
  [4, '3.1.1'],
  [5, '5.0'],
])) {
  SCENARIOS[`MQTT ${name}: messages of each QoS, exactly as they were published`] = async ({
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

  SCENARIOS[`MQTT ${name}: a session goes on, with what came meanwhile`] = async ({ connect, createBroker }) => {
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

  SCENARIOS[`MQTT ${name}: a lost step of QoS 2 is made up for after a reconnect, and nothing is told twice`] = async ({
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

  SCENARIOS[`MQTT ${name}: a will is published when the connection is lost, not when the client leaves`] = async ({
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

  SCENARIOS[`MQTT ${name}: who connects with the same identifier takes over`] = async ({ connect, createBroker }) => {
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

  SCENARIOS[`MQTT ${name}: user name and password are asked of a function, and a refusal has a code`] = async ({
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

  SCENARIOS[`MQTT ${name}: what is forbidden is refused, and not delivered`] = async ({ connect, createBroker }) => {
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

  SCENARIOS[`MQTT ${name}: connections that are cut, refused, offline, and come back`] = async ({
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

  SCENARIOS[`MQTT ${name}: malformed bytes end the connection, the next one works`] = async ({
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

Object.assign(SCENARIOS, {
  'retained messages: handling, Retain As Published, an empty one removes it': async ({ connect, createBroker }) => {
    const broker = createBroker();
    await broker.publish('r/1', 'one', { retain: true, qos: 1 });
    await broker.publish('r/2', 'two', { retain: true });
    const client = connect(broker.url, { ...broker.options, protocol: 5 });
    const got = [];
    const hear = (name, options) =>
      client.subscribe('r/+', (it) => got.push([name, it.topic, it.text(), it.qos, it.retain]), { qos: 2, ...options });
    const always = hear('always', {});
    await always.ready;
    await client.ping();
    equal(got.splice(0), [
      ['always', 'r/1', 'one', 1, true],
      ['always', 'r/2', 'two', 0, true],
    ]);
    await client.publish('r/1', 'live', { retain: true });
    await client.ping();
    equal(got.splice(0), [['always', 'r/1', 'live', 0, false]]);
    await always.unsubscribe();
    const kept = hear('kept', { retainAsPublished: true, retainHandling: 2 });
    await kept.ready;
    await client.publish('r/1', 'flagged', { retain: true });
    await client.publish('r/1', 'plain');
    await client.publish('r/1', '', { retain: true });
    await client.ping();
    equal(
      got.splice(0).map((it) => it.slice(2)),
      [
        ['flagged', 0, true],
        ['plain', 0, false],
        ['', 0, true],
      ],
    );
    equal(
      broker.retained().map(({ topic }) => topic),
      ['r/2'],
    );
    await kept.unsubscribe();
    await hear('if new', { retainHandling: 1 }).ready;
    await client.ping();
    equal(got.splice(0), [['if new', 'r/2', 'two', 0, true]]);
    await client.close();
    broker.close();
  },

  'No Local, overlapping filters and their identifiers': async ({ connect, createBroker }) => {
    const broker = createBroker();
    const client = connect(broker.url, { ...broker.options, protocol: 5, clientId: 'me' });
    const [own, wide, narrow] = [texts(client, 'local', { noLocal: true }), texts(client, 'a/#'), texts(client, 'a/+')];
    await Promise.all([own.ready, wide.ready, narrow.ready]);
    await client.publish('local', 'mine');
    await broker.publish('local', 'theirs');
    await broker.publish('a/b', 'x');
    equal([own.all, wide.all, narrow.all], [['local theirs'], ['a/b x'], ['a/b x']]);
    equal(
      broker.sent.filter(({ type }) => type === 'publish').map(({ topic }) => topic),
      ['local', 'a/b'],
    );
    await client.close();
    broker.close();
  },

  'shared subscriptions take turns, and go to who is connected': async ({ connect, createBroker }) => {
    const broker = createBroker();
    const clients = ['a', 'b', 'c'].map((clientId) =>
      connect(broker.url, { ...broker.options, protocol: 5, clientId, reconnect: false }),
    );
    const [a, b, other] = clients.map((client, index) => texts(client, index < 2 ? '$share/g/job' : 'job'));
    await Promise.all([a.ready, b.ready, other.ready]);
    for (const text of ['1', '2', '3', '4']) {
      await broker.publish('job', text);
    }
    equal([a.all, b.all, other.all.length], [['job 1', 'job 3'], ['job 2', 'job 4'], 4]);
    await clients[0].close();
    await broker.waitFor(() => broker.clients.length === 2);
    await broker.publish('job', '5');
    equal(b.all.at(-1), 'job 5');
    broker.close();
  },

  'Topic Aliases in both directions': async ({ connect, createBroker }) => {
    const broker = createBroker({ topicAliasMaximum: 1 });
    const client = connect(broker.url, { ...broker.options, protocol: 5, topicAliasMaximum: 1 });
    const got = texts(client, '#');
    await got.ready;
    for (const topic of ['long/topic', 'long/topic', 'long/topic', 'other']) {
      await client.publish(topic, 'x');
    }
    await client.ping();
    equal(got.all, ['long/topic x', 'long/topic x', 'long/topic x', 'other x']);
    const aliases = broker.received
      .filter(({ type }) => type === 'publish')
      .map(({ topic, properties }) => [topic, properties.topicAlias ?? 0]);
    equal(
      aliases.map(([topic]) => topic),
      ['long/topic', 'long/topic', 'long/topic', 'other'],
    );
    equal(aliases.at(-2), ['long/topic', 1]);
    await client.close();
    broker.close();
  },

  'a topic whose alias does not fit is sent as it is': async ({ connect, createBroker }) => {
    const broker = createBroker();
    const client = connect(broker.url, { ...broker.options, protocol: 5, topicAliasMaximum: 5, maximumPacketSize: 40 });
    const got = texts(client, 'topic');
    await got.ready;
    const full = 'x'.repeat(40 - 2 - 7 - 1 - 2);
    for (const text of [full, full, 'small', 'small']) {
      await broker.publish('topic', text);
    }
    equal(
      got.all,
      [full, full, 'small', 'small'].map((text) => `topic ${text}`),
    );
    await client.close();
    broker.close();
  },

  'what the client can take holds the broker back: Receive Maximum and Maximum Packet Size': async ({
    connect,
    createBroker,
  }) => {
    const broker = createBroker({ maximumPacketSize: 100, receiveMaximum: 2, maximumQoS: 1 });
    const client = connect(broker.url, { ...broker.options, protocol: 5, receiveMaximum: 2, maximumPacketSize: 60 });
    const held = [];
    await client.subscribe('a', (message) => held.push(message), { qos: 1, ack: 'manual' }).ready;
    for (const text of ['1', '2', '3', 'x'.repeat(60), '4']) {
      await broker.publish('a', text, { qos: 1 });
    }
    equal(
      held.map((it) => it.text()),
      ['1', '2'],
    );
    held[0].ack();
    await broker.waitFor(() => held.length === 3);
    held[1].ack();
    held[2].ack();
    await broker.waitFor(() => held.length === 4);
    equal(
      held.map((it) => it.text()),
      ['1', '2', '3', '4'],
    );
    await rejects(client.publish('a', 'x'.repeat(100)), { code: 'too-large' });
    equal([(await client.ready).maximumQoS, (await client.ready).receiveMaximum], [1, 2]);
    await client.close();
    broker.close();
  },

  'enhanced authentication in steps, and again on the same connection': async ({ connect, createBroker }) => {
    const steps = [];
    const text = (/** @type {Uint8Array} */ bytes) => new TextDecoder().decode(bytes);
    const broker = createBroker({
      authentication: ({ method, data, step, again }) => {
        steps.push([method, text(data), step, again]);
        return step === 1 ? 'challenge' : text(data) === 'right' ? { success: true, data: 'welcome' } : false;
      },
    });
    let answer = 'right';
    const authentication = {
      method: 'question',
      start: () => 'hello',
      challenge: (data) => (text(data) === 'challenge' ? answer : undefined),
    };
    const client = connect(broker.url, { ...broker.options, authentication, reconnect: false });
    await client.ready;
    await client.reauthenticate();
    equal(steps, [
      ['question', 'hello', 1, false],
      ['question', 'right', 2, false],
      ['question', 'hello', 1, true],
      ['question', 'right', 2, true],
    ]);
    answer = 'wrong';
    await rejects(client.reauthenticate(), { reasonCode: 0x87 });
    const without = createBroker();
    await rejects(connect(without.url, { ...without.options, authentication, reconnect: false }).ready, {
      reasonCode: 0x8c,
    });
    broker.close();
    without.close();
  },

  'a broker that speaks older versions only is met in one of them': async ({ connect, createBroker }) => {
    const broker = createBroker({ versions: [3, 4] });
    const client = connect(broker.url, { ...broker.options, reconnect: { min: 10, max: 10 } });
    equal((await client.ready).protocol, 4);
    await client.close();
    broker.close();
  },

  'a Client Identifier is assigned, limits are told': async ({ connect, createBroker }) => {
    const broker = createBroker({
      ...{ sharedSubscriptionAvailable: false, wildcardSubscriptionAvailable: false, retainAvailable: false },
      ...{ serverKeepAlive: 7, maximumSessionExpiry: 5, responseInformation: 'answers' },
    });
    const client = connect(broker.url, {
      ...broker.options,
      protocol: 5,
      clientId: '',
      sessionExpiry: 60,
      requestResponseInformation: true,
    });
    const server = await client.ready;
    equal(
      [
        server.clientId,
        server.keepAlive,
        server.sessionExpiry,
        server.retainAvailable,
        server.sharedSubscriptionAvailable,
        server.wildcardSubscriptionAvailable,
      ],
      ['assigned-1', 7, 5, false, false, false],
    );
    equal(server.responseInformation, 'answers');
    await client.close({ sessionExpiry: 0 });
    broker.close();
  },

  'packets can be delayed, changed and lost': async ({ connect, createBroker }) => {
    const broker = createBroker();
    broker.intercept({ type: 'connack' }, (packet) => ({
      ...packet,
      properties: { ...packet.properties, reasonString: 'hello' },
    }));
    const client = connect(broker.url, { ...broker.options, protocol: 5 });
    equal((await client.ready).reasonString, 'hello');
    broker.delay({ type: 'puback', from: 'server', times: 1 }, 20);
    const order = [];
    await Promise.all([
      client.publish('a', '1', { qos: 1 }).then(() => order.push('first')),
      client.publish('a', '2', { qos: 1 }).then(() => order.push('second')),
    ]);
    equal(order, ['second', 'first']);
    const got = texts(client, 'a');
    await got.ready;
    const rule = broker.drop({
      type: 'publish',
      topic: 'a',
      from: 'client',
      times: 1,
      where: (it) => it.type === 'publish' && it.qos === 0,
    });
    await client.publish('a', 'lost');
    await client.publish('a', 'there');
    await client.ping();
    equal([got.all, rule.count], [['a there'], 1]);
    const other = broker.drop({ type: 'publish' });
    other.remove();
    await client.publish('a', 'again');
    await client.ping();
    equal(got.all.length, 2);
    await client.close();
    broker.close();
  },

  'DISCONNECT with a reason, and a will that a client asks for': async ({ connect, createBroker }) => {
    const broker = createBroker();
    const will = { topic: 'w', payload: 'bye' };
    const first = connect(broker.url, { ...broker.options, protocol: 5, clientId: 'a', reconnect: false, will });
    const second = connect(broker.url, { ...broker.options, protocol: 5, clientId: 'b', will });
    await Promise.all([first.ready, second.ready]);
    broker.disconnect(0x98, { clientId: 'a', reasonString: 'enough' });
    await rejects(first.closed, { code: 'disconnected', reasonCode: 0x98, reasonString: 'enough' });
    equal(
      broker.published('w').map(({ clientId }) => clientId),
      ['a'],
    );
    await second.close({ sendWill: true, reasonString: 'home' });
    const gone = await broker.waitFor(() => broker.received.find(({ type }) => type === 'disconnect'));
    equal([gone.reasonCode, gone.properties.reasonString], [4, 'home']);
    equal(
      broker.published('w').map(({ clientId }) => clientId),
      ['a', 'b'],
    );
    broker.close();
  },

  'the test listens and answers itself': async ({ connect, createBroker }) => {
    const broker = createBroker();
    const client = connect(broker.url, { ...broker.options, protocol: 5 });
    const heard = [];
    const listening = broker.subscribe('log/+', (message) => heard.push(`${message.topic} ${message.text()}`));
    equal((await client.publish('log/a', '1', { qos: 1 })).reasonCode, 0);
    listening.remove();
    equal((await client.publish('log/a', '2', { qos: 1 })).reasonCode, 16);
    equal([heard, listening.count], [['log/a 1'], 1]);
    broker.respond('double', async (request) => String(2 * request.json()));
    equal((await client.request('double', '21')).text(), '42');
    await client.close();
    broker.close();
  },

  'what a test waits for': async ({ connect, createBroker }) => {
    const broker = createBroker();
    const client = connect(broker.url, { ...broker.options, protocol: 5, clientId: 'c' });
    const connected = await broker.next('connect');
    equal([connected.clientIdentifier, connected.clientId], ['c', 'c']);
    const next = broker.next('publish', { topic: 'a/#', clientId: 'c' });
    client.publish('b', 'no');
    client.publish('a/b', '{"x":1}', { qos: 1 });
    equal((await next).topic, 'a/b');
    equal(broker.published('a/b')[0]?.json(), { x: 1 });
    await rejects(broker.next('auth', { timeout: 5 }), {
      message: 'no auth came within 5 ms; what has come: connect, publish, publish',
    });
    await rejects(
      broker.waitFor(() => false, { timeout: 5 }),
      { message: 'the condition was not met within 5 ms' },
    );
    await rejects(
      broker.waitFor(
        () => {
          throw new Error('not yet');
        },
        { timeout: 5 },
      ),
      { message: 'not yet' },
    );
    await client.close();
    broker.reset();
    equal([broker.received, broker.sent, broker.published(), broker.clients, broker.sessions], [[], [], [], [], []]);
    const again = connect(broker.url, broker.options);
    await again.ready;
    await again.close();
    broker.close();
  },

  'a WebSocket class that stands for the global one': async ({ connect, createBroker }) => {
    const broker = createBroker();
    const real = globalThis.WebSocket;
    globalThis.WebSocket = broker.WebSocket;
    try {
      const client = connect('ws://elsewhere.test/mqtt');
      await client.ready;
      equal(
        broker.clients.map(({ url }) => url),
        ['ws://elsewhere.test/mqtt'],
      );
      await client.close();
    } finally {
      globalThis.WebSocket = real;
    }
    broker.close();
  },
});
