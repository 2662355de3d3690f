/**
 * One request of the application's that waits for its answer. It knows that it always settles, once: by the answer,
 * by an abort or by a time-out; it does not know what was asked.
 */

import { Deferred, ignore, onAbort } from './deferred.js';
import { MqttError } from './errors.js';
import { after } from './timer.js';
import type { QoS, WaitOptions } from './types.js';

export class Pending<T> extends Deferred<T> {
  /** The token of the answer. */
  id = 0;
  /** It was handed over, as a command of that kind. */
  sent = false;
  kind = 0;
  readonly qos: QoS;
  /** Where errors are told where the connection stands. */
  link: { placed(thrown: unknown): MqttError } | undefined;
  #stop: (() => void) | undefined;

  constructor(qos: QoS = 0) {
    super();
    this.qos = qos;
  }

  /** Waits no longer than the options say; `quit` is called when nobody waits any more. */
  limit({ signal, timeout }: WaitOptions, quit: () => void): void {
    if (!signal && timeout === undefined) {
      return;
    }
    let [unset, release] = [ignore, ignore];
    this.#stop = () => {
      unset();
      release();
    };
    const give = (error: MqttError): void => {
      if (!this.done) {
        this.reject(error);
        quit();
      }
    };
    if (timeout !== undefined) {
      const text = `no answer within ${timeout} ms`;
      unset = after(timeout, () => give(new MqttError('timeout', text, { retryable: true })));
    }
    if (signal) {
      release = onAbort(signal, () => give(new MqttError('aborted', 'aborted', { cause: signal.reason })));
    }
    if (this.done) {
      this.#stop();
    }
  }

  override resolve(value: T): void {
    this.#stop?.();
    super.resolve(value);
  }

  override reject(error: MqttError): void {
    this.#stop?.();
    super.reject(this.link?.placed(error) ?? error);
  }
}
