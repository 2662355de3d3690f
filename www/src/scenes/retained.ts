/**
 * Scene: a value is published once and kept by the broker; whoever subscribes later has it at once.
 * It does not use any device.
 */
import type { Client, Message } from 'wasmqtt';
import { clock, milliseconds } from '../lib/format.js';
import { publish } from '../state/publishing.js';
import { awaited, type Stage } from './scene.js';

const LIMIT = 10_000;

export function retained(client: Client) {
  return async (stage: Stage): Promise<void> => {
    const topic = `demo/note/${crypto.randomUUID().slice(0, 4)}`;
    const text = `written at ${clock(Date.now())}`;
    await publish(topic, text, { qos: 1, retain: true });
    stage.tell(`Published with RETAIN to ${topic}; nobody was subscribed`);

    const seen = awaited<Message>(LIMIT, 'The retained message did not arrive');
    const begin = performance.now();
    const subscription = client.subscribe(topic, (message) => seen.resolve(message), { qos: 1 });
    stage.tell('Subscribed; nothing is published any more');
    try {
      const message = await seen.promise;
      const flag = message.retain ? 'RETAIN set' : 'RETAIN not set';
      stage.tell(`Arrived ${milliseconds(performance.now() - begin)} later: “${message.text()}”, ${flag}`, 'good');
    } finally {
      await subscription.unsubscribe();
      // An empty retained message takes the kept one away.
      await publish(topic, '', { qos: 1, retain: true });
    }
  };
}
