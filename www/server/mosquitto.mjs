/**
 * A real mosquitto as a child process, on plain TCP and on WebSocket, with nothing kept on disk.
 * It does not know the devices, the page or the proxy in front of its WebSocket port.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePorts } from './free-port.mjs';

const ATTEMPTS = 5;
const START_LIMIT = 10_000;
const STOP_LIMIT = 2_000;

/**
 * @param {{ host: string }} options
 * @returns {Promise<import('./main.mjs').Broker>}
 */
export async function startMosquitto({ host }) {
  const program = findMosquitto();
  const folder = await mkdtemp(join(tmpdir(), 'wasmqtt-mosquitto-'));
  for (let attempt = 1; ; attempt += 1) {
    const [tcpPort, webSocketPort] = await freePorts(2, host);
    try {
      const { child, version } = await run(program, folder, configuration(host, tcpPort, webSocketPort));
      return {
        name: 'mosquitto',
        version,
        deviceProtocol: 5,
        tcpPort,
        webSocketPort,
        async stop() {
          await end(child);
          await rm(folder, { recursive: true, force: true });
        },
      };
    } catch (error) {
      if (attempt < ATTEMPTS && String(error).includes('Address already in use')) continue;
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }
}

function findMosquitto() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'];
  const given = process.env.MOSQUITTO ?? '';
  const found = [given, ...folders.map((folder) => join(folder, 'mosquitto'))].find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error('mosquitto was not found; install it, set MOSQUITTO to its path, or use the embedded broker');
}

/** mosquitto 2.0 before 2.0.19 binds its WebSocket listeners to every address, whatever is given here. */
function configuration(host, tcpPort, webSocketPort) {
  return [
    'persistence false',
    'allow_anonymous true',
    'set_tcp_nodelay true',
    'max_queued_messages 100000',
    'log_dest stderr',
    'log_type error',
    'log_type warning',
    'log_type information',
    `listener ${tcpPort} ${host}`,
    `listener ${webSocketPort} ${host}`,
    'protocol websockets',
    '',
  ].join('\n');
}

/** Resolves when the broker says that it runs, rejects with its own words when it ends before. */
async function run(program, folder, text) {
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, text);
  const child = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const onExit = () => child.kill('SIGKILL');
  process.once('exit', onExit);
  child.once('exit', () => process.off('exit', onExit));
  let log = '';
  let version = '';
  try {
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('mosquitto did not start in time')), START_LIMIT);
      const finish = (settle) => (value) => {
        clearTimeout(timer);
        settle(value);
      };
      child.once('error', finish(reject));
      child.once('exit', (code) => finish(reject)(new Error(`mosquitto ended with ${code}: ${log.trim()}`)));
      child.stderr.setEncoding('utf8').on('data', (chunk) => {
        log = (log + chunk).slice(-4_000);
        version = /mosquitto version (\S+)/.exec(log)?.[1] ?? version;
        if (/mosquitto version \S+ running/.test(log)) finish(resolve)(undefined);
      });
    });
  } catch (error) {
    await end(child);
    throw error;
  }
  return { child, version };
}

/** @param {import('node:child_process').ChildProcess} child */
function end(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    child.kill('SIGTERM');
  });
}
