/**
 * Typed events whose listeners cannot disturb anything: what one throws becomes an `error` event. It does not know
 * what the events mean.
 */

import { errorOf, invalid, isOwnEnd, MqttError } from './errors.js';
import type { ClientEventMap } from './types.js';

export type ClientEventType = keyof ClientEventMap;
export type ClientEvent<K extends ClientEventType = ClientEventType> = CustomEvent<ClientEventMap[K]>;
type Callback<E> = (argument: E) => unknown;
/** Of `addEventListener`: a function, which may be async, or an object with `handleEvent`. */
export type ClientListener<K extends ClientEventType> =
  | Callback<ClientEvent<K>>
  | { handleEvent: Callback<ClientEvent<K>> };

export class Listeners extends EventTarget {
  readonly #wrapped = new WeakMap<object, Callback<Event>>();
  readonly #types = new Set<string>();
  #heard = false;

  override addEventListener<K extends ClientEventType>(
    type: K,
    listener: ClientListener<K> | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    this.#types.add(type);
    super.addEventListener(type, this.#wrap(listener), options);
  }

  override removeEventListener<K extends ClientEventType>(
    type: K,
    listener: ClientListener<K> | null,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, this.#wrap(listener), options);
  }

  /**
   * Has the listener called with what each event of that type says: the `detail` of the event that `addEventListener`
   * gives. A listener that is given twice is called twice. What it returns takes the listener off again.
   */
  on<K extends ClientEventType>(
    type: K,
    listener: Callback<ClientEventMap[K]>,
    options?: AddEventListenerOptions,
  ): () => void {
    if (typeof listener !== 'function') {
      throw this.placed(invalid('the listener must be a function'));
    }
    const heard = ({ detail }: ClientEvent<K>): unknown => listener.call(this, detail);
    this.addEventListener(type, heard, options);
    return () => this.removeEventListener(type, heard, options);
  }

  /** @internal What was thrown, and where the connection stands. */
  placed(thrown: unknown): MqttError {
    return errorOf(thrown);
  }

  /** @internal True when somebody listened. */
  emit<K extends ClientEventType>(type: K, detail: ClientEventMap[K]): boolean {
    this.#heard = false;
    if (this.#types.has(type)) {
      this.dispatchEvent(new CustomEvent(type, { detail }));
    }
    return this.#heard;
  }

  /**
   * @internal An `error` event; what nobody listens for is reported as an exception of a DOM listener is, but for what
   * the application ended itself.
   */
  report(error: MqttError): void {
    this.placed(error);
    const thrown = error.code === 'listener' ? error.cause : error;
    if (!this.emit('error', error) && !isOwnEnd(thrown)) {
      report(thrown);
    }
  }

  /** @internal Runs code of the application. What it gives settles when that is done, if it is not yet. */
  guard<T>(
    run: (argument: T) => unknown,
    argument: T,
    fail: (thrown: unknown) => void = (thrown) => this.report(threw(thrown)),
  ): Promise<unknown> | undefined {
    try {
      const result = run(argument);
      if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function') {
        return Promise.resolve(result).catch(fail);
      }
    } catch (thrown) {
      fail(thrown);
    }
    return undefined;
  }

  #wrap<K extends ClientEventType>(listener: ClientListener<K> | null): Callback<Event> | null {
    if (!listener) {
      return null;
    }
    let wrapped = this.#wrapped.get(listener);
    if (!wrapped) {
      wrapped = (event) => {
        this.guard(
          () =>
            typeof listener === 'function'
              ? listener.call(this, event as ClientEvent<K>)
              : listener.handleEvent(event as ClientEvent<K>),
          undefined,
          // An `error` listener that throws would be told of it for ever.
          event.type === 'error' ? report : undefined,
        );
        this.#heard = true;
      };
      this.#wrapped.set(listener, wrapped);
    }
    return wrapped;
  }
}

function threw(cause: unknown): MqttError {
  return new MqttError('listener', 'a listener or handler threw', { cause });
}

function report(thrown: unknown): void {
  (globalThis.reportError ?? console.error)(thrown);
}
