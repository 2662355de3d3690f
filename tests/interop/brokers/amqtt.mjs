/** amqtt. It does not know the scenarios. */

import { freePorts, HOST } from '../../support/net.mjs';
import { python, pythonVersion } from '../programs.mjs';
import { folder, startProcess } from './process.mjs';

/** @type {import('../suite.mjs').Broker} */
export const amqtt = {
  name: 'amqtt',
  protocols: [4],
  lacks: {
    'wrong password': 'the passwords of this version need another library',
    'session resumption': 'messages for a client that was cut off are not kept',
    'keep-alive time-out': 'a silent client is not ended',
    'taken over': 'both clients stay connected',
  },
  async start() {
    const cwd = await folder('amqtt');
    const [tcp = 0, ws = 0] = await freePorts(2);
    const files = {
      'amqtt.yaml': `listeners:
  default: { type: tcp, bind: "${HOST}:${tcp}", max_connections: 500 }
  ws: { type: ws, bind: "${HOST}:${ws}" }
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin: { allow_anonymous: true }
`,
    };
    await startProcess(python('amqtt'), ['-c', `${cwd}/amqtt.yaml`], { cwd, files, ports: [tcp, ws] });
    return { version: pythonVersion('amqtt'), url: `ws://${HOST}:${ws}/`, tcpUrl: `mqtt://${HOST}:${tcp}` };
  },
};
