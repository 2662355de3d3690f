/** What a test does with the broker in memory: it delays, changes and loses packets, listens, answers and waits. */

import { equal, rejects, texts } from './asking.js';

/** @typedef {import('./asking.js').Given} Given */

/** @type {Record<string, (given: Given) => Promise<void>>} */
export const PLAYING = {
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
};
