/**
 * iotcore, which is rumqttd: packets of a burst in one WebSocket message. It does not know the scenarios.
 *
 * A client that says DISCONNECT and closes may be disconnected twice there, the second time by the number of its
 * connection, which another client may have by then: that one is dropped (7 of 3000 that connected at that moment; none
 * of 3000 after clients that closed without DISCONNECT). So there is one scenario at a time.
 */

import { freePorts, HOST } from '../../support/net.mjs';
import { python, pythonVersion } from '../programs.mjs';
import { folder, startProcess } from './process.mjs';

/** @type {import('../suite.mjs').Broker} */
export const iotcore = {
  name: 'iotcore (rumqttd)',
  protocols: [4],
  lacks: {},
  concurrency: 1,
  async start() {
    const cwd = await folder('iotcore');
    const [tcp = 0, open = 0, secured = 0] = await freePorts(3);
    const server = (/** @type {string} */ kind, /** @type {string} */ name, /** @type {number} */ port, more = '') => `
[${kind}.${name}]
name = "${kind}-${name}"
listen = "${HOST}:${port}"
next_connection_delay_ms = 1
  [${kind}.${name}.connections]
  connection_timeout_ms = 5000
  max_payload_size = 262144
  max_inflight_count = 100
  dynamic_filters = true
${more}`;
    const users = '  [ws.2.connections.auth]\n  alice = "secret"\n';
    const files = {
      'rumqttd.toml': `id = 0
[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = 10485760
max_segment_count = 10
${server('v4', '1', tcp)}${server('ws', '1', open)}${server('ws', '2', secured, users)}`,
    };
    await startProcess(python('iotcore'), ['--config', `${cwd}/rumqttd.toml`], {
      cwd,
      files,
      ports: [tcp, open, secured],
    });
    return {
      version: pythonVersion('iotcore'),
      url: `ws://${HOST}:${open}/`,
      tcpUrl: `mqtt://${HOST}:${tcp}`,
      secured: { url: `ws://${HOST}:${secured}/`, username: 'alice', password: 'secret' },
    };
  },
};
