/**
 * Time for a client whose page is hidden: browsers slow its timers down to one a minute, and a connection is lost over it. A
 * worker of one line has timers that are not. It does not know what the time is for.
 *
 * Chromium, hidden under intensive throttling, a keep-alive of 10 s: two connections lost in 140 s without it; with it none in
 * 210 s, nor with 5, 20 and 30 s.
 */

import type { Trusted } from './trusted.js';

/** Seconds of `keepAlive` from which a timer a minute will do. */
const ENOUGH = 180;

const SCRIPT = 'onmessage=({data})=>setInterval(()=>postMessage(0),data)';

export class Pulse {
  readonly #beat: () => void;
  readonly #trusted: Trusted;
  readonly #life = new AbortController();
  #every = 0;
  #worker: Worker | undefined;
  /** A policy forbids it: the timers of the page have to do. */
  #forbidden = false;

  /** `beat` is called from time to time while the page is hidden. */
  constructor(beat: () => void, trusted: Trusted) {
    this.#beat = beat;
    this.#trusted = trusted;
    const { signal } = this.#life;
    globalThis.document?.addEventListener('visibilitychange', () => this.#look(), { signal });
  }

  /** With a connection of that keep-alive, in seconds; 0 without one. */
  keep(keepAlive: number): void {
    // A ping that is due is then sent well before one and a half times the keep-alive.
    this.#every = keepAlive < ENOUGH ? (keepAlive * 1000) / 4 : 0;
    this.#stop();
    this.#look();
  }

  end(): void {
    this.#life.abort();
    this.#stop();
  }

  #look(): void {
    const hidden = globalThis.document?.hidden === true && this.#every > 0;
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
      this.#worker.onmessage = this.#beat;
      this.#worker.onerror = (event) => {
        event.preventDefault();
        this.#forbidden = true;
      };
      this.#worker.postMessage(this.#every);
    } catch {
      this.#forbidden = true;
    }
    URL.revokeObjectURL(url);
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
