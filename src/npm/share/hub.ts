/**
 * The one engine of the pages that share a connection, and what each of them asks of it: what a page is answered, what it
 * subscribes to and what it owes are its own. It does not know how pages are reached, nor who leads.
 */

import {
  ACKNOWLEDGE,
  AUTHENTICATE,
  AUTHORIZE,
  type Batch,
  CANCEL,
  CONNECT,
  CONNECTED,
  CORK,
  DISCONNECT,
  DISCONNECT_WITH_WILL,
  DISCONNECTED,
  DONE,
  EVERYWHERE,
  FAILED,
  FLUSH,
  FRAME,
  IS_STORED,
  MESSAGE,
  PING,
  type Port,
  PUBLISH,
  PUBLISHED,
  REAUTHENTICATE,
  REFUSED,
  RESTORED,
  ROUTE,
  SESSION_LOST,
  STATE,
  SUBSCRIBE,
  SUBSCRIPTION_LOST,
  TAP,
  TICK,
  UNSUBSCRIBE,
  UNSUBSCRIBED,
  WAKE,
} from '../port/port.js';
import type { Command } from '../port/posted.js';
import type { SessionChange } from '../port/store.js';
import { Debts } from './debts.js';
import { copy, type Event, each } from './events.js';
import { Kept } from './kept.js';
import type { Records } from './messages.js';
import { Questions } from './questions.js';
import { Routes } from './routes.js';
import type { Seat } from './seat.js';
import { Taps } from './taps.js';
import { Tokens } from './tokens.js';

const CLOSED = 5;
const NEVER = 0xffff_ffff;

/** In the first word of a message. */
const EXACTLY_ONCE = 2 << 8;

export interface Ended {
  /** The page has closed its client. */
  left(seat: Seat): void;
  /** The engine has ended; `clear`: nothing of the session is kept. */
  over(clear: boolean): void;
}

export class Hub {
  readonly seats = new Set<Seat>();
  /** What was kept of an earlier session is known. */
  readonly restored: Promise<void>;
  readonly #told: Ended;
  readonly #tokens = new Tokens();
  readonly #questions = new Questions(this.seats);
  readonly #debts: Debts;
  readonly #kept: Kept;
  readonly #routes: Routes;
  readonly #taps = new Taps(() => this.#port);
  #port: Port | undefined;
  #connecting = false;
  #corked = false;
  #clears = false;
  /** The connection moves to another page: nobody is told how it ends here. */
  #silent = false;
  /** The last of each, for who comes later. */
  #state: Event | undefined;
  #server: Event | undefined;
  #flushing = false;
  #ended = false;
  #restored: () => void = () => {};

  /**
   * `stored`: pages are told of publishes of earlier ones. `caughtUp`: what pages were told arrives, also if who leads dies.
   */
  constructor(stored: boolean, caughtUp: () => Promise<void>, told: Ended) {
    this.#told = told;
    this.#kept = new Kept(stored);
    this.restored = new Promise((resolve) => {
      this.#restored = resolve;
    });
    const engine = (): Port | undefined => this.#port;
    this.#routes = new Routes(engine, () => this.#tokens.next());
    this.#debts = new Debts(engine, caughtUp);
  }

  /** There is an engine. */
  begin(port: Port): void {
    this.#port = port;
  }

  /** What an earlier leader had of the session; `keep` is told of what changes. */
  inherit(records: Records, keep: (changes: readonly SessionChange[]) => void): void {
    this.#kept.inherit(records, keep, () => this.#tokens.next());
  }

  stats(): ArrayLike<number> {
    return this.#port?.stats() ?? [];
  }

  get clientId(): string {
    return this.#port?.clientId ?? '';
  }

  /** A page asks for something. */
  command(seat: Seat, command: Command): void {
    const [kind, id, first, second, text, data, properties] = command;
    const port = this.#port;
    if (!port || seat.gone) {
      return;
    }
    switch (kind) {
      case CONNECT:
        this.#connect(seat, port);
        break;
      case PUBLISH: {
        const known = this.#kept.claim(seat, id);
        if (known) {
          this.#tokens.expect(seat, id, true, known.token);
          if (known.answer) {
            this.#answer(known.answer);
          }
          break;
        }
        const [flags, name] = Kept.labelled(seat, id, first, text);
        port.send(kind, this.#tokens.expect(seat, id, Kept.isKept(first)), flags, second, name, data, properties);
        break;
      }
      case SUBSCRIBE:
        this.#routes.subscribe(seat, command);
        break;
      case UNSUBSCRIBE: {
        const token = this.#tokens.expect(seat, id);
        if (!this.#routes.unsubscribe(seat, first, token, properties)) {
          this.#tokens.settle(token);
          seat.out.words(UNSUBSCRIBED, id, 0, 0);
        }
        break;
      }
      case ACKNOWLEDGE:
        this.#debts.paid(seat, command);
        break;
      case CANCEL: {
        const token = seat.asked.get(first);
        if (token !== undefined) {
          this.#tokens.settle(token);
          port.send(CANCEL, 0, token);
        }
        break;
      }
      case PING:
      case FLUSH:
      case REAUTHENTICATE:
        port.send(kind, this.#tokens.expect(seat, id), first, second, text, data, properties);
        break;
      case DISCONNECT:
      case DISCONNECT_WITH_WILL:
        this.#disconnect(seat, command, port);
        break;
      case TAP:
        this.#taps.ask(seat, first > 0);
        break;
      case WAKE:
      case TICK:
        port.send(kind, 0, first);
        break;
      default:
        this.#questions.answered(seat, command, port);
    }
    this.#flushSoon();
  }

  /**
   * A page goes: what it asked for is not waited for any more. With the last one the connection ends, if that `ends`; if not,
   * the page may return, and asks for what became of its publishes.
   */
  leave(seat: Seat, ends: boolean): void {
    if (seat.gone) {
      return;
    }
    seat.leave();
    this.seats.delete(seat);
    for (const [id, token] of [...seat.asked]) {
      if (!ends && this.#tokens.get(token)?.kept) {
        this.#kept.left(seat, id, token);
      }
      this.#tokens.settle(token);
    }
    for (const [id, answer] of ends ? [] : seat.untaken) {
      if (answer.kind !== PUBLISHED && answer.kind !== FAILED) {
        continue;
      }
      const token = this.#tokens.next();
      this.#kept.left(seat, id, token);
      this.#kept.answered({ ...answer, number: token }, () => {});
    }
    this.#routes.leave(seat);
    this.#debts.left(seat);
    this.#taps.ask(seat, false);
    if (this.seats.size === 0) {
      if (ends) {
        this.retire();
      }
      return;
    }
    this.#questions.left(seat);
    this.flush();
  }

  /** The engine disconnects, without a will; nobody is told. At once: the page may be going. */
  retire(): void {
    for (const seat of this.seats) {
      seat.flush(true);
    }
    this.#silent = true;
    if (this.#connecting) {
      this.#port?.send(TICK, 0, 1);
    }
    this.robbed(false);
  }

  /** Another one leads already: what waits is its to tell and to send. `isClosed`: the server can be told nothing. */
  robbed(isClosed: boolean): void {
    this.#silent = true;
    if (this.#connecting && !isClosed) {
      this.#port?.send(DISCONNECT, 0, 0, -1);
    }
    this.#end();
  }

  /** Everything that happened, told by the engine. */
  readonly take = (batch: Batch): void => {
    if (this.#silent) {
      return;
    }
    let ended = false;
    each(batch, (event) => {
      const { kind, number, words } = event;
      switch (kind) {
        case MESSAGE: {
          const times = this.#routes.message(event, batch.buffers);
          this.#debts.owe(words[5] ?? 0, times, ((words[0] ?? 0) & EXACTLY_ONCE) !== 0);
          break;
        }
        case ROUTE:
          this.#routes.route(event);
          break;
        case FRAME:
          this.#taps.tell(event, batch.buffers);
          break;
        case STATE:
          ended = number === CLOSED;
          this.#state = copy(event);
          this.#all(event);
          break;
        case CONNECTED:
          this.#server = copy(event);
          this.#all(event);
          for (const seat of this.seats) {
            seat.post(connection(event));
          }
          break;
        case DISCONNECTED:
          this.#server = undefined;
          this.#questions.drop();
          this.#routes.disconnected();
          this.#all(event);
          break;
        case SUBSCRIPTION_LOST:
          this.#routes.answered(event);
          break;
        case AUTHORIZE:
        case AUTHENTICATE:
          this.#questions.ask(copy(event));
          break;
        case SESSION_LOST:
          this.#all(event);
          break;
        case REFUSED:
          for (const seat of this.seats) {
            seat.out.add(event);
          }
          break;
        case RESTORED:
          this.#kept.restored(event);
          break;
        case IS_STORED:
          this.#restored();
          this.#stored(event);
          break;
        default:
          if (!this.#routes.answered(event)) {
            this.#answer(event);
          }
      }
    });
    this.flush();
    this.#routes.told();
    this.#debts.pay();
    if (ended) {
      this.#end();
    }
  };

  /** Tells what waits, and brakes the server while a page is behind. */
  flush(): void {
    for (const seat of [...this.seats]) {
      seat.flush();
    }
    this.#kept.told();
    const full = [...this.seats].some((seat) => seat.isFull);
    if (full !== this.#corked) {
      this.#corked = full;
      this.#port?.send(CORK, 0, +full);
    }
  }

  /** After the code that is running, which may be the page's own. */
  #flushSoon(): void {
    if (!this.#flushing) {
      this.#flushing = true;
      queueMicrotask(() => {
        this.#flushing = false;
        this.flush();
      });
    }
  }

  #connect(seat: Seat, port: Port): void {
    seat.connected = true;
    if (!this.#connecting) {
      this.#connecting = true;
      port.send(CONNECT);
    } else {
      if (this.#server) {
        seat.out.add(this.#server);
        seat.post(connection(this.#server));
      }
      if (this.#state) {
        seat.out.add(this.#state);
      }
    }
    this.#kept.tell(seat);
  }

  #disconnect(seat: Seat, [kind, id, drain, sessionExpiry, text, , properties]: Command, port: Port): void {
    const everywhere = text === EVERYWHERE;
    if (everywhere || this.seats.size === 1) {
      this.#clears = everywhere;
      const expiry = everywhere && sessionExpiry < 0 ? 0 : sessionExpiry;
      port.send(kind, id && this.#tokens.expect(seat, id), drain, expiry, '', undefined, properties);
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      seat.drained = undefined;
      if (id) {
        seat.out.words(DONE, id, 0, 0);
      }
      seat.out.words(STATE, CLOSED, NEVER);
      seat.flush(true);
      this.leave(seat, true);
      this.#told.left(seat);
    };
    const timer = drain > 0 ? setTimeout(finish, drain) : undefined;
    if (drain > 0 && seat.asked.size > 0) {
      seat.drained = finish;
    } else {
      finish();
    }
  }

  #all(event: Event): void {
    for (const seat of this.seats) {
      if (seat.connected) {
        seat.out.add(event);
      }
    }
  }

  #answer(event: Event): void {
    const asked = this.#tokens.get(event.number);
    if (!asked) {
      this.#kept.answered(event, () => this.#all(event));
      return;
    }
    this.#tokens.settle(event.number);
    asked.seat.answer(event, asked.token);
    if (asked.seat.asked.size === 0) {
      asked.seat.drained?.();
    }
  }

  #stored({ words, number }: Event): void {
    const tokens = new Map<Seat, number[]>([...this.seats].map((seat) => [seat, []]));
    for (const token of words.subarray(2, 2 + number)) {
      const asked = this.#tokens.get(token);
      if (asked) {
        tokens.get(asked.seat)?.push(asked.token);
      }
    }
    for (const [seat, list] of tokens) {
      if (list.length > 0) {
        seat.out.words(IS_STORED, list.length, ...list);
      }
    }
  }

  #end(): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    this.#restored();
    this.#port = undefined;
    this.#told.over(this.#clears);
  }
}

/** What a page has to know of CONNECTED itself. */
function connection({ words }: Event): { level: number; keepAlive: number } {
  return { level: words[2] ?? 0, keepAlive: words[4] ?? 0 };
}
