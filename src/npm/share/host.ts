/**
 * The one who leads: it has the engine, knows who is there, and reaches them. It ends with the connection, or when it is to
 * lead no more. It does not know how it came to lead.
 */

import { isPortError, type PortError, portError } from '../port/failure.js';
import type { Owned } from '../port/owner.js';
import type { Batch, Open } from '../port/port.js';
import { failureOf } from '../port/posted.js';
import { Channel } from './channel.js';
import { Estate } from './estate.js';
import { Guard } from './guard.js';
import type { Heirloom } from './heirloom.js';
import { Hub } from './hub.js';
import type { Place, Records, Terms, ToGroup, ToHub, ToMember, ToMyself } from './messages.js';
import { channelOf, lockOf, unique } from './names.js';
import { type Line, type Message, Seat } from './seat.js';

/** Milliseconds after which pages are asked whether they are there, where there are no Web Locks to tell. */
const ROUND = 10_000;

/** Milliseconds in which pages that come and go are counted together. */
const COUNT = 50;

export class Host {
  readonly id = unique();
  readonly since = Date.now();
  /** The engine has ended, and its store is let go. */
  readonly ended: Promise<void>;
  readonly #group: string;
  readonly #place: Place;
  readonly #open: Open;
  readonly #owned: Owned;
  readonly #from: string | undefined;
  readonly #guard: Guard;
  readonly #estate: Estate;
  readonly #heirloom: Heirloom;
  readonly #all: BroadcastChannel;
  readonly #mine: BroadcastChannel;
  /** To itself. */
  readonly #echo: BroadcastChannel;
  readonly #life = new AbortController();
  readonly #seats = new Map<string, Seat>();
  readonly #leaving = new Map<Seat, AbortController>();
  readonly #gone: () => void;
  #hub: Hub | undefined;
  #terms: Terms | undefined;
  #begun = false;
  #failed: unknown;
  readonly #echoed: (() => void)[] = [];
  #round: ReturnType<typeof setInterval> | undefined;
  #count: ReturnType<typeof setTimeout> | undefined;
  #free: (clear: boolean) => Promise<void> | undefined = () => undefined;

  /** `from`: the client of the Web Locks that led before, and did not answer. */
  constructor(group: string, place: Place, open: Open, heirloom: Heirloom, owned: Owned, from?: string) {
    this.#group = group;
    this.#owned = owned;
    this.#from = from;
    this.#guard = new Guard(owned);
    owned.lost.addEventListener('abort', () => this.#robbed());
    this.#place = place;
    this.#open = open;
    this.#heirloom = heirloom;
    let gone = (): void => {};
    this.ended = new Promise((resolve) => {
      gone = resolve;
    });
    this.#gone = gone;
    this.#mine = new Channel(channelOf(group, this.id));
    this.#mine.onmessage = ({ data }: MessageEvent<ToHub | ToMyself>) =>
      this.#guard.pass(() => ('echo' in data ? this.#echoed.shift()?.() : this.#hear(data)), true);
    this.#echo = new Channel(channelOf(group, this.id));
    this.#all = new Channel(group);
    this.#estate = new Estate({
      id: this.id,
      group,
      all: this.#all,
      seats: this.#seats,
      owned,
      guard: this.#guard,
      caughtUp: () => this.#caughtUp(),
    });
    this.#all.onmessage = ({ data }: MessageEvent<ToGroup>) =>
      this.#guard.pass(() => {
        if ('hello' in data) {
          this.#announce();
        } else if ('leader' in data && data.leader !== this.id && data.since >= this.since) {
          // Where there are no Web Locks two may think that they lead: the later one does.
          this.retire();
        }
      }, true);
    if (!globalThis.navigator?.locks) {
      this.#round = setInterval(() => {
        for (const seat of this.#seats.values()) {
          seat.ask();
        }
      }, ROUND);
    }
    this.#announce();
  }

  /** The records of the session, where it is not stored. */
  get records(): Records | undefined {
    return this.#estate.records;
  }

  /** Its own page has a place, too. */
  join(id: string, terms: Terms, line: Line): Seat | undefined {
    if (this.#terms && !alike(this.#terms, terms)) {
      line.post({ failed: failureOf(portError('share-conflict', CONFLICT)) });
      line.close();
      return undefined;
    }
    const seat = new Seat(
      id,
      line,
      () => this.stats(),
      () => this.#guard.pass(() => this.#evict(seat), false),
    );
    const before = this.#seats.get(id);
    if (before) {
      this.leave(before, false);
    }
    this.#seats.set(id, seat);
    this.#hub?.seats.add(seat);
    if (this.#failed !== undefined) {
      seat.post({ failed: failureOf(this.#failed) });
    } else if (!this.#terms) {
      this.#terms = terms;
      this.#begin(terms).catch((error) => this.#fail(error));
    } else if (this.#begun) {
      this.#welcome(seat);
    }
    return seat;
  }

  command(seat: Seat, command: Parameters<Hub['command']>[1]): void {
    this.#hub?.command(seat, command);
  }

  /** `ends`: it closes for good, so that the connection ends with the last one. */
  leave(seat: Seat, ends: boolean): void {
    if (this.#seats.get(seat.id) === seat) {
      this.#seats.delete(seat.id);
    }
    this.#leaving.get(seat)?.abort();
    this.#leaving.delete(seat);
    this.#hub?.leave(seat, ends);
    this.#counted();
  }

  stats(): ArrayLike<number> {
    return this.#hub?.stats() ?? [];
  }

  get others(): boolean {
    return [...this.#seats.values()].some((seat) => !seat.isLocal);
  }

  /** Leads no more: the connection ends without a will, and whoever leads next goes on with the session. */
  retire(): void {
    if (this.#hub) {
      this.#hub.retire();
    } else {
      this.#over(false);
    }
  }

  async #begin(terms: Terms): Promise<void> {
    const { session } = terms;
    const { signal } = this.#life;
    const hub = new Hub(session !== undefined, () => this.#caughtUp(), {
      left: () => this.#counted(),
      over: (clear) => this.#over(clear),
    });
    this.#hub = hub;
    for (const seat of this.#seats.values()) {
      hub.seats.add(seat);
    }
    const kept = session
      ? { ...session, shared: true, ended: signal }
      : await this.#estate.session(this.#heirloom, hub, signal);
    const { watch } = this.#guard;
    const setup = { ...terms, factory: undefined, first: undefined, worker: false, share: undefined };
    const port = await this.#open(
      { ...setup, session: { ...kept, from: this.#from, watch } },
      (batch) => this.#take(batch, hub),
      (error) => this.#broken(error),
    );
    if (signal.aborted) {
      port?.free();
      return;
    }
    if (!port) {
      throw portError('load', 'the settings were refused');
    }
    this.#free = (clear) => port.free(clear);
    hub.begin(port);
    await hub.restored;
    if (signal.aborted) {
      return;
    }
    this.#begun = true;
    for (const seat of this.#seats.values()) {
      this.#welcome(seat);
    }
  }

  /** What it says to itself has come back: what was posted before is on its way, and what was on its way has come. */
  #caughtUp(): Promise<void> {
    if (this.#life.signal.aborted) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#echoed.push(resolve);
      this.#echo.postMessage({ echo: 0 } satisfies ToMyself);
    });
  }

  #welcome(seat: Seat): void {
    const hub = this.#hub;
    if (!hub) {
      return;
    }
    if (!seat.isLocal) {
      this.#watch(seat);
      this.#estate.bequeath();
    }
    seat.post({ welcome: hub.clientId, pages: this.#seats.size });
    this.#counted();
  }

  /** Lets it go when it dies. */
  #watch(seat: Seat): void {
    const locks = globalThis.navigator?.locks as LockManager | undefined;
    const leaving = new AbortController();
    this.#leaving.set(seat, leaving);
    locks
      ?.request(lockOf(this.#group, seat.id), { signal: leaving.signal }, async () => {
        // If it said that it goes, that is on its way.
        await this.#caughtUp();
        this.leave(seat, false);
      })
      // It left.
      .catch(() => {});
  }

  #announce(): void {
    this.#all.postMessage({ leader: this.id, place: this.#place, since: this.since } satisfies ToGroup);
    this.#estate.announce();
  }

  #hear(message: ToHub): void {
    const { from } = message;
    const seat = this.#seats.get(from);
    if ('join' in message) {
      const channel = new Channel(channelOf(this.#group, from));
      const post = (said: Message): void => channel.postMessage({ hub: this.id, ...said } as ToMember);
      this.join(from, message.join, { post, close: () => channel.close(), take: undefined });
    } else if ('records' in message) {
      this.#estate.inherited(message.records);
    } else if ('ask' in message) {
      const channel = new Channel(channelOf(this.#group, from));
      channel.postMessage({ hub: this.id, alive: true } satisfies ToMember);
      channel.close();
    } else if (!seat) {
      return;
    } else if ('commands' in message) {
      for (const command of message.commands) {
        this.#hub?.command(seat, command);
      }
    } else if ('taken' in message) {
      seat.taken();
      this.#hub?.flush();
    } else {
      this.leave(seat, message.leave === 'for-good');
    }
  }

  /** It does not take what it is told: what is its own is let go. It comes again when it can. */
  #evict(seat: Seat): void {
    seat.post({ evicted: true });
    this.leave(seat, false);
  }

  /** Somebody else has the session, perhaps because another page leads: of that nothing is told. */
  async #broken(error: PortError): Promise<void> {
    if (error.code === 'session-in-use' && !(await this.#owned.holds().catch(() => true))) {
      return;
    }
    for (const seat of this.#seats.values()) {
      seat.post({ broken: failureOf(error) });
    }
  }

  /** What the engine tells by itself, as of a timer, may have waited. */
  #take(batch: Batch, hub: Hub): void {
    if (this.#guard.isSure(false)) {
      hub.take(batch);
    } else {
      const late = { words: batch.words.slice(), bytes: batch.bytes.slice(), buffers: [...batch.buffers] };
      this.#guard.pass(() => hub.take(late), false);
    }
  }

  /** Another page leads: this one did not answer. */
  #robbed(): void {
    if (this.#hub) {
      this.#hub.robbed(this.#guard.isClosed);
    } else {
      this.#over(false);
    }
  }

  #fail(error: unknown): void {
    this.#failed = isPortError(error) ? error : portError('load', 'the WebAssembly could not be loaded', error);
    this.#hub?.flush();
    for (const seat of this.#seats.values()) {
      seat.post({ failed: failureOf(this.#failed) });
    }
    this.#over(false);
  }

  #counted(): void {
    for (const [id, seat] of this.#seats) {
      if (seat.gone) {
        this.#seats.delete(id);
        this.#leaving.get(seat)?.abort();
        this.#leaving.delete(seat);
      }
    }
    this.#estate.bequeath();
    this.#count ??= setTimeout(() => {
      this.#count = undefined;
      for (const seat of this.#seats.values()) {
        seat.post({ pages: this.#seats.size });
      }
      this.#estate.bequeathToNext(this.#life.signal).catch(() => {});
    }, COUNT);
  }

  #over(clear: boolean): void {
    if (this.#life.signal.aborted) {
      return;
    }
    this.#life.abort();
    this.#guard.end();
    clearInterval(this.#round);
    clearTimeout(this.#count);
    for (const leaving of this.#leaving.values()) {
      leaving.abort();
    }
    this.#all.postMessage({ over: this.id } satisfies ToGroup);
    // At once: a page to which something is said is thrown out of the back/forward cache.
    for (const channel of [this.#all, this.#mine, this.#echo]) {
      channel.close();
    }
    for (const seat of this.#seats.values()) {
      seat.leave();
    }
    for (const heard of this.#echoed.splice(0)) {
      heard();
    }
    const freed = this.#free(clear) ?? Promise.resolve();
    freed.then(this.#gone, this.#gone);
  }
}

const CONFLICT = 'another page shares a connection of this name with other options';

function alike(one: Terms, other: Terms): boolean {
  const plain = ({ settings, protocols, session }: Terms): string =>
    JSON.stringify([Array.from(settings), protocols, session && Object.entries(session).sort()]);
  return plain(one) === plain(other);
}
