/** mqttv5: everything that CONNACK can announce, and SCRAM. It does not know the scenarios. */

import { execFileSync } from 'node:child_process';
import { freePorts, HOST } from '../../support/net.mjs';
import { built } from '../programs.mjs';
import { folder, startProcess } from './process.mjs';

/** @type {import('../suite.mjs').Broker} */
export const mqttv5 = {
  name: 'mqttv5',
  protocols: [4, 5],
  lacks: {},
  async start() {
    const program = built('mqttv5');
    const cwd = await folder('mqttv5');
    execFileSync(program, ['passwd', '-c', '-b', 'secret', 'alice', `${cwd}/passwd`], { stdio: 'ignore' });
    execFileSync(program, ['scram', '-c', '-b', 'secret', '-i', '10000', 'alice', `${cwd}/scram`], { stdio: 'ignore' });
    const whole = JSON.parse(execFileSync(program, ['broker', 'generate-config'], { cwd, encoding: 'utf8' }));
    const auth = { allow_anonymous: false, rate_limit: { enabled: false } };
    const run = async (/** @type {string} */ name, /** @type {object} */ change) => {
      const [tcp = 0, ws = 0] = await freePorts(2);
      const config = merge(structuredClone(whole), {
        bind_addresses: [`${HOST}:${tcp}`],
        websocket_config: { bind_addresses: [`${HOST}:${ws}`] },
        storage_config: { backend: 'Memory', enable_persistence: true },
        ...change,
      });
      for (const other of ['tls_config', 'websocket_tls_config', 'quic_config']) {
        config[other] = null;
      }
      const files = { [`${name}.json`]: JSON.stringify(config) };
      const args = ['broker', '-c', `${cwd}/${name}.json`, '--non-interactive'];
      await startProcess(program, args, { cwd, files, ports: [tcp, ws] });
      return { url: `ws://${HOST}:${ws}/mqtt`, tcpUrl: `mqtt://${HOST}:${tcp}` };
    };
    const [open, secured, scram, limited] = await Promise.all([
      run('open', { server_receive_maximum: 20, max_packet_size: 65_536, topic_alias_maximum: 16 }),
      run('secured', { auth_config: { ...auth, auth_method: 'Password', password_file: `${cwd}/passwd` } }),
      run('scram', { auth_config: { ...auth, auth_method: 'ScramSha256', scram_file: `${cwd}/scram` } }),
      run('limited', {
        maximum_qos: 1,
        retain_available: false,
        wildcard_subscription_available: false,
        subscription_identifier_available: false,
        shared_subscription_available: false,
        topic_alias_maximum: 0,
        server_receive_maximum: 2,
        max_packet_size: 2048,
        server_keep_alive: '5s',
        response_information: 'resp/lab',
      }),
    ]);
    return {
      version: /mqttv5\S* (\S+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1] ?? '',
      ...open,
      secured: { url: secured.url, username: 'alice', password: 'secret' },
      scram: { url: scram.url, username: 'alice', password: 'secret' },
      limited: {
        url: limited.url,
        maximumPacketSize: 2048,
        retainAvailable: false,
        maximumQoS: 1,
        keepAlive: 5,
        receiveMaximum: 2,
        wildcardSubscriptionAvailable: false,
        sharedSubscriptionAvailable: false,
        subscriptionIdentifierAvailable: false,
        responseInformation: 'resp/lab',
      },
    };
  },
};

/** Sets in `target` what `change` names and `target` has. */
function merge(target, change) {
  for (const [name, value] of Object.entries(change)) {
    const both = typeof target[name] === 'object' && target[name] !== null && typeof value === 'object';
    target[name] = both && !Array.isArray(value) ? merge(target[name], value) : value;
  }
  return target;
}
