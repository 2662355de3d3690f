/** The connection of a client, as views show it. */

import type { Client } from '../api/client.js';
import type { MqttError } from '../api/errors.js';
import { Cell } from './frames.js';
import type { ConnectionStatus } from './types.js';

/** Without a client. */
export const NO_CONNECTION: ConnectionStatus = {
  state: 'idle',
  connected: false,
  server: undefined,
  error: undefined,
  retryIn: undefined,
  sharing: undefined,
};

export class Status extends Cell {
  state = NO_CONNECTION;
  /** As of the last frame. */
  client: Client | undefined;
  #client: Client | undefined;
  #error: MqttError | undefined;
  #retryIn: number | undefined;
  #stop: AbortController | undefined;

  /** What it shows from now on. */
  watch(client: Client | undefined): void {
    this.#stop?.abort();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#client = client;
    this.#error = undefined;
    this.#retryIn = undefined;
    const changed = (): void => this.changed();
    client?.addEventListener('state', changed, { signal });
    client?.addEventListener('share', changed, { signal });
    const after = (error: MqttError | undefined, retryIn?: number): void => {
      this.#error = error;
      this.#retryIn = retryIn;
      changed();
    };
    client?.addEventListener('connect', () => after(undefined), { signal });
    client?.addEventListener('disconnect', ({ detail }) => after(detail.error, detail.retryIn), { signal });
    client?.addEventListener('close', ({ detail }) => after(detail.error), { signal });
    changed();
  }

  override take(): boolean {
    const client = this.#client;
    this.client = client;
    const state = client?.state ?? 'idle';
    this.state = {
      state,
      connected: state === 'connected',
      server: client?.server,
      error: this.#error,
      retryIn: state === 'waiting' ? this.#retryIn : undefined,
      sharing: client?.sharing,
    };
    return true;
  }
}
