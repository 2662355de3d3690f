/**
 * A device on plain TCP MQTT: it says that it is online, publishes what it senses, obeys commands, and leaves a will.
 * It does not know what it senses (that is its model) and nothing of web pages.
 */
import mqtt from 'mqtt';

/**
 * @typedef {object} Model what makes one device different from another
 * @property {Record<string, unknown>} about its name, values and controls, for whoever draws it
 * @property {Record<string, boolean | number>} state what a command may set
 * @property {() => Record<string, string | number | object>} sense one round of values by topic below the device's own
 */

export class Device {
  #model;
  #connection;
  #interval;
  /** @type {import('mqtt').MqttClient | undefined} */
  #client;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /**
   * @param {string} id
   * @param {Model} model
   * @param {{ host: string, port: number, protocolVersion: 4 | 5 }} connection
   * @param {number} interval milliseconds between two rounds of values
   */
  constructor(id, model, connection, interval) {
    this.id = id;
    this.#model = model;
    this.#connection = connection;
    this.#interval = interval;
  }

  get online() {
    return this.#client !== undefined;
  }

  /** Connects, and resolves when the device has said so. */
  async start() {
    if (this.#client !== undefined) return;
    const client = mqtt.connect({
      ...this.#connection,
      clientId: `device-${this.id}`,
      clean: true,
      keepalive: 30,
      reconnectPeriod: 500,
      will: { topic: this.#topic('status'), payload: Buffer.from('offline'), qos: 1, retain: true },
    });
    this.#client = client;
    client.on('error', () => {});
    client.on('message', (_topic, payload, packet) => this.#obey(client, payload, packet.properties));
    await new Promise((resolve, reject) => {
      client.on('connect', () => this.#introduce(client).then(resolve, reject));
    });
    this.#timer ??= setInterval(() => this.#publishValues(client), this.#interval);
  }

  /** Dies as a device does whose power fails: the socket ends without a DISCONNECT, so the broker sends the will. */
  async kill() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const client = this.#client;
    this.#client = undefined;
    await client?.endAsync(true);
  }

  #topic(name) {
    return `devices/${this.id}/${name}`;
  }

  async #introduce(client) {
    await client.subscribeAsync(this.#topic('command'), { qos: 1 });
    await Promise.all([
      client.publishAsync(this.#topic('about'), JSON.stringify(this.#model.about), { qos: 1, retain: true }),
      client.publishAsync(this.#topic('state'), JSON.stringify(this.#model.state), { qos: 1, retain: true }),
      client.publishAsync(this.#topic('status'), 'online', { qos: 1, retain: true }),
    ]);
    this.#publishValues(client);
  }

  #publishValues(client) {
    if (!client.connected) return;
    for (const [name, value] of Object.entries(this.#model.sense())) {
      client.publish(this.#topic(name), typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
  }

  /** Takes over what the command sets; the answer repeats its number, so that the sender knows its own. */
  #obey(client, payload, properties) {
    const { n, ...wanted } = parse(payload);
    const state = this.#model.state;
    /** @type {string[]} */
    const refused = [];
    for (const [key, value] of Object.entries(wanted)) {
      if (Object.hasOwn(state, key) && typeof value === typeof state[key]) state[key] = value;
      else refused.push(key);
    }
    const answer = JSON.stringify({
      ...state,
      ...(n === undefined ? {} : { n }),
      ...(refused.length > 0 ? { refused } : {}),
    });
    client.publish(this.#topic('state'), answer, { qos: 1, retain: true });
    if (properties?.responseTopic !== undefined) {
      const { responseTopic, correlationData } = properties;
      client.publish(responseTopic, answer, { qos: 1, properties: correlationData ? { correlationData } : {} });
    }
    this.#publishValues(client);
  }
}

/** @param {Buffer} payload */
function parse(payload) {
  try {
    const value = JSON.parse(payload.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
