/**
 * What a page has asked of a shared connection and was not answered: asked again of the next leader, where that can be right.
 * It does not know who leads.
 */

import { encode } from '../port/bytes.js';
import {
  type Batch,
  CANCEL,
  CONNECT,
  DISCONNECT,
  DISCONNECT_WITH_WILL,
  FAILED,
  FLUSH,
  PING,
  PUBLISH,
  PUBLISHED,
  REAUTHENTICATE,
  STATE,
  SUBSCRIBE,
  TAP,
  UNSUBSCRIBE,
  UNSUBSCRIBED,
} from '../port/port.js';
import type { Command } from '../port/posted.js';
import { each, lostAnswer, lostConnection, Outbox } from './events.js';

/** `connection-lost`, by its number. */
const LOST = 10;
const CONNECTING = 1;
const NEVER = 0xffff_ffff;
const QOS = 3;
const RETAIN_HANDLING = 3 << 4;
const IF_NEW = 1 << 4;
const FIVE = 5;

const MOVES = encode('the connection moves to another page');

export class Asked {
  /** Of the connection there was. */
  level = 0;
  #connects = false;
  #closing: Command | undefined;
  #tap: Command | undefined;
  /** Subscriptions that were not answered. */
  readonly #granting = new Set<number>();
  readonly #subscriptions = new Map<number, { readonly command: Command; given: boolean }>();
  readonly #open = new Map<number, { readonly command: Command; given: boolean }>();

  /** `given`: there is somebody who is given it. */
  add(command: Command, given: boolean): void {
    const [kind, id, first] = command;
    switch (kind) {
      case CONNECT:
        this.#connects = true;
        break;
      case TAP:
        this.#tap = command;
        break;
      case SUBSCRIBE:
        this.#subscriptions.set(id, { command, given });
        this.#granting.add(id);
        break;
      case UNSUBSCRIBE:
        this.#subscriptions.delete(first);
        this.#granting.delete(first);
        this.#open.set(id, { command, given });
        break;
      case PUBLISH:
      case PING:
      case FLUSH:
      case REAUTHENTICATE:
        this.#open.set(id, { command, given });
        break;
      case CANCEL:
        this.#open.delete(first);
        break;
      case DISCONNECT:
      case DISCONNECT_WITH_WILL:
        this.#closing = command;
        break;
    }
  }

  /** That subscription is refused, or lost: another leader is not asked for it. */
  refused(subscription: number): void {
    this.#subscriptions.delete(subscription);
  }

  /** What was told, some of it answers. True where it answers the last of what was open. */
  answered(batch: Batch): boolean {
    if (this.#open.size + this.#granting.size === 0) {
      return false;
    }
    each(batch, ({ kind, number }) => {
      if (kind >= PUBLISHED && kind <= FAILED) {
        this.#open.delete(number);
        this.#granting.delete(number);
      }
    });
    return this.#open.size + this.#granting.size === 0;
  }

  /** The leader is gone that was given it: what is to be told of what nobody knows. */
  lost(): Batch {
    const out = new Outbox();
    for (const [id, { command, given }] of this.#open) {
      const [kind, , first] = command;
      if (kind === UNSUBSCRIBE) {
        out.words(UNSUBSCRIBED, id, 0, 0);
        this.#open.delete(id);
      } else if (given && !asksAgain(kind, first)) {
        out.add(lostAnswer(id, LOST, MOVES));
        this.#open.delete(id);
      }
    }
    if (this.#connects) {
      out.add(lostConnection(LOST, MOVES));
      out.words(STATE, CONNECTING, NEVER);
    }
    return out.take();
  }

  /** All that another leader has to be told, in its order. */
  again(): Command[] {
    const commands: Command[] = this.#tap ? [this.#tap] : [];
    if (this.#connects) {
      commands.push([CONNECT, 0, 0, 0, '', undefined, undefined]);
    }
    for (const item of this.#subscriptions.values()) {
      const [kind, id, flags, ...rest] = item.command;
      // What is retained has been told, unless the server has lost the subscription.
      const ifNew = item.given && this.level === FIVE && (flags & RETAIN_HANDLING) === 0;
      commands.push(ifNew ? [kind, id, flags | IF_NEW, ...rest] : item.command);
      item.given = true;
    }
    for (const item of this.#open.values()) {
      commands.push(item.command);
      item.given = true;
    }
    if (this.#closing) {
      commands.push(this.#closing);
    }
    return commands;
  }
}

/** Of the rest it is not known whether it was done, and it may not be done twice. */
function asksAgain(kind: number, flags: number): boolean {
  return kind === FLUSH || (kind === PUBLISH && (flags & QOS) > 0);
}
