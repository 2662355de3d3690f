/**
 * Time for a client whose page is hidden: browsers slow its timers down to one a minute, and a connection is lost over it. A
 * worker of one line has a timer that is not, and sets it when the next ping is due: it fires once for each. It does not know
 * what a ping is.
 */

import type { Trusted } from './trusted.js';

/** Seconds of `keepAlive` from which a timer a minute will do. */
const ENOUGH = 180;

/** Milliseconds between two beats, at least: while an answer is waited for, the time of the next ping may have come. */
const LEAST = 500;

const SCRIPT = 'onmessage=({data})=>setTimeout(()=>postMessage(0),data)';

export class Pulse {
  readonly #beat: () => number | undefined;
  readonly #trusted: Trusted;
  readonly #life = new AbortController();
  #wanted = false;
  #worker: Worker | undefined;
  /** A policy forbids it: the timers of the page have to do. */
  #forbidden = false;

  /**
   * `beat` is called when the page is hidden, and whenever the time is over that it gave last, in milliseconds; `NaN` or
   * undefined without a connection.
   */
  constructor(beat: () => number | undefined, trusted: Trusted) {
    this.#beat = beat;
    this.#trusted = trusted;
    const { signal } = this.#life;
    globalThis.document?.addEventListener('visibilitychange', () => this.#look(), { signal });
  }

  /** With a connection of that keep-alive, in seconds; 0 without one. */
  keep(keepAlive: number): void {
    // Above that a ping of a timer that is late is sent before one and a half times the keep-alive.
    this.#wanted = keepAlive > 0 && keepAlive < ENOUGH;
    this.#stop();
    this.#look();
  }

  end(): void {
    this.#life.abort();
    this.#stop();
  }

  #look(): void {
    const hidden = globalThis.document?.hidden === true && this.#wanted;
    if (!hidden) {
      this.#stop();
    } else if (!this.#worker && !this.#forbidden) {
      this.#start();
    }
  }

  #start(): void {
    const url = URL.createObjectURL(new Blob([SCRIPT], { type: 'text/javascript' }));
    try {
      this.#worker = new Worker(this.#trusted(url));
      this.#worker.onmessage = () => this.#again();
      this.#worker.onerror = (event) => {
        event.preventDefault();
        this.#forbidden = true;
      };
      this.#again();
    } catch {
      this.#forbidden = true;
    }
    URL.revokeObjectURL(url);
  }

  #again(): void {
    const time = this.#beat() ?? Number.NaN;
    if (time >= 0) {
      this.#worker?.postMessage(Math.max(time, LEAST));
    }
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
