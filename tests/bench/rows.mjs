/** What is measured: each row is a piece of work that every contestant does. It does not know who they are. */

/**
 * @typedef {object} Context
 * @property {import('./chromium.mjs').Tab} tab connected
 * @property {import('./server.mjs').Peer} peer the server's side; none where a broker is it
 * @property {(count: number) => number} scaled how many of what would be so many in a full run
 *
 * @typedef {Record<string, number>} Figures in the units that `UNITS` tells
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {string} title
 * @property {number} [qos] the greatest it uses
 * @property {number} [version] the protocol level, where it is not that of 3.1.1
 * @property {boolean} [broker] whether it needs one instead of the scripted server
 * @property {boolean} [observed] whether it is for those alone who show their packets, and for the base
 * @property {boolean} [load] whether it is about loading, and so measured around that
 * @property {string} shown the figure that the table shows, as a multiple of the bare WebSocket's where `ratio` is set
 * @property {boolean} ratio
 * @property {(context: Context) => Promise<Figures>} run
 */

/** @type {Record<string, string>} */
export const UNITS = {
  cpu: 'µs of main-thread CPU a message',
  wall: 'µs a message',
  frames: 'WebSocket frames sent a packet',
  p50: 'µs',
  p99: 'µs',
  heap: 'bytes of JavaScript heap a message',
  linear: 'bytes of linear memory a message',
  memory: 'bytes of both a message',
  load: 'ms of main-thread CPU',
  ready: 'ms from the empty page to CONNACK',
  loadedHeap: 'bytes of JavaScript heap after CONNACK',
  loadedLinear: 'bytes of linear memory after CONNACK',
};

const TOPIC = 'plant/17/temperature';

/** What the page does first, as a part of what is measured: an optimising compiler is part of each contestant. */
const WARM_UP = 0.2;

/** @type {readonly Row[]} */
export const ROWS = [
  {
    name: 'load',
    title: 'load to CONNACK, CPU ms',
    load: true,
    shown: 'load',
    ratio: false,
    run: async () => ({}),
  },
  receive('receive-64', 'receive 64 B, one a frame', { messages: 20_000 }),
  receive('receive-64-shared', 'receive 64 B, 50 a frame', { messages: 300_000, shared: 50 }),
  receive('receive-qos1', 'receive 64 B, QoS 1', { messages: 20_000, qos: 1 }),
  receive('receive-1k', 'receive 1 KiB', { messages: 20_000, length: 1024 }),
  receive('receive-1m', 'receive 1 MiB', { messages: 60, length: 2 ** 20 }),
  receive('receive-16m', 'receive 16 MiB', { messages: 6, length: 2 ** 24 }),
  receive('filters', '1000 filters, each message another topic', { messages: 20_000, filters: 1000 }),
  publish('publish-qos0', 'publish QoS 0', { messages: 40_000 }),
  publish('publish-qos1', 'publish QoS 1, a promise each', { messages: 20_000, qos: 1 }),
  publish('publish-qos2', 'publish QoS 2', { messages: 10_000, qos: 2 }),
  publish('publish-qos2-v5', 'publish QoS 2, 5.0', { messages: 10_000, qos: 2, version: 5 }),
  roundTrip('round-trip-qos0', 'round trip QoS 0, p50', 0),
  roundTrip('round-trip-qos1', 'round trip QoS 1, p50', 1),
  ...observed('unheard', 'no listener any more'),
  ...observed('listened', 'a listener'),
  ...observed('recorded', 'recorded'),
  {
    name: 'in-flight',
    title: 'memory a message in flight, B',
    qos: 1,
    shown: 'memory',
    ratio: false,
    async run({ tab, peer, scaled }) {
      const messages = scaled(20_000);
      peer.answers = false;
      const before = await tab.memory();
      await tab.call('hold', messages, 64);
      await peer.until(({ published }) => published === messages);
      const after = await tab.memory();
      const heap = (after.heap - before.heap) / messages;
      const linear = (after.linear - before.linear) / messages;
      return { heap, linear, memory: heap + linear };
    },
  },
];

/**
 * Two rows as above, with each packet told to somebody: what that costs, and that it costs nothing once nobody listens.
 *
 * @param {string} how
 * @param {string} title
 * @returns {Row[]}
 */
function observed(how, title) {
  return [
    receive(`packets-receive-${how}`, `packets, ${title}: receive 64 B, one a frame`, { messages: 20_000 }),
    publish(`packets-publish-${how}`, `packets, ${title}: publish QoS 0`, { messages: 40_000 }),
  ].map((row) => ({
    ...row,
    observed: true,
    run: async (context) => {
      await context.tab.call('observe', how);
      return row.run(context);
    },
  }));
}

/**
 * @param {string} name
 * @param {string} title
 * @param {{ messages: number, length?: number, shared?: number, qos?: number, filters?: number }} work
 * @returns {Row}
 */
function receive(name, title, { messages, length = 64, shared = 1, qos = 0, filters = 1 }) {
  const topics = filters === 1 ? [TOPIC] : Array.from({ length: filters }, (_, index) => `plant/${index}/temperature`);
  const asked = filters === 1 ? ['plant/+/temperature'] : topics.map((topic) => topic.replace('temperature', '+'));
  return {
    name,
    title,
    qos,
    shown: 'cpu',
    ratio: true,
    async run({ tab, peer, scaled }) {
      const rounded = (/** @type {number} */ number) => Math.ceil(number / shared) * shared;
      const count = rounded(scaled(messages));
      const payload = Buffer.alloc(length, 0x61);
      const packets = topics.map((topic) => publishPacket(topic, payload, qos));
      const frames = packets.map((packet) => Buffer.concat(Array.from({ length: shared }, () => packet)));
      await tab.call('subscribe', asked, qos);
      const frame = (/** @type {number} */ index) => {
        const bytes = frames[index % frames.length] ?? Buffer.alloc(0);
        return qos > 0 ? numbered(bytes, (index % 0xffff) + 1) : bytes;
      };
      const take = async (/** @type {number} */ expected) => {
        const due = peer.acknowledged + (qos > 0 ? expected : 0);
        const all = tab.call('received', expected);
        await peer.flood(expected / shared, frame);
        const bytes = await all;
        if (bytes !== expected * length) {
          throw new Error(`${bytes} bytes of payload came, not ${expected * length}`);
        }
        await peer.until(({ acknowledged }) => acknowledged === due);
      };
      await take(rounded(count * WARM_UP));
      const before = { packets: peer.packets, frames: peer.frames };
      const { cpu, wall } = await tab.measure(() => take(count));
      const sent = qos > 0 ? { frames: (peer.frames - before.frames) / (peer.packets - before.packets) } : {};
      return { cpu: cpu / count, wall: wall / count, ...sent };
    },
  };
}

/**
 * @param {string} name
 * @param {string} title
 * @param {{ messages: number, qos?: number, version?: number }} work
 * @returns {Row}
 */
function publish(name, title, { messages, qos = 0, version = 4 }) {
  return {
    name,
    title,
    qos,
    version,
    shown: 'cpu',
    ratio: true,
    async run({ tab, peer, scaled }) {
      const count = scaled(messages);
      const give = async (/** @type {number} */ number) => {
        const due = peer.published + number;
        await tab.call('publish', number, 64, qos);
        await peer.until(({ published }) => published === due);
      };
      await give(Math.ceil(count * WARM_UP));
      const before = { packets: peer.packets, frames: peer.frames };
      const { cpu, wall } = await tab.measure(() => give(count));
      return {
        cpu: cpu / count,
        wall: wall / count,
        frames: (peer.frames - before.frames) / (peer.packets - before.packets),
      };
    },
  };
}

/**
 * @param {string} name
 * @param {string} title
 * @param {number} qos
 * @returns {Row}
 */
function roundTrip(name, title, qos) {
  return {
    name,
    title,
    qos,
    broker: true,
    shown: 'p50',
    ratio: true,
    async run({ tab, scaled }) {
      const taken = (await tab.call('roundTrips', scaled(2000), qos)).sort(
        (/** @type {number} */ a, /** @type {number} */ b) => a - b,
      );
      const quantile = (/** @type {number} */ part) => taken[Math.floor((taken.length - 1) * part)];
      return { p50: quantile(0.5), p99: quantile(0.99) };
    },
  };
}

/**
 * @param {string} topic
 * @param {Buffer} payload
 * @param {number} qos with an identifier of zero
 */
function publishPacket(topic, payload, qos) {
  const name = Buffer.from(topic);
  const body = [Buffer.from([name.length >> 8, name.length & 255]), name, Buffer.alloc(qos > 0 ? 2 : 0), payload];
  let rest = body.reduce((sum, { length }) => sum + length, 0);
  const head = [0x30 | (qos << 1)];
  do {
    head.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from(head), ...body]);
}

/**
 * A copy of such a packet, shorter than 128 bytes, with its identifier.
 *
 * @param {Buffer} packet
 * @param {number} identifier
 */
function numbered(packet, identifier) {
  const copy = Buffer.from(packet);
  copy.writeUInt16BE(identifier, 4 + copy.readUInt16BE(2));
  return copy;
}
