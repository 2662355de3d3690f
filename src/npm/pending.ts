/**
 * One request of the application's that waits for its answer. It knows that it always settles, once: by the answer,
 * by an abort or by a time-out; it does not know what was asked.
 */

import { Deferred, ignore, onAbort } from './deferred.js';
import { MqttError } from './errors.js';
import type { Engine } from './generated/wasmqtt.js';
import { after } from './timer.js';
import type { QoS, WaitOptions } from './types.js';

/** Asks the engine; the token under which it will answer, if it will. */
export type Start = (engine: Engine) => number | undefined;

export class Pending<T> {
  readonly start: Start;
  readonly qos: QoS;
  token: number | undefined;
  /** Not to be started yet: its payload is being read. */
  blocked = false;
  done = false;
  readonly #answer = new Deferred<unknown>();
  #release: () => void = ignore;
  #stop: () => void = ignore;

  /** `quit` is called when nobody waits any more. */
  constructor(wait: WaitOptions, start: Start, quit: (pending: Pending<unknown>) => void, qos: QoS = 0) {
    this.start = start;
    this.qos = qos;
    const { signal, timeout } = wait;
    const give = (error: MqttError): void => {
      if (!this.done) {
        this.reject(error);
        quit(this);
      }
    };
    if (timeout !== undefined) {
      const text = `no answer within ${timeout} ms`;
      this.#stop = after(timeout, () => give(new MqttError('timeout', text, { retryable: true })));
    }
    if (signal) {
      this.#release = onAbort(signal, () => give(new MqttError('aborted', 'aborted', { cause: signal.reason })));
    }
  }

  get promise(): Promise<T> {
    return this.#answer.promise as Promise<T>;
  }

  resolve(value: T): void {
    this.#settle();
    this.#answer.resolve(value);
  }

  reject(error: MqttError): void {
    this.#settle();
    this.#answer.reject(error);
  }

  #settle(): void {
    this.done = true;
    this.#release();
    this.#stop();
  }
}
