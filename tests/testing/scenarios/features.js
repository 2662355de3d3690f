/** What the broker in memory has of the specification: retained messages, filters, aliases, limits, authentication. */

import { equal, rejects, texts } from './asking.js';

/** @typedef {import('./asking.js').Given} Given */

/** @type {Record<string, (given: Given) => Promise<void>>} */
export const FEATURES = {
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
};
