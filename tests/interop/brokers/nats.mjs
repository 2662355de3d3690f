/** nats-server: many packets in one WebSocket message, and compression. It does not know the scenarios. */

import { execFileSync } from 'node:child_process';
import { freePorts, HOST } from '../../support/net.mjs';
import { program } from '../programs.mjs';
import { folder, startProcess } from './process.mjs';

/** @type {import('../suite.mjs').Broker} */
export const nats = {
  name: 'nats-server',
  protocols: [4],
  lacks: { 'QoS 2': 'not in this version' },
  async start() {
    const nats = program('nats-server');
    const open = await run(nats, '');
    const secured = await run(nats, 'authorization { user: alice, password: secret }');
    const version = /v?(\d+\.\d+\.\d+)/.exec(execFileSync(nats, ['--version'], { encoding: 'utf8' }))?.[1] ?? '';
    return { version, ...open, secured: { url: secured.url, username: 'alice', password: 'secret' } };
  },
};

/** @param {string} nats @param {string} more */
async function run(nats, more) {
  const cwd = await folder('nats');
  const [core = 0, tcp = 0, ws = 0] = await freePorts(3);
  const files = {
    'nats.conf': [
      'server_name: interop',
      `listen: "${HOST}:${core}"`,
      `jetstream { store_dir: "${cwd}/store" }`,
      `mqtt { listen: "${HOST}:${tcp}", ack_wait: "5s", max_ack_pending: 100 }`,
      `websocket { listen: "${HOST}:${ws}", no_tls: true, compression: true }`,
      more,
    ].join('\n'),
  };
  await startProcess(nats, ['-c', `${cwd}/nats.conf`], { cwd, files, ports: [tcp, ws] });
  return { url: `ws://${HOST}:${ws}/mqtt`, tcpUrl: `mqtt://${HOST}:${tcp}` };
}
