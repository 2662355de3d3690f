/** The events of a client, as Node's emitter has them. It does not know which there are. */

// biome-ignore lint/suspicious/noExplicitAny: each event has arguments of its own, which only its listeners know.
export type EventHandler = (...args: any[]) => void;

interface Entry {
  readonly listener: EventHandler;
  readonly once: boolean;
}

export class TypedEventEmitter<TEvents extends Record<keyof TEvents, EventHandler>> {
  /** Vue makes no proxy of it, which could not reach what is private. */
  get __v_skip(): true {
    return true;
  }

  readonly #entries = new Map<keyof TEvents, readonly Entry[]>();
  #most = 10;

  on<TEvent extends keyof TEvents>(event: TEvent, callback: TEvents[TEvent]): this {
    return this.#add(event, callback, false, false);
  }

  addListener<TEvent extends keyof TEvents>(event: TEvent, callback: TEvents[TEvent]): this {
    return this.#add(event, callback, false, false);
  }

  once<TEvent extends keyof TEvents>(event: TEvent, callback: TEvents[TEvent]): this {
    return this.#add(event, callback, true, false);
  }

  prependListener<TEvent extends keyof TEvents>(event: TEvent, callback: TEvents[TEvent]): this {
    return this.#add(event, callback, false, true);
  }

  prependOnceListener<TEvent extends keyof TEvents>(event: TEvent, callback: TEvents[TEvent]): this {
    return this.#add(event, callback, true, true);
  }

  off<TEvent extends keyof TEvents>(event: TEvent, callback: TEvents[TEvent]): this {
    return this.removeListener(event, callback);
  }

  removeListener<TEvent extends keyof TEvents>(event: TEvent, callback: TEvents[TEvent]): this {
    const entries = this.#of(event);
    const at = entries.map(({ listener }) => listener).lastIndexOf(callback);
    if (at >= 0) {
      this.#set(
        event,
        entries.filter((_, index) => index !== at),
      );
    }
    return this;
  }

  removeAllListeners(event?: keyof TEvents): this {
    if (event === undefined) {
      this.#entries.clear();
    } else {
      this.#entries.delete(event);
    }
    return this;
  }

  /** True when somebody listened. What a listener throws is reported as an exception of its own, and disturbs nothing. */
  emit<TEvent extends keyof TEvents>(event: TEvent, ...args: Parameters<TEvents[TEvent]>): boolean {
    const entries = this.#of(event);
    for (const { listener, once } of entries) {
      if (once) {
        this.removeListener(event, listener as TEvents[TEvent]);
      }
      try {
        listener.apply(this, args);
      } catch (thrown) {
        report(thrown);
      }
    }
    if (entries.length === 0 && event === 'error') {
      report(args[0]);
    }
    return entries.length > 0;
  }

  setMaxListeners(n: number): this {
    this.#most = n;
    return this;
  }

  getMaxListeners(): number {
    return this.#most;
  }

  listeners<TEvent extends keyof TEvents>(event: TEvent): TEvents[TEvent][] {
    return this.#of(event).map(({ listener }) => listener as TEvents[TEvent]);
  }

  rawListeners<TEvent extends keyof TEvents>(event: TEvent): TEvents[TEvent][] {
    return this.listeners(event);
  }

  listenerCount<TEvent extends keyof TEvents>(event: TEvent, listener?: TEvents[TEvent]): number {
    const entries = this.#of(event);
    return listener ? entries.filter((entry) => entry.listener === listener).length : entries.length;
  }

  eventNames(): Array<keyof TEvents> {
    return [...this.#entries.keys()];
  }

  /** Somebody begins to listen. */
  protected listened(_event: keyof TEvents): void {}

  #of(event: keyof TEvents): readonly Entry[] {
    return this.#entries.get(event) ?? [];
  }

  #set(event: keyof TEvents, entries: readonly Entry[]): void {
    if (entries.length > 0) {
      this.#entries.set(event, entries);
    } else {
      this.#entries.delete(event);
    }
  }

  #add(event: keyof TEvents, listener: EventHandler, once: boolean, first: boolean): this {
    const entry = { listener, once };
    const entries = this.#of(event);
    this.#set(event, first ? [entry, ...entries] : [...entries, entry]);
    this.listened(event);
    return this;
  }
}

/** In its own task, as what nobody catches is. */
export function report(thrown: unknown): void {
  setTimeout(() => {
    throw thrown;
  });
}
