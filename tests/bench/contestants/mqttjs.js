/** MQTT.js: as it comes, or with what its `options` say. */

import mqtt from 'mqtt';
import { Routes } from './routes.js';

export async function connect(url, { version = 4, ...options } = {}) {
  const client = await mqtt.connectAsync(url, { protocolVersion: version, reconnectPeriod: 0, ...options });
  const routes = new Routes();
  client.on('message', (topic, payload) => routes.dispatch(topic, payload));
  return {
    async subscribe(filter, qos, handler) {
      routes.add(filter, (topic, payload) => handler(payload.length, topic));
      await client.subscribeAsync(filter, { qos });
    },
    publish(topic, payload, qos) {
      if (qos > 0) {
        return client.publishAsync(topic, payload, { qos });
      }
      client.publish(topic, payload, { qos });
      return undefined;
    },
    close: () => client.end(true),
  };
}
