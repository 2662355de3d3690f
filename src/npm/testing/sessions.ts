/** The sessions of all clients: how long each is kept, and when a will is published. It does not know packets. */

import type { Connect } from '../packets/types.js';
import { Session } from './session.js';

/** A Session Expiry Interval that never ends (5.0, 3.1.2.11.2). */
const NEVER = 0xffff_ffff;

export class Sessions {
  readonly all = new Map<string, Session>();
  readonly #publishWill: (session: Session) => void;

  constructor(publishWill: (session: Session) => void) {
    this.#publishWill = publishWill;
  }

  /** The session of a client that connects; whether it was there. */
  open(connect: Connect, clientId: string, maximumExpiry: number): { session: Session; isPresent: boolean } {
    const old = this.all.get(clientId);
    if (old && connect.cleanStart) {
      this.#end(old);
    }
    const kept = connect.cleanStart ? undefined : old;
    const session = kept ?? new Session(clientId);
    session.expiryAlarm.clear();
    session.willAlarm.clear();
    session.will = connect.will;
    session.expiry = Number.POSITIVE_INFINITY;
    if (connect.version === 5) {
      this.setExpiry(session, connect.properties.sessionExpiryInterval ?? 0, maximumExpiry);
    } else if (connect.cleanStart) {
      session.expiry = 0;
    }
    this.all.set(clientId, session);
    return { session, isPresent: kept !== undefined };
  }

  setExpiry(session: Session, seconds: number, maximum: number): void {
    session.expiry = Math.min(seconds === NEVER ? Number.POSITIVE_INFINITY : seconds, maximum);
  }

  /** Its connection has ended. */
  leave(session: Session): void {
    session.outlet = undefined;
    if (session.will) {
      const delay = Math.min(session.will.properties.willDelayInterval ?? 0, session.expiry);
      if (delay > 0) {
        session.willAlarm.set(delay * 1000, () => this.#publishWill(session));
      } else {
        this.#publishWill(session);
      }
    }
    if (session.expiry > 0) {
      session.expiryAlarm.set(session.expiry * 1000, () => this.#end(session), true);
    } else {
      this.#end(session);
    }
  }

  /** Forgets all, and publishes no will. */
  clear(): void {
    for (const session of this.all.values()) {
      session.expiryAlarm.clear();
      session.willAlarm.clear();
      session.will = undefined;
      session.outlet = undefined;
    }
    this.all.clear();
  }

  #end(session: Session): void {
    session.expiryAlarm.clear();
    session.willAlarm.clear();
    if (this.all.get(session.clientId) === session) {
      this.all.delete(session.clientId);
    }
    if (session.will) {
      this.#publishWill(session);
    }
  }
}
