/** Publishing at most so often, the newest. It does not know what is published. */

import { Sampler } from '../api/sampling.js';
import type { PublishResult } from '../api/types.js';
import { explained } from '../packets/explained.js';
import { ignore, passedOn } from './passed.js';

/** What publishes: a client, or one that `typed` made. */
export interface Publisher<V, Options> {
  publish(topic: string, payload: V, options?: Options): Promise<PublishResult>;
}

/** Made by `sampled`. */
export interface Sampled<V, Options> extends Publisher<V, Options> {
  /**
   * Publishes at once, or when the time of its topic is over, unless another one takes its place until then: then it settles as
   * that does. The payload is read when it is sent.
   */
  publish(topic: string, payload: V, options?: Options): Promise<PublishResult>;
  /** Publishes what waits, now: before the client is closed, or the page goes. */
  flush(): void;
  /** Publishes whose place another one took. */
  readonly dropped: number;
}

interface Waiting<V, Options> {
  readonly topic: string;
  readonly payload: V;
  readonly options: Options | undefined;
  readonly promise: Promise<PublishResult>;
  readonly settle: (result: Promise<PublishResult>) => void;
}

/**
 * Publishes to each topic at most once in so many milliseconds: the first at once, then the newest when the time is over.
 *
 * ```ts
 * const levels = sampled(client, 100);
 * slider.oninput = () => levels.publish('lamps/1/level', slider.value, { qos: 1 });
 * ```
 *
 * @throws RangeError with code `invalid-argument`: not milliseconds from 1 to 2 147 483 647
 */
export function sampled<V, Options>(publisher: Publisher<V, Options>, milliseconds: number): Sampled<V, Options> {
  if (!(typeof milliseconds === 'number' && milliseconds >= 1 && milliseconds <= 0x7fff_ffff)) {
    const code = 'invalid-argument';
    const error = new RangeError('the interval must be milliseconds, from 1 to 2147483647');
    throw Object.assign(error, { code, url: explained(code) });
  }
  let dropped = 0;
  const sampler = new Sampler<Waiting<V, Options>>(milliseconds, ({ topic, payload, options, settle }) =>
    settle(publisher.publish(topic, payload, options)),
  );
  return {
    publish: (topic, payload, options) => {
      let settle: (result: Promise<PublishResult>) => void = ignore;
      const given = new Promise<PublishResult>((resolve) => {
        settle = resolve;
      });
      const promise = passedOn(given);
      const replaced = sampler.push({ topic, payload, options, promise, settle });
      if (replaced) {
        dropped++;
        // The one that takes its place tells.
        replaced.promise.catch(ignore);
        replaced.settle(promise);
      }
      return promise;
    },
    flush: () => {
      sampler.due(Number.POSITIVE_INFINITY);
      sampler.end();
    },
    get dropped() {
      return dropped;
    },
  };
}
