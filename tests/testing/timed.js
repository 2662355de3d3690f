/**
 * What takes time, under the fake timers of a test runner: nothing here waits for a clock on the wall. It knows neither
 * vitest nor Jest: `given` has their timers and assertions, and the package's exports.
 */

/**
 * @typedef {object} Given
 * @property {typeof import('../../dist/index.js').connect} connect
 * @property {typeof import('../../dist/testing.js').createBroker} createBroker
 * @property {(ms: number) => Promise<unknown>} advance lets time pass, and what is due happen
 * @property {(value: unknown) => { toEqual: (expected: unknown) => void }} expect
 */

/** @type {Record<string, (given: Given) => Promise<void>>} */
export const TIMED = {
  'a connection and messages need no time at all': async ({ connect, createBroker, expect }) => {
    const broker = createBroker();
    const client = connect(broker.url, broker.options);
    const texts = [];
    await client.subscribe('a', (message) => texts.push(message.text()), { qos: 2 }).ready;
    await client.publish('a', 'mine', { qos: 2 });
    await broker.publish('a', 'theirs', { qos: 1 });
    expect(texts).toEqual(['mine', 'theirs']);
    await client.close();
    broker.close();
  },

  'latency is so many milliseconds in each direction': async ({ connect, createBroker, advance, expect }) => {
    const broker = createBroker({ latency: 100 });
    const client = connect(broker.url, broker.options);
    let isReady = false;
    client.ready.then(() => {
      isReady = true;
    });
    await advance(399);
    expect(isReady).toEqual(false);
    await advance(1);
    expect(isReady).toEqual(true);
    client.close();
    await advance(1000);
    broker.close();
  },

  'a client that is away is waited for, in a pause that grows': async ({ connect, createBroker, advance, expect }) => {
    const broker = createBroker();
    const client = connect(broker.url, { ...broker.options, reconnect: { min: 1000, max: 4000, jitter: 'none' } });
    await client.ready;
    const states = [];
    client.addEventListener('state', ({ detail }) => states.push(detail.state));
    broker.offline();
    await advance(0);
    expect(states).toEqual(['waiting']);
    await advance(1000);
    expect(states).toEqual(['waiting', 'connecting', 'waiting']);
    broker.online();
    await advance(1999);
    expect(client.state).toEqual('waiting');
    await advance(1);
    expect(client.state).toEqual('connected');
    await client.close();
    broker.close();
  },

  'a dead line is found out by the keep-alive': async ({ connect, createBroker, advance, expect }) => {
    const broker = createBroker();
    const client = connect(broker.url, { ...broker.options, keepAlive: 20, reconnect: false });
    await client.ready;
    await advance(18_000);
    expect(broker.received.map(({ type }) => type)).toEqual(['connect', 'pingreq']);
    broker.pause();
    let code;
    client.closed.catch((error) => {
      code = error.code;
    });
    await advance(60_000);
    expect(code).toEqual('keep-alive');
    broker.resume();
    broker.close();
  },

  'a client that says nothing is left after half as long again as its Keep Alive': async ({
    createBroker,
    advance,
    expect,
  }) => {
    const broker = createBroker();
    const socket = broker.factory(broker.url, 'mqtt');
    const codes = [];
    socket.onclose = ({ code }) => codes.push(code);
    socket.onopen = () => {
      // CONNECT of 5.0 with a Keep Alive of 20 s, the identifier `c`, and a will for `w`.
      const connect = [0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 6, 0, 20, 0, 0, 1, 0x63, 0, 0, 1, 0x77, 0, 0];
      socket.send(Uint8Array.of(0x10, connect.length, ...connect));
    };
    await broker.waitFor(() => broker.clients.length === 1);
    await advance(20_000);
    socket.send(Uint8Array.of(0xc0, 0));
    await advance(29_999);
    expect([codes, broker.published('w').length]).toEqual([[], 0]);
    await advance(1);
    expect([codes, broker.published('w').length]).toEqual([[1000], 1]);
    expect(broker.sent.map(({ type, reasonCode }) => reasonCode || type)).toEqual(['connack', 'pingresp', 0x8d]);
    broker.close();
  },

  'a will that waits is published after its delay, unless the client returns': async ({
    connect,
    createBroker,
    advance,
    expect,
  }) => {
    const broker = createBroker();
    const options = {
      ...{ ...broker.options, clientId: 'w', protocol: 5, cleanStart: false, sessionExpiry: 3600 },
      will: { topic: 'w', payload: 'late', delay: 10 },
      reconnect: { min: 5000, max: 5000, jitter: 'none' },
    };
    const client = connect(broker.url, options);
    await client.ready;
    broker.cut();
    await advance(9000);
    expect([client.state, broker.published('w').length]).toEqual(['connected', 0]);
    broker.offline();
    await advance(9999);
    expect(broker.published('w').length).toEqual(0);
    await advance(1);
    expect(broker.published('w').length).toEqual(1);
    client.close();
    broker.close();
  },

  'a session expires': async ({ connect, createBroker, advance, expect }) => {
    const broker = createBroker();
    const options = { ...broker.options, clientId: 's', protocol: 5, cleanStart: false, sessionExpiry: 60 };
    for (const [wait, present] of [
      [59_999, true],
      [60_000, false],
    ]) {
      const first = connect(broker.url, options);
      await first.subscribe('a', () => {}).ready;
      await first.close();
      await broker.waitFor(() => broker.clients.length === 0);
      await advance(wait);
      expect(broker.sessions.length).toEqual(present ? 1 : 0);
      const second = connect(broker.url, options);
      expect((await second.ready).sessionPresent).toEqual(present);
      await second.close({ sessionExpiry: 0 });
      await broker.waitFor(() => broker.clients.length === 0);
    }
    broker.close();
  },

  'messages expire, retained and queued': async ({ connect, createBroker, advance, expect }) => {
    const broker = createBroker();
    await broker.publish('r/short', 'x', { retain: true, expiry: 10 });
    await broker.publish('r/long', 'x', { retain: true, expiry: 100 });
    await advance(40_000);
    const client = connect(broker.url, { ...broker.options, protocol: 5 });
    const seen = [];
    await client.subscribe('r/+', (message) => seen.push([message.topic, message.properties.expiry])).ready;
    await broker.waitFor(() => seen.length > 0);
    expect(seen).toEqual([['r/long', 60]]);
    expect(broker.retained().map(({ topic }) => topic)).toEqual(['r/long']);
    await client.close();
    broker.close();
  },

  'a delayed packet is late by so much': async ({ connect, createBroker, advance, expect }) => {
    const broker = createBroker();
    const client = connect(broker.url, broker.options);
    await client.ready;
    broker.delay({ type: 'puback' }, 5000);
    let isDone = false;
    client.publish('a', '', { qos: 1 }).then(() => {
      isDone = true;
    });
    await advance(4999);
    expect(isDone).toEqual(false);
    await advance(1);
    expect(isDone).toEqual(true);
    await client.close();
    broker.close();
  },

  'a request that nobody answers times out': async ({ connect, createBroker, advance, expect }) => {
    const broker = createBroker();
    const client = connect(broker.url, broker.options);
    await client.ready;
    broker.subscribe('service', () => {});
    let code;
    client.request('service', 'question', { timeout: 2000 }).catch((error) => {
      code = error.code;
    });
    const { properties } = await broker.next('publish', { topic: 'service' });
    expect(typeof properties.responseTopic).toEqual('string');
    await advance(2000);
    expect(code).toEqual('timeout');
    await client.close();
    broker.close();
  },
};
