/**
 * Whether the one who leads leads still: its thread may have hung, and another one have taken its place. What has waited for it
 * meanwhile comes in any order, and before it is told, so after each long silence it asks before it goes on. It does not know
 * what it goes on with.
 *
 * Chromium, after an endless loop and after SIGSTOP of the renderer: messages of the WebSocket and of channels, timers and the
 * close of the WebSocket all came before the AbortError of the lock that was stolen, each at least once.
 */

import type { Owned } from '../port/owner.js';

export class Guard {
  readonly #owned: Owned;
  /** When it had a task of its own that waits for nobody. */
  #seen = performance.now();
  /** What waits until it is sure. */
  #waiting: (() => void)[] | undefined;
  #asked: Promise<void> | undefined;
  #answered: () => void = () => {};
  #socket: WebSocket | undefined;
  #ended = false;

  constructor(owned: Owned) {
    this.#owned = owned;
  }

  /** Whether it goes on at once; if not, it asks. `asks`: it has to. */
  isSure(isTask: boolean, asks = false): boolean {
    if (this.#ended || this.#waiting) {
      return false;
    }
    const now = performance.now();
    if (asks || now - this.#seen > this.#owned.safe) {
      this.#waiting = [];
      this.#asked = new Promise((resolve) => {
        this.#answered = resolve;
      });
      this.#ask();
      return false;
    }
    if (isTask) {
      this.#seen = now;
    }
    return true;
  }

  /** Does that, at once or when it is sure; not at all where another one leads. `isTask`: it came as a task of its own. */
  pass(run: () => void, isTask: boolean): void {
    if (this.isSure(isTask)) {
      run();
    } else {
      this.#waiting?.push(run);
    }
  }

  /** Undefined where it is sure; else resolves when it is, or has ended. */
  sure(): Promise<void> | undefined {
    return this.isSure(false) ? undefined : this.#asked;
  }

  /** What comes by that socket is not heard before it is sure, and no connection begins. */
  readonly watch = (socket: WebSocket): void => {
    this.#socket = socket;
    for (const type of ['open', 'message', 'error', 'close']) {
      const heard = (event: globalThis.Event): void => {
        // What is dispatched again is not trusted; of messages there is much, and mostly it is sure.
        if (!this.isSure(true, type === 'open' && event.isTrusted) && event.isTrusted) {
          event.stopImmediatePropagation();
          // Another one: in Chromium that stays stopped.
          const { constructor: Kind } = event as unknown as { constructor: typeof globalThis.Event };
          this.#waiting?.push(() => socket.dispatchEvent(new Kind(type, event)));
        }
      };
      socket.addEventListener(type, heard, { capture: true });
    }
  };

  /** Whether the connection has ended, as the engine may not have heard: browsers complain of what is sent by it. */
  get isClosed(): boolean {
    return (this.#socket?.readyState ?? 0) > WebSocket.OPEN;
  }

  /** It leads no more. */
  end(): void {
    this.#ended = true;
    this.#waiting = undefined;
    this.#answered();
  }

  async #ask(): Promise<void> {
    for (;;) {
      this.#seen = performance.now();
      // A page that is going is told nothing; it has what it had.
      const holds = await this.#owned.holds().catch(() => true);
      if (!holds || this.#ended) {
        return;
      }
      if (performance.now() - this.#seen < this.#owned.safe) {
        this.#go();
        return;
      }
    }
  }

  #go(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#answered();
    for (const run of waiting) {
      try {
        this.#ended || run();
      } catch (thrown) {
        (globalThis.reportError ?? console.error)(thrown);
      }
    }
  }
}
