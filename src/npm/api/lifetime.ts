/** How long a client lives: its state, and the promises that tell of it. It does not know what is done meanwhile. */

import { Deferred, ignore } from './deferred.js';
import { closed, type MqttError } from './errors.js';
import type { Pending } from './pending.js';
import type { ServerInfo, State } from './types.js';

export class Lifetime {
  state: State = 'idle';
  /** The application has ended it by a signal. */
  aborted: MqttError | undefined;
  /** Somebody asked for one of the two promises. */
  watched = false;
  readonly #connected = new Deferred<ServerInfo>();
  readonly #closed = new Deferred<void>();
  readonly #closing: Pending<void>[] = [];

  constructor() {
    this.#connected.promise.catch(ignore);
    this.#closed.promise.catch(ignore);
  }

  get ready(): Promise<ServerInfo> {
    this.watched = true;
    return this.#connected.promise;
  }

  get closed(): Promise<void> {
    this.watched = true;
    return this.#closed.promise;
  }

  connected(server: ServerInfo): void {
    this.#connected.resolve(server);
  }

  /** It waits for the end. */
  closing(pending: Pending<void>): void {
    this.#closing.push(pending);
  }

  /** Those who wait for the end wait for what is being freed, too. */
  freed(freed: Promise<void> | undefined): void {
    const settle = (): void => {
      for (const pending of this.#closing) {
        pending.resolve();
      }
    };
    if (freed) {
      freed.then(settle, settle);
    } else {
      settle();
    }
  }

  end(error: MqttError | undefined): void {
    this.#connected.reject(this.aborted ?? error ?? closed());
    if (error) {
      this.#closed.reject(error);
    } else {
      this.#closed.resolve();
    }
  }
}
