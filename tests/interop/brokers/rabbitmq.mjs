/** RabbitMQ with its Web MQTT plugin. It does not know the scenarios. */

import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { atEnd } from '../../support/cleanup.mjs';
import { freePorts, HOST } from '../../support/net.mjs';
import { folder, startProcess } from './process.mjs';

const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** @type {import('../suite.mjs').Broker} */
export const rabbitmq = {
  name: 'RabbitMQ',
  protocols: [4],
  lacks: { 'QoS 2': 'not in this version' },
  async start() {
    const cwd = await folder('rabbitmq');
    await mkdir(`${cwd}/mnesia`);
    await mkdir(`${cwd}/log`);
    const [amqp = 0, tcp = 0, ws = 0, dist = 0, epmd = 0] = await freePorts(5);
    await writeFile(
      `${cwd}/rabbitmq.conf`,
      [
        `listeners.tcp.1 = ${HOST}:${amqp}`,
        `mqtt.listeners.tcp.1 = ${HOST}:${tcp}`,
        'mqtt.allow_anonymous = true',
        `web_mqtt.tcp.listener = ${HOST}:${ws}`,
        'web_mqtt.ws_path = /ws',
        'loopback_users = none',
        '',
      ].join('\n'),
    );
    await writeFile(`${cwd}/enabled_plugins`, '[rabbitmq_web_mqtt].\n');
    const env = {
      HOME: cwd,
      RABBITMQ_NODENAME: 'interop@localhost',
      RABBITMQ_CONFIG_FILE: `${cwd}/rabbitmq.conf`,
      RABBITMQ_ENABLED_PLUGINS_FILE: `${cwd}/enabled_plugins`,
      RABBITMQ_MNESIA_BASE: `${cwd}/mnesia`,
      RABBITMQ_LOG_BASE: `${cwd}/log`,
      RABBITMQ_DIST_PORT: String(dist),
      ERL_EPMD_ADDRESS: HOST,
      ERL_EPMD_PORT: String(epmd),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
    };
    atEnd(() => {
      // It leaves the port mapper behind: what listens on the port that was given to it.
      const text = execFileSync('ss', ['-Hltnp', `sport = :${epmd}`], { encoding: 'utf8' });
      const pid = /pid=(\d+)/.exec(text)?.[1];
      if (pid) {
        process.kill(Number(pid), 'SIGKILL');
      }
    });
    await startProcess('setsid', ['--wait', PROGRAM], { cwd, env, ports: [tcp, ws] });
    atEnd(() => endNode(dist));
    const version = execFileSync('dpkg-query', ['-W', '-f', `\${Version}`, 'rabbitmq-server'], { encoding: 'utf8' });
    const url = `ws://${HOST}:${ws}/ws`;
    return {
      version: /^[\d.]+/.exec(version)?.[0] ?? '',
      url,
      tcpUrl: `mqtt://${HOST}:${tcp}`,
      secured: { url, username: 'guest', password: 'guest' },
    };
  },
};

/** The virtual machine, which its shell script does not end with itself. */
function endNode(/** @type {number} */ port) {
  const text = execFileSync('ss', ['-Hltnp', `sport = :${port}`], { encoding: 'utf8' });
  const pid = /pid=(\d+)/.exec(text)?.[1];
  if (pid) {
    process.kill(Number(pid), 'SIGKILL');
  }
}
