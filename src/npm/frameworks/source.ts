/**
 * One client for the views below a provider: it is made when the first of them is there, and closed some time after the
 * last has gone. What several views ask for is asked of the server once. It does not know the frameworks.
 */

import type { Client } from '../api/client.js';
import type { Payload, Publishing, PublishOptions } from '../api/types.js';
import { Feeds, LINGER, once } from './feeds.js';
import { Status } from './status.js';
import type { ClientSource, ProviderOptions } from './types.js';

export { nameOf } from './feeds.js';

/** Of each client, or function that makes one, the same whoever asks: a provider that is made anew finds it. */
const known = new WeakMap<object, Source>();

/** Those whose own client nobody holds any more, and is not closed yet. */
const leaving = new Set<Source>();

export function sourceOf(given: ClientSource, { linger = LINGER }: ProviderOptions = {}): Source {
  let source = known.get(given);
  if (!source) {
    source = new Source(given);
    known.set(given, source);
  }
  source.linger = linger;
  return source;
}

export class Source extends Feeds {
  readonly status = new Status();
  readonly #given: ClientSource;
  #client: Client | undefined;
  #holders = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(given: ClientSource) {
    super();
    this.#given = given;
    if (typeof given !== 'function') {
      this.open();
      // What a view reads first is how it is.
      this.status.take();
    }
  }

  /** Makes the client, if there is none yet: not for a server. */
  override open(): Client {
    if (!this.#client) {
      // An identifier may be for one client at a time.
      for (const other of [...leaving]) {
        other.#close();
      }
      const client = typeof this.#given === 'function' ? this.#given() : this.#given;
      this.#client = client;
      this.status.watch(client);
      client.addEventListener('error', ({ detail }) => this.failed(detail));
    }
    return this.#client;
  }

  /** For a provider, as long as it is there. The function that is returned ends that. */
  hold(): () => void {
    this.#holders++;
    clearTimeout(this.#timer);
    leaving.delete(this);
    return once(() => {
      this.#holders--;
      if (this.#holders === 0 && typeof this.#given === 'function' && this.#client) {
        leaving.add(this);
        this.#timer = setTimeout(() => this.#close(), this.linger);
      }
    });
  }

  publish(topic: string, payload: Payload, options?: PublishOptions): Publishing {
    return this.open().publish(topic, payload, options);
  }

  #close(): void {
    clearTimeout(this.#timer);
    leaving.delete(this);
    this.clear();
    this.#client?.close().catch(() => {});
    this.#client = undefined;
    this.status.watch(undefined);
  }
}
