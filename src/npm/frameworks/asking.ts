/** The requests of one component, of which the last one counts. It does not know how replies come. */

import type { MqttError } from '../api/errors.js';
import type { Message, Payload, RequestOptions } from '../api/types.js';
import { Cell } from './frames.js';
import type { Source } from './source.js';
import type { RequestState } from './types.js';

/** Before the first request. */
export const NO_REQUEST: RequestState = { reply: undefined, error: undefined, pending: false };

export class Asking extends Cell {
  state = NO_REQUEST;
  #next = NO_REQUEST;
  #asked: AbortController | undefined;

  ask(source: Source, topic: string, payload: Payload, options?: RequestOptions): Promise<Message> {
    this.stop();
    const asked = new AbortController();
    this.#asked = asked;
    const { signal } = options ?? {};
    const abort = (): void => asked.abort(signal?.reason);
    if (signal?.aborted) {
      abort();
    }
    signal?.addEventListener('abort', abort, { signal: asked.signal });
    this.#turn({ ...this.#next, error: undefined, pending: true });
    const done = (state: RequestState): void => {
      if (this.#asked === asked) {
        this.#asked = undefined;
        this.#turn(state);
      }
    };
    const replied = source.open().request(topic, payload, { ...options, signal: asked.signal });
    replied.then(
      (reply) => done({ reply, error: undefined, pending: false }),
      (error: MqttError) => done({ ...this.#next, error, pending: false }),
    );
    return replied;
  }

  /** What was asked last is given up. */
  stop(): void {
    this.#asked?.abort();
    this.#asked = undefined;
    if (this.#next.pending) {
      this.#turn({ ...this.#next, pending: false });
    }
  }

  override take(): boolean {
    const changed = this.state !== this.#next;
    this.state = this.#next;
    return changed;
  }

  #turn(next: RequestState): void {
    this.#next = next;
    this.changed();
  }
}
