/**
 * A page's time in a group: its channels, and the lock that tells that it is there. It ends when the page goes to the
 * back/forward cache or is frozen, and another one begins when it returns. It does not know what is said.
 */

import { Channel } from './channel.js';
import type { ToGroup, ToMember, ToMyself } from './messages.js';
import { channelOf, lockOf } from './names.js';

export class Visit {
  readonly #group: string;
  readonly #id: string;
  readonly #all: BroadcastChannel;
  readonly #mine: BroadcastChannel;
  readonly #life = new AbortController();
  readonly #echoes = new Map<number, () => void>();
  #echo = 0;

  constructor(group: string, id: string, toGroup: (message: ToGroup) => void, toMember: (message: ToMember) => void) {
    this.#group = group;
    this.#id = id;
    this.#all = new Channel(group);
    this.#all.onmessage = ({ data }: MessageEvent<ToGroup>) => toGroup(data);
    this.#mine = new Channel(channelOf(group, id));
    this.#mine.onmessage = ({ data }: MessageEvent<ToMember | ToMyself>) => {
      if ('echo' in data) {
        this.#echoes.get(data.echo)?.();
        this.#echoes.delete(data.echo);
      } else {
        toMember(data);
      }
    };
  }

  /** Aborted at its end. */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** Asks who leads. */
  hello(): void {
    this.say({ hello: true });
  }

  /** To everybody. */
  say(message: ToGroup): void {
    this.#all.postMessage(message);
  }

  /** As long as it is there, it holds a lock: who leads learns of its end. */
  present(): Promise<void> {
    const locks = globalThis.navigator?.locks as LockManager | undefined;
    return new Promise((resolve) => {
      if (!locks) {
        resolve();
        return;
      }
      const held = (): Promise<void> =>
        new Promise((release) => {
          this.signal.addEventListener('abort', () => release());
          resolve();
        });
      locks.request(lockOf(this.#group, this.#id), held).catch(() => resolve());
    });
  }

  /**
   * What a leader said that has died since may come after the lock that it held: when this page hears what it says to itself,
   * it has all.
   */
  async caughtUp(): Promise<void> {
    const channel = new Channel(channelOf(this.#group, this.#id));
    for (let turn = 0; turn < 2 && !this.signal.aborted; turn++) {
      await new Promise<void>((resolve) => {
        const echo = ++this.#echo;
        this.#echoes.set(echo, resolve);
        channel.postMessage({ echo } satisfies ToMyself);
      });
    }
    channel.close();
  }

  /** At once: a page to which something is said is thrown out of the back/forward cache. */
  end(): void {
    this.#life.abort();
    this.#all.close();
    this.#mine.close();
    for (const heard of this.#echoes.values()) {
      heard();
    }
    this.#echoes.clear();
  }
}
