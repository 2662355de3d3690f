/** What the pages that share a connection say to each other; all of it is plain data. It does not know who speaks. */

import type { Command, Failure, Told } from '../port/posted.js';
import type { SessionChange, SessionSetup } from '../port/store.js';

/** Where the connection is: in this page, in another one, or in a SharedWorker. */
export type Place = 'this-page' | 'other-page' | 'shared-worker';

/** What makes the engine, and has to be the same in all pages. */
export interface Terms {
  readonly settings: Uint8Array;
  readonly protocols: string[] | undefined;
  readonly session: Omit<SessionSetup, 'ended'> | undefined;
}

/** Records of a session that is not stored, as the heir of the one who leads has them. */
export type Records = readonly (readonly [key: number, value: Uint8Array])[];

/** On the channel of the group: to everybody. */
export type ToGroup =
  /** Who leads? */
  | { readonly hello: true }
  /** `since`, in milliseconds since 1970, so that what an earlier one said is known when it comes late. */
  | { readonly leader: string; readonly place: Place; readonly since: number }
  /** It leads no more. */
  | { readonly over: string }
  /** Who have the records when that leader dies. */
  | { readonly heirs: readonly string[]; readonly hub: string }
  /** Whoever has the records is to give them to that leader. */
  | { readonly inherits: string };

/** On the channel of the leader. */
export type ToHub = { readonly from: string } & (
  | { readonly join: Terms }
  | { readonly commands: readonly Command[] }
  /** What was told is handled: there may be more. */
  | { readonly taken: true }
  /** The page goes, for good or to come back. */
  | { readonly leave: 'for-good' | 'for-now' }
  | { readonly records: Records | undefined }
  /** To be answered by `alive`, also to a page that has no place. */
  | { readonly ask: true }
);

/** On the channel of a member; by which leader, so that what an earlier one said is not heard. */
export type ToMember = { readonly hub: string } & (
  | { readonly welcome: string; readonly pages: number }
  | { readonly failed: Failure }
  | { readonly broken: Failure }
  | { readonly told: Told }
  /** The protocol level of a new connection, and its keep-alive in seconds. */
  | { readonly level: number; readonly keepAlive: number }
  /** That subscription of the page is refused, or lost. */
  | { readonly refused: number }
  | { readonly pages: number }
  /** It did not answer, and was let go. */
  | { readonly evicted: true }
  /** Records to have for the case that the leader dies: those there are (`all`), or what changes. */
  | { readonly keep: readonly SessionChange[]; readonly all: boolean }
  /** To be answered by `taken`. */
  | { readonly there: true }
  | { readonly alive: true }
);

/** What a page says to itself: what was on its way to it before has come then. */
export interface ToMyself {
  readonly echo: number;
}
