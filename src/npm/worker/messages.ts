/** What a page and its worker say to each other; all of it is plain data. It does not know who speaks. */

import type { Command, Failure, Told } from '../port/posted.js';
import type { SessionSetup } from '../port/store.js';

export type ToWorker =
  /** First. The module is the engine, where the worker has none inside. */
  | {
      readonly settings: Uint8Array;
      readonly protocols: string[] | undefined;
      readonly session: Omit<SessionSetup, 'ended'> | undefined;
      readonly module: WebAssembly.Module | undefined;
    }
  | { readonly commands: readonly Command[] }
  /** What was told is handled: there may be more. */
  | { readonly taken: true }
  /** The client has ended, before there was an engine. */
  | { readonly ended: true }
  /** Whether the records of a stored session are removed. */
  | { readonly free: boolean }
  /** To be answered. */
  | { readonly there: true }
  /** The page returns from the back/forward cache, or goes there: that keeps no page of which somebody holds a lock. */
  | { readonly hold: boolean };

export type ToPage =
  | { readonly ready: true }
  /** Of that name; who has it after the worker knows that the worker is dead. */
  | { readonly lock: string }
  /** The client identifier, or nothing where the settings were refused. */
  | { readonly opened: string | undefined }
  | { readonly failed: Failure }
  | { readonly broken: Failure }
  | Told
  | { readonly freed: true }
  | { readonly there: true };
