/** rmqttd: the one that sends topic aliases to clients. It does not know the scenarios. */

import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { freePorts, HOST } from '../../support/net.mjs';
import { built } from '../programs.mjs';
import { folder, startProcess } from './process.mjs';

/** @type {import('../suite.mjs').Broker} */
export const rmqttd = {
  name: 'rmqttd',
  protocols: [4, 5],
  lacks: { 'enhanced authentication': 'no mechanism is built in' },
  async start() {
    const program = built('rmqttd');
    const cwd = await folder('rmqttd');
    await mkdir(`${cwd}/plugins`);
    const [rpc = 0, http = 0, tcp = 0, open = 0, strict = 0] = await freePorts(5);
    const files = {
      'rmqtt.toml': `[node]
id = 1
[plugins]
dir = "${cwd}/plugins"
default_startups = ["rmqtt-retainer", "rmqtt-shared-subscription", "rmqtt-acl"]
[log]
to = "console"
level = "warn"
[rpc]
server_addr = "${HOST}:${rpc}"
[listener.tcp.external]
addr = "${HOST}:${tcp}"
allow_anonymous = true
[listener.ws.external]
addr = "${HOST}:${open}"
allow_anonymous = true
min_keepalive = 0
max_packet_size = "64k"
max_inflight = 16
max_topic_aliases = 32
session_expiry_interval = "2h"
[listener.ws.strict]
addr = "${HOST}:${strict}"
allow_anonymous = false
max_packet_size = "20k"
`,
      'plugins/rmqtt-acl.toml': `disconnect_if_pub_rejected = false
rules = [
  ["allow", { user = "alice", password = "secret" }, "connect"],
  ["deny", { user = "alice" }, "connect"],
  ["allow", "all"] ]
`,
      'plugins/rmqtt-retainer.toml': '[storage]\ntype = "ram"\n',
      'plugins/rmqtt-http-api.toml': `http_laddr = "${HOST}:${http}"\n`,
    };
    await startProcess(program, ['-f', `${cwd}/rmqtt`], { cwd, files, ports: [tcp, open, strict] });
    return {
      version: /\d+\.\d+\.\d+/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[0] ?? '',
      url: `ws://${HOST}:${open}/mqtt`,
      tcpUrl: `mqtt://${HOST}:${tcp}`,
      secured: { url: `ws://${HOST}:${open}/mqtt`, username: 'alice', password: 'secret' },
    };
  },
};
