/** What the clients of a broker have in common: sessions, routing, wills. It does not know what a test asks for. */

import { matches } from '../packets/topics.js';
import type { Connect, Publish } from '../packets/types.js';
import { Connection, type Server } from './connection.js';
import { type Message, messageOf } from './message.js';
import { Network } from './network.js';
import { Records } from './records.js';
import { Router } from './router.js';
import { Rules } from './rules.js';
import type { Session, Subscription } from './session.js';
import { Sessions } from './sessions.js';
import type { Settings } from './settings.js';
import type { Host, ServerEnd } from './socket.js';

const SESSION_TAKEN_OVER = 0x8e;
const NO_MATCHING_SUBSCRIBERS = 0x10;

export class MemoryServer implements Server, Host {
  readonly settings: Settings;
  readonly network = new Network();
  readonly rules = new Rules();
  readonly records = new Records();
  /** Those that are open, in the order in which they came. */
  readonly connections = new Set<Connection>();
  readonly sessions = new Sessions((session) => this.#publishWill(session));
  readonly router = new Router(this.sessions.all);
  /** Those of the test itself. */
  readonly listeners = new Set<{ readonly filter: string; readonly hear: (message: Message) => void }>();
  #assigned = 0;

  constructor(settings: Settings) {
    this.settings = settings;
    this.network.latency = settings.latency;
  }

  accept(end: ServerEnd): string {
    const protocol = end.offered.find((name) => name === 'mqtt' || name === 'mqttv3.1') ?? '';
    this.connections.add(new Connection(this, end, protocol));
    this.records.changed();
    return protocol;
  }

  happened(): void {
    this.records.changed();
  }

  assign(): string {
    this.#assigned++;
    return `assigned-${this.#assigned}`;
  }

  open(connection: Connection, connect: Connect, clientId: string): { session: Session; isPresent: boolean } {
    for (const other of [...this.connections]) {
      if (other !== connection && other.session && other.clientId === clientId) {
        other.disconnect(SESSION_TAKEN_OVER); // [MQTT-3.1.4-3]
      }
    }
    return this.sessions.open(connect, clientId, this.settings.maximumSessionExpiry);
  }

  publish(packet: Publish, clientId: string | undefined): number {
    return this.publishAll(packet, clientId).length > 0 ? 0 : NO_MATCHING_SUBSCRIBERS;
  }

  /** A promise for each client that gets it. */
  publishAll(packet: Publish, clientId: string | undefined): Promise<void>[] {
    return this.#route(messageOf(packet, clientId));
  }

  #route(message: Message): Promise<void>[] {
    this.records.message(message);
    const listening = [...this.listeners].filter(({ filter }) => matches(filter, message.topic));
    // After whoever published it has been answered.
    const heard = listening.map(({ hear }) => Promise.resolve().then(() => hear(message)));
    return [...this.router.route(message), ...heard];
  }

  subscribe(session: Session, subscription: Subscription): void {
    this.router.subscribe(session, subscription);
  }

  ended(connection: Connection, session: Session | undefined): void {
    this.connections.delete(connection);
    if (session?.outlet === connection) {
      this.sessions.leave(session);
    }
    this.records.changed();
  }

  #publishWill(session: Session): void {
    const { will, clientId } = session;
    session.will = undefined;
    if (will) {
      this.#route(messageOf(will, clientId, true));
      this.records.changed();
    }
  }
}
