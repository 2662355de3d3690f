/**
 * A TCP proxy with faults: a line that is cut, one that is refused, one that swallows everything.
 * It does not know what the bytes mean.
 */

import { EventEmitter, once } from 'node:events';
import { connect, createServer } from 'node:net';
import { atEnd } from './cleanup.mjs';
import { close, HOST, listen, portOf } from './net.mjs';

/**
 * Starts one and stops it at the end of the file.
 *
 * @param {number} target
 */
export async function startProxy(target) {
  const proxy = new Line(target);
  await proxy.start();
  atEnd(() => proxy.stop());
  return proxy;
}

export class Line {
  port = 0;
  /** Connections taken so far, also those that were refused. */
  connections = 0;
  #target;
  #refuses = false;
  #swallows = false;
  /** @type {Map<import('node:net').Socket, import('node:net').Socket>} */
  #pairs = new Map();
  /** @type {WeakSet<import('node:net').Socket>} */
  #stranded = new WeakSet();
  #events = new EventEmitter();
  #server = createServer({ noDelay: true }, (client) => this.#take(client));

  /** @param {number} target */
  constructor(target) {
    this.#target = target;
  }

  get url() {
    return `ws://${HOST}:${this.port}/`;
  }

  async start() {
    this.port = portOf(await listen(this.#server));
  }

  /** Breaks what is open; what comes later is served. */
  cut() {
    for (const [client, upstream] of this.#pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  }

  /** What comes from now on is broken off; what is open stays. */
  refuse() {
    this.#refuses = true;
  }

  /** Nothing passes, in no direction, and nobody is told; bytes that come meanwhile are lost. */
  blackhole() {
    this.#swallows = true;
  }

  /** Everything works again, for new connections; those that lost bytes are broken. */
  restore() {
    this.#refuses = false;
    if (this.#swallows) {
      this.#swallows = false;
      this.cut();
    }
  }

  /** What is open goes silent for good, and nobody is told; what comes later is served. */
  strand() {
    for (const client of this.#pairs.keys()) {
      this.#stranded.add(client);
    }
    this.#swallows = false;
  }

  /** The next connection, or attempt at one. */
  async connection() {
    await once(this.#events, 'connection');
  }

  async stop() {
    const closed = close(this.#server);
    this.cut();
    await closed;
  }

  /** @param {import('node:net').Socket} client */
  #take(client) {
    this.connections++;
    this.#events.emit('connection');
    client.on('error', () => client.destroy());
    if (this.#refuses) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: HOST, port: this.#target, noDelay: true });
    this.#pairs.set(client, upstream);
    upstream.on('error', () => upstream.destroy());
    const silent = () => this.#swallows || this.#stranded.has(client);
    upstream.on('close', () => silent() || client.destroy());
    client.on('close', () => {
      this.#pairs.delete(client);
      upstream.destroy();
    });
    client.on('data', (bytes) => silent() || upstream.write(bytes));
    upstream.on('data', (bytes) => silent() || client.write(bytes));
  }
}
