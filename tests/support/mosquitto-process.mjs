/**
 * A real mosquitto as a child process: TCP and WebSocket on free ports that it keeps over restarts.
 * It does not know who connects.
 */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { owned } from './children.mjs';
import { freePorts, HOST } from './net.mjs';

const START_ATTEMPTS = 5;
const RUNNING = /mosquitto version (\S+) running/;

/**
 * @typedef {object} MosquittoOptions
 * @property {Record<string, string>} [users] passwords by user name; nobody else is let in
 * @property {{ cert: string, key: string }} [tls] files; a third listener, for `wss:`
 * @property {boolean} [persistence] every change is saved at once
 * @property {string[]} [config] more lines, as `max_packet_size 2000`
 */

export class Mosquitto {
  tcpPort = 0;
  wsPort = 0;
  wssPort = 0;
  version = '';
  /** @type {MosquittoOptions} */
  #options;
  #folder = '';
  #log = '';
  /** @type {Set<() => void>} */
  #readers = new Set();
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;

  /** @param {MosquittoOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** Address of the WebSocket listener. */
  get url() {
    return `ws://${HOST}:${this.wsPort}/`;
  }

  /** Address of the TLS listener; the test certificate is for `localhost`. */
  get secureUrl() {
    return `wss://localhost:${this.wssPort}/`;
  }

  /** Address of the TCP listener. */
  get tcpUrl() {
    return `mqtt://${HOST}:${this.tcpPort}`;
  }

  /** Starts it; again on the same ports. */
  async start() {
    const first = this.#folder === '';
    if (first) {
      this.#folder = await mkdtemp(join(tmpdir(), 'wasmqtt-mosquitto-'));
      await this.#writePasswords();
    }
    for (let attempt = 1; ; attempt++) {
      if (first) {
        [this.tcpPort = 0, this.wsPort = 0, this.wssPort = 0] = await freePorts(3);
        await writeFile(join(this.#folder, 'mosquitto.conf'), this.#configuration());
      }
      try {
        await this.#run();
        return;
      } catch (error) {
        await this.kill();
        if (!first || attempt === START_ATTEMPTS || !String(error).includes('in use')) {
          throw error;
        }
      }
    }
  }

  /** SIGTERM: it saves its state, where it is told to. */
  async stop() {
    await this.#end('SIGTERM');
  }

  /** SIGKILL: nothing is said, nothing is saved. */
  async kill() {
    await this.#end('SIGKILL');
  }

  async restart() {
    await this.stop();
    await this.start();
  }

  async remove() {
    await this.kill();
    if (this.#folder !== '') {
      await rm(this.#folder, { recursive: true, force: true });
    }
  }

  /**
   * Resolves once its log, from the beginning, matches that often.
   *
   * @param {RegExp} pattern without groups where it is more than once
   * @returns {Promise<void>}
   */
  logged(pattern, times = 1) {
    return new Promise((resolve) => {
      const look = () => {
        if (times === 1 ? pattern.test(this.#log) : this.#log.split(pattern).length > times) {
          this.#readers.delete(look);
          resolve();
        }
      };
      this.#readers.add(look);
      look();
    });
  }

  /** @param {RegExp} pattern with the flag `g`; how often it has been logged so far */
  countLogged(pattern) {
    return [...this.#log.matchAll(pattern)].length;
  }

  #configuration() {
    const { users, tls, persistence = false, config = [] } = this.#options;
    const everyone = users
      ? ['allow_anonymous false', `password_file ${this.#folder}/passwords`]
      : ['allow_anonymous true'];
    return [
      'per_listener_settings false',
      // As root it would become somebody who cannot read the folder.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      ...everyone,
      `persistence ${persistence}`,
      ...(persistence
        ? [`persistence_location ${this.#folder}/`, 'autosave_on_changes true', 'autosave_interval 1']
        : []),
      'max_queued_messages 0',
      'set_tcp_nodelay true',
      'log_dest stderr',
      'log_type all',
      ...config,
      `listener ${this.tcpPort} ${HOST}`,
      `listener ${this.wsPort} ${HOST}`,
      'protocol websockets',
      ...(tls
        ? [`listener ${this.wssPort} ${HOST}`, 'protocol websockets', `certfile ${tls.cert}`, `keyfile ${tls.key}`]
        : []),
      '',
    ].join('\n');
  }

  async #writePasswords() {
    const file = join(this.#folder, 'passwords');
    await writeFile(file, '');
    for (const [name, password] of Object.entries(this.#options.users ?? {})) {
      await promisify(execFile)(find('mosquitto_passwd'), ['-b', file, name, password]);
    }
  }

  async #run() {
    const args = ['-c', join(this.#folder, 'mosquitto.conf')];
    const child = owned(
      spawn(process.env.MOSQUITTO || find('mosquitto'), args, { stdio: ['ignore', 'ignore', 'pipe'] }),
    );
    this.#child = child;
    let own = '';
    const running = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`mosquitto ended with ${code}:\n${own}`)));
      child.stderr?.setEncoding('utf8').on('data', (chunk) => {
        own += chunk;
        this.#log += chunk;
        const version = RUNNING.exec(own)?.[1];
        if (version) {
          this.version = version;
          resolve(undefined);
        }
        for (const look of [...this.#readers]) {
          look();
        }
      });
    });
    await running;
    // It forgets a signal that comes before its main loop, which takes the connections.
    const socket = connect(this.tcpPort, HOST);
    await once(socket, 'connect');
    await this.logged(new RegExp(`New connection from ${HOST}:${socket.localPort} on port ${this.tcpPort}\\.`));
    socket.destroy();
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
  }
}

/**
 * @param {string} program
 * @returns {string} its path
 */
function find(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'];
  const path = folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
  if (path === undefined) {
    throw new Error(`${program} was not found: install mosquitto`);
  }
  return path;
}
