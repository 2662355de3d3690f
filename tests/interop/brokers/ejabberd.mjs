/** ejabberd: DISCONNECT with reasons, and a few rules of its own. It does not know the scenarios. */

import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { freePorts, HOST } from '../../support/net.mjs';
import { program } from '../programs.mjs';
import { folder, startProcess } from './process.mjs';

/** @type {import('../suite.mjs').Broker} */
export const ejabberd = {
  name: 'ejabberd',
  protocols: [4, 5],
  lacks: {
    'shared subscriptions': 'CONNACK says that it has none',
    'enhanced authentication': 'no mechanism is built in',
    'server limits': 'it announces none',
    'too large': 'it announces no Maximum Packet Size',
  },
  async start() {
    const cwd = await folder('ejabberd');
    await mkdir(`${cwd}/db`);
    await mkdir(`${cwd}/log`);
    const [tcp = 0, ws = 0] = await freePorts(2);
    const files = {
      'ejabberd.yml': `hosts: [localhost, secure.test]
loglevel: error
host_config:
  localhost: { auth_method: [anonymous], anonymous_protocol: login_anon, allow_multiple_connections: true }
  secure.test: { auth_method: [internal] }
listen:
  - { port: ${tcp}, ip: "${HOST}", module: mod_mqtt, backlog: 1000 }
  - { port: ${ws}, ip: "${HOST}", module: ejabberd_http, request_handlers: { /mqtt: mod_mqtt } }
acl: { local: { user_regexp: "" } }
modules:
  mod_mqtt:
    session_expiry: 1 hour
    access_publish:
      "#": [ { allow: all } ]
    access_subscribe:
      "#": [ { allow: all } ]
`,
    };
    const env = {
      HOME: cwd,
      EJABBERD_CONFIG_PATH: `${cwd}/ejabberd.yml`,
      EJABBERD_LOG_PATH: `${cwd}/log/ejabberd.log`,
      ERL_LIBS: '/usr/lib/x86_64-linux-gnu',
      ERL_MAX_ETS_TABLES: '1400',
    };
    // Plain erl in place of ejabberdctl: any user, no distribution, no epmd.
    const register = 'ejabberd_auth:try_register(<<"alice">>,<<"secure.test">>,<<"secret">>)';
    const args = ['-noinput', '-mnesia', 'dir', `"${cwd}/db"`, '-s', 'ejabberd', '-eval', register];
    await startProcess(program('erl'), args, { cwd, env, files, ports: [tcp, ws] });
    const url = `ws://${HOST}:${ws}/mqtt`;
    return {
      version: version(),
      url,
      tcpUrl: `mqtt://${HOST}:${tcp}`,
      login: { username: 'anybody', password: 'x' },
      secured: { url, username: 'alice@secure.test', password: 'secret' },
    };
  },
};

function version() {
  try {
    const text = execFileSync('dpkg-query', ['-W', '-f', `\${Version}`, 'ejabberd'], { encoding: 'utf8' });
    return /^[\d.]+/.exec(text)?.[0] ?? '';
  } catch {
    return '';
  }
}
