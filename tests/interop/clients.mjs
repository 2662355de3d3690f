/**
 * Other clients as the other side: Paho for Python, mosquitto_pub and mosquitto_sub. Each can wait for messages and
 * send one. It does not know the page.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { owned } from '../support/children.mjs';
import { program, python } from './programs.mjs';

const PAHO = fileURLToPath(new URL('paho_peer.py', import.meta.url));

/**
 * @typedef {{ topic: string, payload: Buffer, qos?: number }} Message
 * @typedef {object} Other
 * @property {string} name
 * @property {(to: Target, topic: string, qos: number, count: number) => Promise<{ messages: Promise<Message[]> }>} receive
 *   resolves when it has subscribed
 * @property {(to: Target, topic: string, qos: number, payload: Buffer) => Promise<void>} send
 * @typedef {{ tcpUrl: string, protocol: 4 | 5, login?: { username: string, password: string } }} Target
 */

const address = (/** @type {Target} */ { tcpUrl }) => {
  const { hostname, port } = new URL(tcpUrl);
  return { host: hostname, port: Number(port) };
};

async function finished(child) {
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) {
    throw new Error(`it ended with ${code}: ${text}`);
  }
}

function run(command, args) {
  return owned(spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** The lines of a program that is ended after so many of them. */
async function* linesOf(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    yield line;
  }
}

/** @type {Other} */
const paho = {
  name: 'Paho for Python',
  async receive(to, topic, qos, count) {
    const job = { ...address(to), ...to.login, protocol: to.protocol, topic, qos };
    const child = run(python(), [PAHO, JSON.stringify(job)]);
    const lines = linesOf(child);
    await lines.next();
    const collect = async () => {
      const messages = [];
      for await (const line of lines) {
        const { payload, ...rest } = JSON.parse(line);
        messages.push({ ...rest, payload: Buffer.from(payload, 'base64') });
        if (messages.length === count) {
          break;
        }
      }
      child.kill('SIGKILL');
      return messages;
    };
    return { messages: collect() };
  },
  async send(to, topic, qos, payload) {
    const job = { ...address(to), ...to.login, protocol: to.protocol, topic, qos, payload: payload.toString('base64') };
    await finished(run(python(), [PAHO, JSON.stringify(job)]));
  },
};

const common = (/** @type {Target} */ to, /** @type {string} */ topic, /** @type {number} */ qos) => {
  const { host, port } = address(to);
  const login = to.login ? ['-u', to.login.username, '-P', to.login.password] : [];
  const version = to.protocol === 5 ? 'mqttv5' : 'mqttv311';
  return ['-h', host, '-p', String(port), '-V', version, '-t', topic, '-q', String(qos), ...login];
};

/** @type {Other} */
const mosquitto = {
  name: 'mosquitto_pub and mosquitto_sub',
  // A loop that is left ends its iterator: the lines are read by hand.
  async receive(to, topic, qos, count) {
    const format = ['-F', '> %t %q %x', '-d'];
    // Its output is held back where it is no terminal, but for this.
    const child = run(program('stdbuf'), ['-oL', program('mosquitto_sub'), ...common(to, topic, qos), ...format]);
    const lines = linesOf(child);
    for (let next = await lines.next(); !next.done && !next.value.startsWith('Subscribed'); ) {
      next = await lines.next();
    }
    const collect = async () => {
      const messages = [];
      while (messages.length < count) {
        const next = await lines.next();
        if (next.done) {
          break;
        }
        const [mark, name = '', level, hex = ''] = next.value.split(' ');
        if (mark === '>') {
          messages.push({ topic: name, qos: Number(level), payload: Buffer.from(hex, 'hex') });
        }
      }
      // Without DISCONNECT: see `brokers/iotcore.mjs`.
      child.kill('SIGKILL');
      return messages;
    };
    return { messages: collect() };
  },
  async send(to, topic, qos, payload) {
    const child = owned(
      spawn(program('mosquitto_pub'), [...common(to, topic, qos), '-s'], { stdio: ['pipe', 'pipe', 'pipe'] }),
    );
    child.stdin.end(payload);
    await finished(child);
  },
};

export const OTHERS = [paho, mosquitto];
