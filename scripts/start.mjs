/**
 * The demo in one command: set-up, build, then the demo's server until it is told to end. It does not know what the
 * server serves.
 */

import { parseArgs } from 'node:util';
import { root } from './setup/places.mjs';
import { main, PlainError } from './setup/say.mjs';
import { setup, toolEnv } from './setup.mjs';

const BROKERS = ['aedes', 'mosquitto'];
const STOP_LIMIT = 5_000;
const USAGE = `npm start [-- options]

  --broker aedes|mosquitto   aedes is embedded and speaks MQTT 3.1.1 (default); mosquitto speaks 5.0 as well
  --port NUMBER              the port of the page (default: a free one)
  --help                     this text`;

function options() {
  let values;
  try {
    ({ values } = parseArgs({
      options: { broker: { type: 'string' }, port: { type: 'string' }, help: { type: 'boolean' } },
    }));
  } catch (error) {
    throw new PlainError(`${/** @type {Error} */ (error).message.split('. ')[0]}\n\n${USAGE}`);
  }
  const { broker = 'aedes', port: text = '0', help = false } = values;
  const port = Number(text);
  if (!BROKERS.includes(broker)) {
    throw new PlainError(`There is no broker '${broker}'\n\n${USAGE}`);
  }
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new PlainError(`'${text}' is not a port\n\n${USAGE}`);
  }
  return { broker, port, help };
}

/**
 * Calls back when this process is told to end; when it is told twice it ends at once.
 *
 * @param {() => void} listener
 */
function whenTold(listener) {
  let times = 0;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      times += 1;
      if (times === 1) {
        listener();
      } else {
        process.exit(1);
      }
    });
  }
}

await main(async () => {
  const { broker, port, help } = options();
  if (help) {
    console.log(USAGE);
    return;
  }
  await setup({ browsers: false, broker: broker === 'mosquitto', checks: false });
  const { build } = await import('./build.mjs');
  await build();

  process.env.PATH = toolEnv().PATH;
  const { start } = await import('../www/server/main.mjs');
  /** @type {Awaited<ReturnType<typeof start>> | undefined} */
  let demo;
  whenTold(async () => {
    console.log('\nStopping');
    const late = setTimeout(() => process.exit(1), STOP_LIMIT);
    // A demo that is only beginning ends with its process.
    await demo?.stop();
    clearTimeout(late);
    process.exit(0);
  });
  demo = await start({ broker, port, host: '127.0.0.1', root });
  console.log(
    `\nThe dashboard: ${demo.url}\nThe broker for devices: mqtt://127.0.0.1:${demo.mqttTcpPort}\nCtrl-C ends both.`,
  );
});
