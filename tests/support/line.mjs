/**
 * A TCP proxy with faults: a line that is cut, one that is refused, one that swallows everything, one that is slow.
 * It does not know what the bytes mean, nor who ends it.
 */

import { EventEmitter, once } from 'node:events';
import { connect, createServer } from 'node:net';
import { close, HOST, listen, portOf } from './net.mjs';

/** Bytes, and milliseconds: about 10 kB a second. */
const DRIP = 200;
const DRIP_EVERY = 20;

export class Line {
  port = 0;
  /** Connections taken so far, also those that were refused. */
  connections = 0;
  /**
   * Called for each connection; what it returns is given what passes, and whether it comes from the target.
   *
   * @type {(() => (bytes: Buffer, down: boolean) => void) | undefined}
   */
  tap;
  #target;
  #refuses = false;
  #swallows = false;
  #halves = false;
  #slow = false;
  #patience = 0;
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

  /** What passes drips, in both directions: `DRIP` bytes each `DRIP_EVERY` ms. */
  slow() {
    this.#slow = true;
  }

  /** As proxies do: a connection on which nothing passes for so many milliseconds, in either direction, is cut. */
  cutWhenIdle(/** @type {number} */ ms) {
    this.#patience = ms;
  }

  /** Everything works again, for new connections; those that lost bytes are broken. */
  restore() {
    this.#refuses = false;
    this.#slow = false;
    if (this.#swallows) {
      this.#swallows = false;
      this.cut();
    }
  }

  /** Breaks what is open in the middle of the next bytes that come, in either direction. */
  cutInside() {
    this.#halves = true;
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
    client.setTimeout(this.#patience, () => client.resetAndDestroy());
    const upstream = connect({ host: HOST, port: this.#target, noDelay: true });
    this.#pairs.set(client, upstream);
    upstream.on('error', () => upstream.destroy());
    const silent = () => this.#swallows || this.#stranded.has(client);
    upstream.on('close', () => silent() || client.destroy());
    client.on('close', () => {
      this.#pairs.delete(client);
      upstream.destroy();
    });
    const heard = this.tap?.();
    const pass = (/** @type {import('node:net').Socket} */ to) => {
      const write = this.#dripping((bytes, written) => {
        heard?.(bytes, to === client);
        to.write(bytes, written);
      });
      return (/** @type {Buffer} */ bytes) => {
        if (this.#halves && bytes.length > 1) {
          this.#halves = false;
          write(bytes.subarray(0, bytes.length >> 1), () => this.cut());
        } else if (!silent()) {
          write(bytes);
        }
      };
    };
    client.on('data', pass(upstream));
    upstream.on('data', pass(client));
  }

  /**
   * Writes at once, or in drops while the line is slow; in their order in any case.
   *
   * @param {(bytes: Buffer, written?: () => void) => void} write
   */
  #dripping(write) {
    let waiting = Buffer.alloc(0);
    /** @type {(() => void) | undefined} */
    let whenEmpty;
    const drip = () => {
      const drop = this.#slow ? waiting.subarray(0, DRIP) : waiting;
      waiting = waiting.subarray(drop.length);
      write(drop, waiting.length === 0 ? whenEmpty : undefined);
      if (waiting.length > 0) {
        setTimeout(drip, DRIP_EVERY);
      }
    };
    return (/** @type {Buffer} */ bytes, /** @type {(() => void) | undefined} */ written) => {
      if (waiting.length === 0 && !this.#slow) {
        write(bytes, written);
        return;
      }
      const idle = waiting.length === 0;
      waiting = Buffer.concat([waiting, bytes]);
      whenEmpty = written ?? whenEmpty;
      if (idle) {
        drip();
      }
    };
  }
}
