/**
 * Scene: a device dies without a word, and the broker publishes the will it left.
 * It does not look at the device's process, only at what MQTT tells.
 */
import type { Client, QoS } from 'wasmqtt';
import { milliseconds } from '../lib/format.js';
import { control } from '../state/config.js';
import { awaited, type Stage } from './scene.js';

const LIMIT = 10_000;
const QOS: QoS = 1;

export const DEVICE = 'pump';

/** Kills the device and shows its will arrive. */
export function die(client: Client) {
  return async (stage: Stage): Promise<void> => {
    await watch(client, 'offline', async (seen) => {
      stage.tell(`The ${DEVICE}'s socket is destroyed: no DISCONNECT`);
      const cut = performance.now();
      await control('kill-device', { id: DEVICE });
      const at = await seen;
      stage.tell(`Its will arrived: “offline”, ${milliseconds(Math.max(0, at - cut))} later`, 'good');
    });
  };
}

/** Brings the device back. */
export function revive(client: Client) {
  return async (stage: Stage): Promise<void> => {
    await watch(client, 'online', async (seen) => {
      await control('revive-device', { id: DEVICE });
      await seen;
      stage.tell(`The ${DEVICE} is back: “online”`, 'good');
    });
  };
}

/** Runs `act` with a promise of the moment at which the status topic says `text`. */
async function watch(client: Client, text: string, act: (seen: Promise<number>) => Promise<void>): Promise<void> {
  const seen = awaited<number>(LIMIT, `“${text}” did not arrive`);
  const subscription = client.subscribe(
    `devices/${DEVICE}/status`,
    (message) => {
      if (!message.retain && message.text() === text) seen.resolve(performance.now());
    },
    { qos: QOS },
  );
  try {
    await subscription.ready;
    await act(seen.promise);
  } finally {
    await subscription.unsubscribe();
  }
}
