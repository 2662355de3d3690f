/** What an application's unit tests do with the client, in whatever stands for a browser there. */

import { connect, MqttError, preload } from 'wasmqtt';

const { BROKER: url } = process.env;

/** Accepts the connection, takes everything over, and writes down what it is sent. */
class Scripted {
  binaryType = 'blob';
  readyState = 0;
  bufferedAmount = 0;
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;
  /** The first bytes of the packets. */
  received = [];

  constructor() {
    queueMicrotask(() => {
      this.readyState = 1;
      this.onopen?.({ type: 'open' });
    });
  }

  send(bytes) {
    this.received.push(bytes[0]);
    const answers = { 0x10: [0x20, 3, 0, 0, 0], 0x32: [0x40, 2, bytes[5], bytes[6]], 0xc0: [0xd0, 0] };
    const answer = answers[bytes[0]];
    if (answer) {
      const data = Uint8Array.from(answer).buffer;
      queueMicrotask(() => this.onmessage?.({ type: 'message', data }));
    }
  }

  close() {
    this.readyState = 3;
  }
}

/**
 * @param {{ test: Function, expect: Function, timers: any, advance: (ms: number) => Promise<unknown>, websocket: object | undefined }} tools
 */
export function scenario({ test, expect, timers, advance, websocket }) {
  test('messages go and come through a broker', async () => {
    const client = connect(url, { websocket });
    const states = [];
    client.on('state', ({ state }) => states.push(state));
    const texts = [];
    let heard;
    const all = new Promise((resolve) => {
      heard = resolve;
    });
    const topic = `environments/${client.clientId || 'x'}${Math.random()}`;
    const subscription = client.subscribe(topic, (message) => texts.push(message.text()) === 3 && heard(), { qos: 2 });
    await subscription.ready;
    await client.publish(topic, 'text', { qos: 1 });
    await client.publish(topic, new TextEncoder().encode('bytes'), { qos: 2 });
    await client.publish(topic, new TextEncoder().encode('buffer').buffer, { qos: 1 });
    await all;
    await client.close();
    expect(texts).toEqual(['text', 'bytes', 'buffer']);
    expect(states).toEqual(['connecting', 'connected', 'closed']);
  });

  test('errors are those of the package', async () => {
    const client = connect(url, { websocket });
    const error = await client.publish('a/+', '').catch((thrown) => thrown);
    await client.close();
    expect(error instanceof MqttError).toBe(true);
    expect(error.code).toBe('invalid-argument');
  });

  test("time is the test's own once the package is loaded", async () => {
    await preload();
    await preload();
    timers.useFakeTimers();
    try {
      const sockets = [];
      const factory = () => {
        sockets.push(new Scripted());
        return sockets.at(-1);
      };
      const client = connect('ws://nowhere', { keepAlive: 20, websocket: { factory }, reconnect: { min: 1000 } });
      const publishing = client.publish('a', 'b', { qos: 1 });
      await advance(1);
      await publishing;
      expect(client.state).toBe('connected');
      expect(sockets[0].received).toEqual([0x10, 0x32]);
      // A ping 2 s before the end of the keep-alive.
      await advance(18_000);
      expect(sockets[0].received).toEqual([0x10, 0x32, 0xc0]);
      sockets[0].readyState = 3;
      sockets[0].onclose({ type: 'close', code: 1006, reason: '', wasClean: false });
      expect(client.state).toBe('waiting');
      await advance(2_000);
      expect(client.state).toBe('connected');
      expect(sockets.length).toBe(2);
      await client.close();
    } finally {
      timers.useRealTimers();
    }
  });
}
