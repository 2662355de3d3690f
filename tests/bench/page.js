/** What runs in the page: it drives a contestant and counts. All of it is `globalThis.bench`. */

const memories = new Set();
let client;
let count = 0;
let bytes = 0;
let expected = Infinity;
let reached;

// Linear memory is seen by nobody else.
for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...args) => {
    const made = await original.apply(WebAssembly, args);
    for (const value of Object.values((made.instance ?? made).exports)) {
      if (value instanceof WebAssembly.Memory) {
        memories.add(value);
      }
    }
    return made;
  };
}

const turns = new MessageChannel();
let turned;
turns.port1.onmessage = () => turned();

/** The next task: what was asked for so far has run. */
function turn() {
  return new Promise((resolve) => {
    turned = resolve;
    turns.port2.postMessage(null);
  });
}

function onMessage(length) {
  bytes += length;
  count += 1;
  if (count >= expected) {
    reached();
  }
}

globalThis.bench = {
  /** Loads the contestant, connects, and resolves once CONNACK is there. */
  async connect(module, url, options) {
    const { connect } = await import(module);
    client = await connect(url, options);
  },

  /** Has each packet be seen by somebody, where the contestant has such a thing. */
  observe: (how) => client.observe?.(how),

  /** Subscribes to each filter; what comes is counted. */
  async subscribe(filters, qos) {
    for (const filter of filters) {
      await client.subscribe(filter, qos, onMessage);
    }
  },

  /** Resolves with the payload bytes of so many messages, from the last such call on. */
  async received(messages) {
    await new Promise((resolve) => {
      reached = resolve;
      expected = messages;
      if (count >= messages) {
        resolve();
      }
    });
    const all = bytes;
    count = 0;
    bytes = 0;
    expected = Infinity;
    return all;
  },

  /** Publishes so many messages of so many bytes, bursts of 500 with QoS 0, 500 at a time unacknowledged otherwise. */
  async publish(messages, length, qos) {
    const payload = new Uint8Array(length).fill(0x61);
    const topic = 'plant/17/temperature';
    if (qos === 0) {
      for (let sent = 0; sent < messages; ) {
        for (let burst = 0; burst < 500 && sent < messages; burst++, sent++) {
          client.publish(topic, payload, 0);
        }
        await turn();
      }
      return;
    }
    let left = messages;
    const one = async () => {
      while (left > 0) {
        left -= 1;
        await client.publish(topic, payload, qos);
      }
    };
    await Promise.all(Array.from({ length: 500 }, one));
  },

  /** Publishes with QoS 1 what nobody acknowledges. */
  hold(messages, length) {
    const payload = new Uint8Array(length).fill(0x61);
    for (let sent = 0; sent < messages; sent++) {
      client.publish('plant/17/temperature', payload, 1)?.catch?.(() => {});
    }
  },

  /** Microseconds of so many round trips through the broker, one after the other. */
  async roundTrips(times, qos) {
    const payload = new Uint8Array(64).fill(0x61);
    const topic = `echo/${Math.random().toString(36).slice(2)}`;
    let back;
    await client.subscribe(topic, qos, () => back());
    const taken = [];
    for (let index = 0; index < times; index++) {
      const arrived = new Promise((resolve) => {
        back = resolve;
      });
      const start = performance.now();
      client.publish(topic, payload, qos);
      await arrived;
      taken.push((performance.now() - start) * 1000);
    }
    return taken;
  },

  /** One message a tick of `interval` ms, both ways, for so many milliseconds: an even load of small messages. */
  async steady(milliseconds, interval, each) {
    const payload = new Uint8Array(64).fill(0x61);
    const topic = `echo/${Math.random().toString(36).slice(2)}`;
    await client.subscribe(topic, 0, onMessage);
    let sent = 0;
    await new Promise((resolve) => {
      const end = performance.now() + milliseconds;
      const timer = setInterval(() => {
        if (performance.now() >= end) {
          clearInterval(timer);
          resolve();
          return;
        }
        for (let index = 0; index < each; index++) {
          client.publish(topic, payload, 0);
          sent += 1;
        }
      }, interval);
    });
    await this.received(sent);
    return sent;
  },

  /** Bytes of all WebAssembly memories. */
  linearMemory: () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
};
