/**
 * The port to an engine that the pages of an origin share: in one of them, or in a SharedWorker. It finds out who leads,
 * leads where nobody does, and goes over to the next one. It does not know what goes through the port but that.
 */

import type { PortError } from '../port/failure.js';
import {
  ACKNOWLEDGE,
  type Batch,
  CANCEL,
  DISCONNECT,
  DISCONNECT_WITH_WILL,
  EVERYWHERE,
  type Open,
  PING_DUE,
  type Port,
  type Setup,
  SHARED,
  STATE,
  TAP,
  TICK,
  VISIBLE,
  WAKE,
} from '../port/port.js';
import { batchOf, type Command, errorOf } from '../port/posted.js';
import { Pulse } from '../port/pulse.js';
import type { Trusted } from '../port/trusted.js';
import { Asked } from './asked.js';
import { Candidate } from './candidate.js';
import { Channel } from './channel.js';
import { Doubt } from './doubt.js';
import { generationOf, renew } from './generation.js';
import { Heirloom } from './heirloom.js';
import type { Host } from './host.js';
import type { Place, Terms, ToGroup, ToHub, ToMember } from './messages.js';
import { channelOf, groupOf, unique } from './names.js';
import type { Seat } from './seat.js';
import { Visit } from './visit.js';
import { Watch } from './watch.js';

/** Milliseconds in which a leader answers. */
const PATIENCE = 1_000;

/** Nobody waits for what becomes of those. */
const UNAWAITED: readonly number[] = [ACKNOWLEDGE, CANCEL, TAP];

const PLACES: readonly Place[] = ['this-page', 'other-page', 'shared-worker'];
const CLOSED = 5;
const NEVER = 0xffff_ffff;

/** Who leads, as this page knows it. */
interface Leader {
  readonly id: string;
  readonly since: number;
  readonly place: Place;
  /** In this page. */
  readonly host: Host | undefined;
  seat: Seat | undefined;
  /** In another one. */
  readonly channel: BroadcastChannel | undefined;
  welcomed: boolean;
}

export class SharedPort implements Port {
  clientId = '';
  /** A leader has taken it in, or has refused to. */
  readonly joined: Promise<boolean>;
  readonly #id = unique();
  readonly #group: string;
  readonly #terms: Terms;
  readonly #worker: (group: string) => Promise<unknown>;
  readonly #take: (batch: Batch) => void;
  readonly #broken: (error: PortError) => void;
  readonly #asked = new Asked();
  readonly #heirloom = new Heirloom(this.#id);
  readonly #pulse: Pulse;
  readonly #watch: Watch;
  readonly #doubt: Doubt;
  readonly #candidate: Candidate;
  #visit: Visit | undefined;
  #leader: Leader | undefined;
  /** The one before. */
  #previous: string | undefined;
  /** It was welcomed before: another leader follows. */
  #follows = false;
  #commands: Command[] = [];
  #stats: ArrayLike<number> = [];
  #pages = 1;
  #over = false;
  #opened: (made: boolean) => void = () => {};
  #failed: (error: unknown) => void = () => {};
  /** Of the time in which it was, by how often all pages were closed. */
  #generation: string | null | undefined;

  /** `worker` has a SharedWorker try to lead, where there can be one; `open` makes the engine, where this page leads. */
  constructor(
    name: string,
    setup: Setup,
    open: Open,
    worker: (group: string) => Promise<unknown>,
    take: (batch: Batch) => void,
    broken: (error: PortError) => void,
    trusted: Trusted,
  ) {
    const { ended: _, ...session } = setup.session ?? {};
    this.#group = groupOf(name);
    this.#terms = {
      settings: setup.settings,
      protocols: setup.protocols,
      session: setup.session && (session as Terms['session']),
    };
    this.#worker = worker;
    this.#take = take;
    this.#broken = broken;
    this.joined = new Promise((resolve, reject) => {
      this.#opened = resolve;
      this.#failed = reject;
    });
    this.#pulse = new Pulse(() => {
      const host = this.#leader?.host;
      if (host) {
        this.send(TICK);
      }
      return host?.stats()[PING_DUE];
    }, trusted);
    this.#doubt = new Doubt(this.#group, {
      ask: (again) => {
        this.#say({ from: this.#id, ask: true });
        if (again || !this.#leader) {
          this.#visit?.hello();
        }
      },
      caughtUp: async () => this.#visit?.caughtUp(),
      rob: (client) => this.#candidate.rob(client),
    });
    this.#candidate = new Candidate(this.#group, this.#id, open, this.#heirloom, {
      follows: () => this.#leader !== undefined,
      leads: (host) => this.#meet(host.id, host.since, 'this-page', host),
      robbed: (host) => this.#robbed(host),
      over: () => this.#pulse.keep(0),
    });
    this.#watch = new Watch({
      seen: () => this.send(WAKE, 0, VISIBLE),
      leaves: () => this.#leave('for-now'),
      returns: () => this.#return(),
    });
    setup.session?.ended.addEventListener('abort', () => this.#end());
    this.#enter();
  }

  send(kind: number, id = 0, first = 0, second = 0, text = '', data?: Uint8Array, properties?: Uint8Array): void {
    const leader = this.#leader;
    if (kind === TICK && !leader?.host) {
      if (first) {
        this.#flush();
      }
      return;
    }
    const command: Command = [kind, id, first, second, text, data?.slice(), properties];
    const ends = kind === DISCONNECT || kind === DISCONNECT_WITH_WILL;
    if (ends && text === EVERYWHERE) {
      renew(this.#group);
    }
    if (ends && !leader?.welcomed) {
      // There is nothing to end: whoever leads next does not know this page.
      this.#tell(STATE, CLOSED, NEVER);
      return;
    }
    this.#asked.add(command, leader?.welcomed === true);
    if (!leader?.welcomed) {
      return;
    }
    if (leader.host && leader.seat) {
      leader.host.command(leader.seat, command);
      return;
    }
    this.#commands.push(command);
    if (kind === WAKE) {
      this.#flush();
      this.#doubt.look();
    } else if (!UNAWAITED.includes(kind)) {
      this.#doubt.expect();
    }
    if (ends) {
      // The page may be going.
      this.#flush();
    } else if (this.#commands.length === 1) {
      queueMicrotask(() => this.#flush());
    }
  }

  stats(): ArrayLike<number> {
    return this.#stats;
  }

  free(): Promise<void> | undefined {
    const host = this.#leader?.host;
    this.#end();
    return host?.ended ?? (this.#terms.session && Promise.resolve());
  }

  /** Joins the group, and stands for its leader. */
  #enter(): void {
    const visit = new Visit(
      this.#group,
      this.#id,
      (message) => this.#hearGroup(message),
      (message) => {
        if (message.hub === this.#leader?.id) {
          this.#hear(message);
        } else if (message.hub === this.#previous && !this.#leader?.welcomed) {
          this.#hearLast(message);
        }
      },
    );
    this.#visit = visit;
    this.#generation = generationOf(this.#group);
    const stand = async (): Promise<void> => {
      await visit.present();
      if (!visit.signal.aborted) {
        visit.hello();
        this.#doubt.expect();
        await this.#worker(this.#group);
        await this.#candidate.stand(visit);
      }
    };
    stand().catch((error) => this.#failed(error));
  }

  /** Another page leads, as this one did not answer. */
  #robbed(host: Host): void {
    if (this.#leader?.host === host) {
      this.#leader = undefined;
      this.#previous = undefined;
      this.#pulse.keep(0);
      this.#visit?.hello();
      this.#doubt.expect();
    }
  }

  #hearGroup(message: ToGroup): void {
    if ('leader' in message) {
      const { leader, since, place } = message;
      if (leader !== this.#leader?.id && since >= (this.#leader?.since ?? 0)) {
        this.#meet(leader, since, place === 'this-page' ? 'other-page' : place, undefined);
      }
    } else if ('heirs' in message) {
      // One that hung says so, too, before it knows that it leads no more.
      if (!this.#leader || message.hub === this.#leader.id) {
        this.#heirloom.heirs(message.heirs);
      }
    } else if ('hello' in message) {
      // Whoever has just come may lead before it hears of a leader, where there are no Web Locks.
      if (this.#leader && this.#heirloom.records) {
        this.#visit?.say({ heirs: this.#heirloom.ids, hub: this.#leader.id });
      }
    } else if ('inherits' in message) {
      this.#visit?.caughtUp().then(() => {
        const { records } = this.#heirloom;
        if (records) {
          const channel = new Channel(channelOf(this.#group, message.inherits));
          channel.postMessage({ from: this.#id, records } satisfies ToHub);
          channel.close();
        }
      });
    }
  }

  /** There is another leader. */
  #meet(id: string, since: number, place: Place, host: Host | undefined): void {
    this.#doubt.answered();
    this.#commands = [];
    const before = this.#leader;
    if (before?.welcomed) {
      this.#previous = before.id;
    }
    before?.channel?.close();
    const channel = host ? undefined : new Channel(channelOf(this.#group, id));
    const leader: Leader = { id, since, place, host, seat: undefined, channel, welcomed: false };
    this.#leader = leader;
    if (host) {
      leader.seat = host.join(this.#id, this.#terms, {
        post: (message) => this.#hear({ hub: id, ...message } as ToMember),
        close: () => {},
        take: (batch) => this.#told(batch, host),
      });
    } else {
      const join = (): void => {
        if (this.#leader === leader) {
          this.#say({ from: this.#id, join: this.#terms });
        }
      };
      before ? this.#visit?.caughtUp().then(join) : join();
      this.#doubt.expect();
      this.#await(leader);
    }
  }

  /** It may have died before it answered, and the next one have come before this page asked. */
  #await(leader: Leader): void {
    setTimeout(() => {
      if (this.#leader === leader && !leader.welcomed) {
        this.#visit?.hello();
        this.#await(leader);
      }
    }, PATIENCE);
  }

  /** What the leader before this one said last: nothing of it is told again. */
  #hearLast(message: ToMember): void {
    if ('told' in message) {
      this.#told(batchOf(message.told), undefined);
    } else if ('keep' in message) {
      this.#heirloom.keep(message.keep, message.all);
    }
  }

  #hear(message: ToMember): void {
    if ('told' in message) {
      this.#stats = message.told.stats;
      try {
        this.#told(batchOf(message.told), undefined);
      } finally {
        this.#say({ from: this.#id, taken: true });
      }
    } else if ('welcome' in message) {
      this.#pages = message.pages;
      this.#welcomed(message.welcome);
    } else if ('pages' in message) {
      this.#pages = message.pages;
      this.#tellPlace();
    } else if ('level' in message) {
      this.#asked.level = message.level;
      this.#pulse.keep(this.#leader?.host ? message.keepAlive : 0);
    } else if ('refused' in message) {
      this.#asked.refused(message.refused);
    } else if ('alive' in message) {
      this.#doubt.answered();
    } else if ('there' in message) {
      this.#say({ from: this.#id, taken: true });
    } else if ('keep' in message) {
      this.#heirloom.keep(message.keep, message.all);
    } else if ('evicted' in message) {
      this.#leave('for-now');
      this.#return();
    } else if ('failed' in message) {
      const error = errorOf(message.failed);
      if (this.#follows) {
        this.#broken(error as PortError);
      } else {
        this.#failed(error);
      }
      this.#end();
    } else {
      this.#broken(errorOf(message.broken) as PortError);
    }
  }

  #welcomed(clientId: string): void {
    const leader = this.#leader;
    if (!leader) {
      return;
    }
    this.clientId = clientId;
    if (this.#follows) {
      this.#take(this.#asked.lost());
    }
    this.#follows = true;
    leader.welcomed = true;
    this.#doubt.answered();
    const again = this.#asked.again();
    if (leader.host && leader.seat) {
      for (const command of again) {
        leader.host.command(leader.seat, command);
      }
    } else if (again.length > 0) {
      this.#say({ from: this.#id, commands: again });
      this.#doubt.expect();
    }
    this.#opened(true);
    this.#tellPlace();
  }

  #told(batch: Batch, host: Host | undefined): void {
    if (this.#asked.answered(batch)) {
      this.#doubt.answered();
    }
    if (host) {
      this.#stats = host.stats();
    }
    this.#take(batch);
  }

  #tellPlace(): void {
    this.#tell(SHARED, PLACES.indexOf(this.#leader?.place ?? 'other-page'), this.#pages);
  }

  #tell(...words: number[]): void {
    this.#take({ words: Uint32Array.from(words), bytes: new Uint8Array(), buffers: [] });
  }

  #flush(): void {
    const commands = this.#commands;
    if (commands.length > 0 && this.#leader?.welcomed) {
      this.#commands = [];
      this.#say({ from: this.#id, commands });
    }
  }

  #say(message: ToHub): void {
    this.#leader?.channel?.postMessage(message);
  }

  /** The page goes to the back/forward cache, or is frozen; or for good, and has no time. */
  #leave(how: 'for-good' | 'for-now'): void {
    const visit = this.#visit;
    if (!visit) {
      return;
    }
    this.#flush();
    const { host, seat } = this.#leader ?? {};
    if (host) {
      const { records } = host;
      if (seat && !seat.gone && (host.others || how === 'for-good')) {
        host.leave(seat, true);
      }
      host.retire();
      if (records && how === 'for-now') {
        this.#heirloom.put(records);
      }
    } else {
      this.#say({ from: this.#id, leave: how });
    }
    this.#leader?.channel?.close();
    this.#leader = undefined;
    this.#previous = undefined;
    this.#visit = undefined;
    this.#pulse.keep(0);
    this.#doubt.answered();
    visit.end();
  }

  #return(): void {
    if (this.#visit || this.#over) {
      return;
    }
    if (generationOf(this.#group) !== this.#generation) {
      // All pages were closed meanwhile.
      this.#tell(STATE, CLOSED, NEVER);
    } else {
      this.#enter();
    }
  }

  #end(): void {
    if (!this.#over) {
      this.#over = true;
      this.#leave('for-good');
      this.#watch.end();
      this.#pulse.end();
      this.#opened(false);
    }
  }
}
