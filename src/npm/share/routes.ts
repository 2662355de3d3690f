/**
 * What the pages that share a connection subscribe to, and where messages go. Pages that ask for the same have one
 * subscription of the engine; one that comes late is told the retained messages from memory where that is right, else
 * the server is asked again, and no other page is told them twice. It does not know what else pages ask for.
 */

import { decode, encode } from '../port/bytes.js';
import { type Batch, type Port, SUBSCRIBE, SUBSCRIBED, UNSUBSCRIBE } from '../port/port.js';
import type { Command } from '../port/posted.js';
import { copy, type Event } from './events.js';
import { Retained } from './retained.js';
import type { Seat } from './seat.js';

/** A subscription of a page. */
interface Ticket {
  readonly seat: Seat;
  readonly token: number;
  readonly group: Group;
}

/** A subscription of the engine. */
interface Group {
  readonly id: number;
  readonly key: string;
  readonly flags: number;
  readonly tickets: Ticket[];
  /** Of a topic that was heard since that change, no retained message is told. */
  since: number;
  /** The answer, for who comes later. */
  granted: Event | undefined;
  /** Undefined where the server may have others by now. */
  retained: Retained | undefined;
}

/** A topic, by the number that the engine gave it. */
interface Route {
  readonly topic: Uint8Array;
  readonly name: string;
  readonly groups: readonly number[];
  /** The change at which a message of it came last. */
  heard: number;
  /** Who is told, as of that change. */
  targets: Target[];
  change: number;
}

interface Target {
  readonly seat: Seat;
  readonly tickets: readonly Ticket[];
  /** How often it acknowledges. */
  readonly manual: number;
  /** The page knows which of its subscriptions that is for. */
  told: boolean;
}

const QOS = 3;
const NO_LOCAL = 4;
const AS_PUBLISHED = 8;
const MANUAL = 64;
const RETAIN = 4;

/** Of what is told from memory: whatever stands for that number is told again, as somebody has come. */
const OWN_SLOT = 0;

export class Routes {
  readonly #port: () => Port | undefined;
  readonly #token: () => number;
  /** By the numbers of the engine. */
  readonly #groups = new Map<number, Group>();
  /** The last one of each kind. */
  readonly #byKey = new Map<string, Group>();
  /** Those whose messages are acknowledged by hand: all of QoS 1 and 2. */
  readonly #manual = new Set<number>();
  /** Of them those that have ended, and those that had before the last batch: of these there may be messages yet. */
  #ended: number[] = [];
  #endedBefore: number[] = [];
  readonly #routes: Route[] = [];
  /** Counts what changes who is told. */
  #change = 1;

  constructor(port: () => Port | undefined, token: () => number) {
    this.#port = port;
    this.#token = token;
  }

  /** A page subscribes. */
  subscribe(seat: Seat, [, token, flags, , filter, , properties]: Command): void {
    const key = `${flags} ${properties ? Array.from(properties) : ''} ${filter}`;
    const alike = this.#byKey.get(key);
    this.#change++;
    if (alike?.retained && (flags & MANUAL) === 0) {
      this.#join(alike, seat, token);
      return;
    }
    const id = this.#token();
    const group: Group = {
      id,
      key,
      flags,
      tickets: [],
      since: this.#change,
      granted: undefined,
      retained: fresh(flags),
    };
    group.tickets.push({ seat, token, group });
    this.#groups.set(id, group);
    this.#byKey.set(key, group);
    const manual = (flags & QOS) > 0;
    if (manual) {
      this.#manual.add(id);
    }
    this.#port()?.send(SUBSCRIBE, id, manual ? flags | MANUAL : flags & ~MANUAL, 0, filter, undefined, properties);
  }

  /** A page ends one. True where the engine is asked, and answers under that token. */
  unsubscribe(seat: Seat, subscription: number, token: number, properties?: Uint8Array): boolean {
    for (const group of this.#groups.values()) {
      const index = group.tickets.findIndex((ticket) => ticket.seat === seat && ticket.token === subscription);
      if (index >= 0) {
        return this.#remove(group, index, token, properties);
      }
    }
    return false;
  }

  /** A page goes. */
  leave(seat: Seat): void {
    for (const group of [...this.#groups.values()]) {
      for (let index = group.tickets.length - 1; index >= 0; index--) {
        if (group.tickets[index]?.seat === seat) {
          this.#remove(group, index, this.#token());
        }
      }
    }
  }

  /** The answer to a subscription of the engine; false where it is none. */
  answered(event: Event): boolean {
    const group = this.#groups.get(event.number);
    if (!group) {
      return false;
    }
    if (event.kind === SUBSCRIBED) {
      group.granted = copy(event);
    } else {
      this.#forget(group);
    }
    for (const { seat, token } of group.tickets) {
      seat.out.add(event, token);
      if (event.kind !== SUBSCRIBED) {
        seat.post({ refused: token });
      }
    }
    return true;
  }

  /** The topic of that number, and what it is for. */
  route({ number, words, bytes }: Event): void {
    const topic = bytes.slice();
    const groups = Array.from(words.subarray(4));
    const before = this.#routes[number];
    const name = decode(topic);
    const heard = before?.name === name ? before.heard : 0;
    this.#routes[number] = { topic, name, groups, heard, targets: [], change: 0 };
  }

  /** Tells it whoever it is for. What is returned is how often it is to be acknowledged that is not done by a page. */
  message({ words, bytes: properties }: Event, buffers: Batch['buffers']): number {
    const [first = 0, slot = 0, buffer = 0, begin = 0, length = 0, delivery = 0] = words;
    const route = this.#routes[slot];
    if (!route) {
      return 0;
    }
    const flags = first >>> 8;
    const payload = buffers[buffer]?.subarray(begin, begin + length) ?? NOTHING;
    const kept = (flags & RETAIN) !== 0;
    this.#remember(route, flags, payload, properties);
    if (route.change !== this.#change) {
      route.targets = this.#targets(route);
      route.change = this.#change;
    }
    for (const target of route.targets) {
      const { seat, tickets, manual } = target;
      const wanted = kept
        ? tickets.filter((it) => it.group.flags & AS_PUBLISHED || it.group.since > route.heard)
        : tickets;
      if (wanted.length === 0) {
        continue;
      }
      if (!target.told || wanted.length < tickets.length) {
        seat.out.route(
          slot,
          route.topic,
          wanted.map(({ token }) => token),
        );
        target.told = wanted.length === tickets.length;
      }
      if (delivery > 0 && manual > 0) {
        seat.owed.set(delivery, manual);
      }
      seat.out.message(flags, slot, payload, manual > 0 ? delivery : 0, properties);
    }
    route.heard = this.#change;
    if (delivery === 0 || this.#manual.size === 0) {
      return 0;
    }
    return route.groups.filter((id) => this.#manual.has(id) && !byHand(this.#groups.get(id))).length;
  }

  /** A batch is told. */
  told(): void {
    for (const id of this.#endedBefore) {
      this.#manual.delete(id);
    }
    this.#endedBefore = this.#ended;
    this.#ended = [];
  }

  /** The connection is lost: what is retained may change unheard, and is told anew. */
  disconnected(): void {
    this.#change++;
    for (const group of this.#groups.values()) {
      group.retained = group.granted ? undefined : fresh(group.flags);
      group.since = this.#change;
    }
  }

  #join(group: Group, seat: Seat, token: number): void {
    group.tickets.push({ seat, token, group });
    if (group.granted) {
      seat.out.add(group.granted, token);
    }
    for (const [topic, { flags, payload, properties }] of group.retained?.list() ?? []) {
      seat.out.route(OWN_SLOT, encode(topic), [token]);
      seat.out.message(flags, OWN_SLOT, payload, 0, properties);
    }
  }

  #remove(group: Group, index: number, token: number, properties?: Uint8Array): boolean {
    this.#change++;
    group.tickets.splice(index, 1);
    if (group.tickets.length > 0) {
      return false;
    }
    this.#forget(group);
    this.#port()?.send(UNSUBSCRIBE, token, group.id, 0, '', undefined, properties);
    return true;
  }

  #forget(group: Group): void {
    this.#change++;
    this.#ended.push(group.id);
    this.#groups.delete(group.id);
    if (this.#byKey.get(group.key) === group) {
      this.#byKey.delete(group.key);
    }
  }

  #targets({ groups }: Route): Target[] {
    const bySeat = new Map<Seat, Ticket[]>();
    for (const id of groups) {
      for (const ticket of this.#groups.get(id)?.tickets ?? []) {
        const tickets = bySeat.get(ticket.seat);
        if (tickets) {
          tickets.push(ticket);
        } else {
          bySeat.set(ticket.seat, [ticket]);
        }
      }
    }
    return [...bySeat].map(([seat, tickets]) => {
      const manual = tickets.filter(({ group }) => byHand(group)).length;
      return { seat, tickets, manual, told: false };
    });
  }

  #remember({ name, groups }: Route, flags: number, payload: Uint8Array, properties: Uint8Array): void {
    for (const id of groups) {
      const group = this.#groups.get(id);
      const retained = group?.retained;
      if (!group || !retained) {
        continue;
      }
      if ((flags & RETAIN) === 0) {
        // It may be what is retained now; only with Retain As Published is that known.
        if ((group.flags & AS_PUBLISHED) === 0) {
          group.retained = undefined;
        }
      } else if (payload.length === 0) {
        retained.forget(name);
      } else if (!retained.keep(name, flags, payload, properties)) {
        group.retained = undefined;
      }
    }
  }
}

const NOTHING = new Uint8Array();

/** Whether its one page acknowledges. */
function byHand(group: Group | undefined): boolean {
  return group !== undefined && (group.flags & MANUAL) !== 0 && (group.flags & QOS) > 0;
}

/** None where not all that the server has is told: without the retained messages, or without what is published here. */
function fresh(flags: number): Retained | undefined {
  return (flags & (NO_LOCAL | (3 << 4))) === 0 ? new Retained() : undefined;
}
