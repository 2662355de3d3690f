/** The network between the sockets and the broker: how long it takes, and whether it is there. It does not know what it carries. */

import { Alarm } from './clock.js';

/** What all lines have in common. */
export class Network {
  /** Milliseconds in each direction; 0 is a microtask. */
  latency = 0;
  /** Whether a connection can be made. */
  isOnline = true;
  #gate: { promise: Promise<void>; open: () => void } | undefined;

  /** Nothing passes any more, in either direction, and nobody is told. */
  pause(): void {
    if (!this.#gate) {
      let open = () => {};
      const promise = new Promise<void>((resolve) => {
        open = resolve;
      });
      this.#gate = { promise, open };
    }
  }

  resume(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  /** Waits while it is paused. */
  get passable(): Promise<void> | undefined {
    return this.#gate?.promise;
  }
}

interface Entry<Item> {
  readonly item: Item;
  readonly arrival: Promise<void> | undefined;
  readonly done: () => void;
}

/**
 * One direction of a line: what is put in comes out in its order, each in a turn of its own. Without latency that is a
 * microtask, which no fake timers hold up.
 */
export class Pipe<Item> {
  readonly #network: Network;
  readonly #deliver: (item: Item) => void;
  readonly #queue: Entry<Item>[] = [];
  readonly #alarms = new Set<Alarm>();
  #isRunning = false;
  #isEnded = false;

  constructor(network: Network, deliver: (item: Item) => void) {
    this.#network = network;
    this.#deliver = deliver;
  }

  /** The promise is kept when it has come out, or never will. */
  push(item: Item): Promise<void> {
    return new Promise((done) => {
      if (this.#isEnded) {
        done();
        return;
      }
      this.#queue.push({ item, arrival: this.#travel(this.#network.latency), done });
      if (!this.#isRunning) {
        this.#isRunning = true;
        void this.#run();
      }
    });
  }

  /** What is in it is lost. */
  end(): void {
    this.#isEnded = true;
    for (const { done } of this.#queue.splice(0)) {
      done();
    }
    for (const alarm of this.#alarms) {
      alarm.clear();
    }
  }

  #travel(ms: number): Promise<void> | undefined {
    if (ms <= 0) {
      return undefined;
    }
    const alarm = new Alarm();
    this.#alarms.add(alarm);
    return new Promise((resolve) => {
      alarm.set(ms, () => {
        this.#alarms.delete(alarm);
        resolve();
      });
    });
  }

  async #run(): Promise<void> {
    for (let head = this.#queue[0]; head; head = this.#queue[0]) {
      await head.arrival;
      while (this.#network.passable) {
        await this.#network.passable;
      }
      if (this.#isEnded) {
        return;
      }
      this.#queue.shift();
      this.#deliver(head.item);
      head.done();
    }
    this.#isRunning = false;
  }
}
