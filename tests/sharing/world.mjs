/**
 * Pages that share a connection, by chance: they come, subscribe, publish, close and crash, and everything between them, the
 * hub, the engine and the server is on its way as long as chance wants. The hub is the real one; the engine and the server do
 * what the hub asks for, and no more. It does not know what is promised.
 */

import { source } from '../support/source.mjs';

const { Hub, Seat, Outbox, each, batchOf, encode, decode, matches, ...port } = await source(
  'share/hub',
  'share/seat',
  'share/events',
  'port/posted',
  'port/bytes',
  'port/port',
  'packets/topics',
);

export { matches };

const QOS = 3;
const MANUAL = 64;
const RETAIN = 4;
const CONNECTED_STATE = 2;
const NEVER = 0xffff_ffff;

export const FILTERS = ['a/+', 'a/1', 'b/#', '#', 'r/+'];
export const TOPICS = ['a/1', 'a/2', 'b', 'b/c', 'r/1'];
/** What is retained, and stays as it is: what is published is not. */
export const RETAINED = ['r/1', 'r/2', 'r/3'];

/** Mulberry32: the same numbers for the same seed. @param {number} seed */
export function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    below: (/** @type {number} */ count) => Math.floor(next() * count),
    /** @template T @param {readonly T[]} all @returns {T} */
    of: (all) => /** @type {T} */ (all[Math.floor(next() * all.length)]),
  };
}

/** The engine and its server: commands go to the server in their order, and what it answers comes back in its own. */
class Engine {
  clientId = 'shared';
  /** Of the engine, by number: what is routed. */
  subscriptions = new Map();
  /** Of the server, by number of the engine's. */
  granted = new Map();
  /** Each publish, in the order of the server. */
  log = [];
  commands = [];
  packets = [];
  corked = false;
  /** By delivery: acknowledgements that are due, and that came. */
  due = new Map();
  paid = new Map();
  #slots = new Map();
  #delivery = 0;

  constructor() {
    this.take = () => {};
  }

  send(kind, id = 0, first = 0, _second = 0, text = '', data = new Uint8Array()) {
    if (kind === port.SUBSCRIBE) {
      this.subscriptions.set(id, { filter: text, flags: first });
    } else if (kind === port.UNSUBSCRIBE) {
      this.subscriptions.delete(first);
    } else if (kind === port.ACKNOWLEDGE) {
      this.paid.set(first, (this.paid.get(first) ?? 0) + 1);
      return;
    } else if (kind === port.CORK) {
      this.corked = first > 0;
      return;
    } else if (kind === port.TICK || kind === port.TAP) {
      return;
    }
    this.commands.push({ kind, id, first, text, payload: data.slice() });
  }

  stats() {
    return [];
  }

  /** The server does what the next command says. */
  serve() {
    const { kind, id, first, text, payload } = this.commands.shift();
    const answer = (told) => this.packets.push((out) => out.words(told, id, 0, 0));
    switch (kind) {
      case port.CONNECT:
        this.packets.push((out) => {
          out.words(port.STATE, CONNECTED_STATE, NEVER);
          out.words(port.CONNECTED, 0, 5, 0, 60, 0, 9, 9, 2, 0, 0, 0, 0);
        });
        break;
      case port.SUBSCRIBE:
        this.granted.set(id, text);
        answer(port.SUBSCRIBED);
        for (const topic of RETAINED.filter((topic) => matches(text, topic))) {
          this.#deliver(topic, encode(topic), RETAIN);
        }
        break;
      case port.UNSUBSCRIBE:
        this.granted.delete(first);
        answer(port.UNSUBSCRIBED);
        break;
      case port.PUBLISH:
        this.published(text.split('\0')[0], payload, first & QOS);
        answer(port.PUBLISHED);
        break;
      case port.PING:
        answer(port.PONG);
        break;
      default:
        throw new Error(`the hub asks for ${kind}`);
    }
  }

  /** By a page of this connection or by somebody else. */
  published(topic, payload, qos) {
    this.log.push({ topic, text: decode(payload) });
    if ([...this.granted.values()].some((filter) => matches(filter, topic))) {
      this.#deliver(topic, payload, qos);
    }
  }

  #deliver(topic, payload, flags) {
    this.packets.push((out) => this.#tell(out, topic, payload, flags));
  }

  /** So many packets come in one batch. */
  hear(count) {
    const out = new Outbox();
    for (const packet of this.packets.splice(0, count)) {
      packet(out);
    }
    this.take(out.take());
  }

  #tell(out, topic, payload, flags) {
    const ids = [...this.subscriptions].filter(([, { filter }]) => matches(filter, topic)).map(([id]) => id);
    if (ids.length === 0) {
      return;
    }
    const slot = this.#slots.get(topic)?.slot ?? this.#slots.size;
    if (this.#slots.get(topic)?.ids !== `${ids}`) {
      this.#slots.set(topic, { slot, ids: `${ids}` });
      out.route(slot, encode(topic), ids);
    }
    const manual = ids.filter((id) => (this.subscriptions.get(id).flags & MANUAL) !== 0).length;
    const qos = flags & QOS && manual > 0 ? 1 : 0;
    const delivery = qos > 0 ? ++this.#delivery : 0;
    if (delivery > 0) {
      this.due.set(delivery, manual);
    }
    out.message((flags & ~QOS) | qos, slot, payload, delivery, new Uint8Array());
  }
}

/** One page: what it asked for, and what it was told. */
class Page {
  toHub = [];
  toPage = [];
  /** By token. */
  subscriptions = new Map();
  /** Asked for and not answered. */
  open = new Map();
  gone = false;
  #routes = new Map();
  #last = 0;

  constructor(id, world) {
    this.id = id;
    this.world = world;
    this.seat = new Seat(
      id,
      { post: (message) => this.toPage.push(structuredClone(message)), close: () => {}, take: undefined },
      () => [],
      () => {
        throw new Error('no time passes here');
      },
    );
  }

  ask(kind, first = 0, text = '', data) {
    const id = ++this.#last;
    if (kind !== port.CONNECT && kind !== port.DISCONNECT) {
      this.open.set(id, kind);
    }
    this.toHub.push({ command: [kind, id, first, kind === port.DISCONNECT ? -1 : 0, text, data, undefined] });
    return id;
  }

  subscribe(filter, flags) {
    const token = this.ask(port.SUBSCRIBE, flags, filter);
    this.subscriptions.set(token, { filter, flags, grantedAt: undefined, ended: false, live: [], retained: [] });
  }

  unsubscribe(token) {
    this.subscriptions.get(token).ended = true;
    // The client has settled it by itself.
    this.open.delete(token);
    this.ask(port.UNSUBSCRIBE, token);
  }

  hear() {
    const message = this.toPage.shift();
    if (this.gone || !('told' in message)) {
      return;
    }
    const batch = batchOf(message.told);
    each(batch, (event) => this.#event(event, batch.buffers));
    this.toHub.push({ taken: true });
  }

  #event({ kind, number, words, bytes }, buffers) {
    if (kind === port.ROUTE) {
      this.#routes.set(number, { topic: decode(bytes), tokens: [...words.subarray(4)] });
    } else if (kind === port.MESSAGE) {
      this.#message(words, buffers);
    } else if (kind >= port.PUBLISHED && kind <= port.FAILED) {
      if (!this.open.delete(number) && !this.subscriptions.get(number)?.ended) {
        throw new Error(`${this.id} is answered ${kind} to ${number}, which is not open`);
      }
      if (kind === port.SUBSCRIBED) {
        this.subscriptions.get(number).grantedAt = this.world.engine.log.length;
      }
    }
  }

  #message([first, slot, buffer, , , delivery], buffers) {
    const { topic, tokens } = this.#routes.get(slot) ?? {};
    const text = decode(buffers[buffer]);
    for (const token of tokens) {
      const subscription = this.subscriptions.get(token);
      if (!subscription || !matches(subscription.filter, topic)) {
        throw new Error(`${this.id} is told ${topic} for ${token}, which is not for it`);
      }
      if (!subscription.ended) {
        subscription[(first >> 8) & RETAIN ? 'retained' : 'live'].push(text);
      }
      if (delivery > 0 && (subscription.flags & MANUAL) !== 0) {
        this.toHub.push({ command: [port.ACKNOWLEDGE, 0, delivery, 0, '', undefined, undefined] });
      }
    }
  }
}

export class World {
  engine = new Engine();
  pages = [];
  #chance;
  #hub;
  #published = 0;

  constructor(seed) {
    this.#chance = chance(seed);
    this.#hub = new Hub(false, () => Promise.resolve(), {
      left: () => {},
      over: () => {
        throw new Error('the connection has ended');
      },
    });
    this.engine.take = this.#hub.take;
    this.#hub.begin(this.engine);
    this.enter();
  }

  /** Those that are there; the first one stays. */
  get living() {
    return this.pages.filter(({ gone }) => !gone);
  }

  enter() {
    const page = new Page(`page-${this.pages.length}`, this);
    this.pages.push(page);
    this.#hub.seats.add(page.seat);
    page.ask(port.CONNECT);
  }

  /** Something happens: a page does something, or something arrives. */
  async step() {
    if (this.#chance.next() < 0.25) {
      this.#act();
    } else {
      this.#arrive();
    }
    await new Promise(setImmediate);
  }

  /** Everything arrives. */
  async settle() {
    while (this.#arrive()) {
      await new Promise(setImmediate);
    }
  }

  #act() {
    const { of, below, next } = this.#chance;
    const page = of(this.living);
    const roll = next();
    const text = `${++this.#published}`;
    if (roll < 0.35) {
      this.engine.published(of(TOPICS), encode(text), below(2));
    } else if (roll < 0.55) {
      page.ask(port.PUBLISH, below(2), of(TOPICS), encode(text));
    } else if (roll < 0.75) {
      page.subscribe(of(FILTERS), of([0, 0, 1, 1, 1 | MANUAL]));
    } else if (roll < 0.87) {
      const tokens = [...page.subscriptions].filter(([, { ended }]) => !ended).map(([token]) => token);
      if (tokens.length > 0) {
        page.unsubscribe(of(tokens));
      }
    } else if (roll < 0.94) {
      this.enter();
    } else if (page !== this.pages[0]) {
      page.gone = true;
      if (roll < 0.97) {
        page.ask(port.DISCONNECT);
      } else {
        // What it had said is on its way; then the lock that it held is free.
        page.toHub.push({ crash: true });
      }
    }
  }

  /** Whether anything was on its way. */
  #arrive() {
    const { engine } = this;
    const ways = [
      ...this.pages.filter(({ toHub }) => toHub.length > 0).map((page) => () => this.#toHub(page)),
      ...this.pages.filter(({ toPage }) => toPage.length > 0).map((page) => () => page.hear()),
      ...(engine.commands.length > 0 ? [() => engine.serve()] : []),
      ...(engine.packets.length > 0 && !engine.corked ? [() => engine.hear(1 + this.#chance.below(3))] : []),
    ];
    if (ways.length === 0) {
      return false;
    }
    this.#chance.of(ways)();
    return true;
  }

  #toHub(page) {
    const { command, taken, crash } = page.toHub.shift();
    if (crash) {
      this.#hub.leave(page.seat, false);
    } else if (taken) {
      page.seat.taken();
      this.#hub.flush();
    } else if (command) {
      this.#hub.command(page.seat, command);
    }
  }
}
