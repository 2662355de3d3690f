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
    publish: (topic, payload, qos) => client.pub({ topic, payload, qos }),
    close: () => client.disconnect(),
  };
}
