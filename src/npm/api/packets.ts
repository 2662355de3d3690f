/** The packets of a client, for who listens to them: what reads them is loaded when somebody does. It does not know how. */

import { TAP } from '../port/port.js';
import type { Tap } from '../wire/tap.js';
import { MqttError } from './errors.js';
import type { Frame } from './events.js';
import type { Link } from './link.js';
import type { Listeners } from './listeners.js';

export class Packets {
  readonly #link: Link;
  readonly #listeners: Listeners;
  #tap: Tap | undefined;
  #loading = false;
  /** Came before they can be read. */
  #waiting: Frame[] = [];

  constructor(link: Link, listeners: Listeners) {
    this.#link = link;
    this.#listeners = listeners;
  }

  /** Somebody begins to listen. */
  listen(): void {
    if (!this.#link.tapped) {
      this.#ask(true);
    }
    if (!this.#tap && !this.#loading) {
      this.#loading = true;
      this.#load().catch((cause: unknown) => {
        this.#loading = false;
        this.#waiting = [];
        this.#ask(false);
        this.#listeners.report(new MqttError('load', 'wire.js could not be loaded', { cause, retryable: true }));
      });
    }
  }

  take(...frame: Frame): void {
    this.#waiting.push(frame);
    if (this.#tap) {
      this.#read(this.#tap);
    }
  }

  async #load(): Promise<void> {
    const { Tap } = await import('../wire.js');
    const tap = new Tap((packet) => this.#listeners.emit('packet', packet));
    this.#tap = tap;
    this.#read(tap);
  }

  #read(tap: Tap): void {
    for (const frame of this.#waiting.splice(0)) {
      const found = this.#link.tapped && tap.take(...frame);
      if (found === 'unheard' || found === 'gap') {
        this.#ask(found === 'gap');
      }
    }
  }

  #ask(on: boolean): void {
    this.#link.tapped = on;
    this.#link.port?.send(TAP, 0, +on);
  }
}
