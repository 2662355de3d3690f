/** This project's package: `wasmqtt` is the entry that the bundle was made with. */

import { connect as connectClient } from 'wasmqtt';

export async function connect(url, { stored = false, worker, version = 4 } = {}) {
  const session = { persist: 'indexeddb', name: `bench ${Math.random()}` };
  // Not an option, where it is not wanted: another build may not know it.
  const more = { ...(stored && { session }), ...(worker && { worker }) };
  const client = connectClient(url, { protocol: version, queue: { maxMessages: 100_000 }, ...more });
  await client.ready;
  return {
    subscribe: (filter, qos, handler) =>
      client.subscribe(filter, ({ topic, payload }) => handler(payload.length, topic), { qos }).ready,
    publish: (topic, payload, qos) => client.publish(topic, payload, { qos }),
    close: () => client.close(),
    /** Has somebody see each packet, and resolves when the first is seen. */
    async observe(how) {
      if (how === 'recorded') {
        const { record } = await import('wasmqtt/trace');
        record(client);
      }
      const life = new AbortController();
      await new Promise((resolve) => {
        client.on('packet', resolve, { signal: how === 'listened' ? undefined : life.signal });
        client.ping();
      });
      life.abort();
    },
  };
}
