/** u8-mqtt, which has no QoS 2. */

import { mqtt_v4 } from 'u8-mqtt/esm/web/v4.js';

export async function connect(url) {
  const client = mqtt_v4().with_websock(url);
  await client.connect();
  return {
    async subscribe(filter, qos, handler) {
      const route = filter.replaceAll('+', ':level').replace('#', '*');
      client.on_topic(route, (packet) => handler(packet.payload.length, packet.topic));
      await client.subscribe([[filter, qos]]);
    },
    // In 0.6.7 `pub` fails with QoS 0: it asks for an answer to nothing.
    publish: (topic, payload, qos) =>
      qos > 0 ? client.pub({ topic, payload, qos }) : client._send('publish', { topic, payload, qos }),
    close: () => client.disconnect(),
  };
}
