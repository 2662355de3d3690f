/**
 * A load generator: as many small messages a second as it is told, for as long as it is told, on plain TCP.
 * It does not know who listens.
 */
import mqtt from 'mqtt';

const SLICE = 20;
const TOPICS = 24;

/**
 * @param {{ host: string, port: number, protocolVersion: 4 | 5 }} connection
 * @returns {{ run: (rate: number, seconds: number) => Promise<void>, stop: () => Promise<void> }}
 */
export function createLoad(connection) {
  /** @type {import('mqtt').MqttClient | undefined} */
  let client;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  /** Without `drop`, what was handed to the socket still leaves. */
  const end = async (drop) => {
    clearInterval(timer);
    timer = undefined;
    const ended = client;
    client = undefined;
    await ended?.endAsync(drop);
  };
  const stop = () => end(true);

  /** Begins, and resolves when the generator is connected; a run in progress ends. */
  const run = async (rate, seconds) => {
    await stop();
    const current = await mqtt.connectAsync({ ...connection, clientId: 'device-load', clean: true });
    client = current;
    const begin = performance.now();
    const total = rate * seconds;
    let sent = 0;
    timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - begin) / 1_000) * rate));
      if (current.stream.writableNeedDrain !== true) {
        current.stream.cork();
        for (; sent < due; sent += 1)
          current.publish(`load/${sent % TOPICS}`, `${(Math.sin(sent / 700) * 50 + 50).toFixed(3)}`);
        current.stream.uncork();
      }
      if (sent >= total) end(false).catch(() => {});
    }, SLICE);
  };

  return { run, stop };
}
