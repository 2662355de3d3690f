/** What a page and its worker say to each other; all of it is plain data. It does not know who speaks. */

import type { PortError } from '../port/failure.js';
import type { SessionSetup } from '../port/store.js';

/** What `Port.send` takes. */
export type Command = readonly [
  kind: number,
  id: number,
  first: number,
  second: number,
  text: string,
  data: Uint8Array | undefined,
  properties: Uint8Array | undefined,
];

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
  | { readonly there: true };

export type ToPage =
  | { readonly ready: true }
  /** The client identifier, or nothing where the settings were refused. */
  | { readonly opened: string | undefined }
  | { readonly failed: Failure }
  | { readonly broken: Failure }
  | Told
  | { readonly freed: true }
  | { readonly there: true };

/** Events, as `Batch` has them; the buffers one after the other in `small`, but for those that came by themselves. */
export interface Told {
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
  readonly small: Uint8Array;
  /** Where in `small` each buffer ends. */
  readonly ends: Uint32Array;
  readonly large: readonly (readonly [index: number, buffer: Uint8Array])[];
  readonly stats: ArrayLike<number>;
}

/** An error, as far as it can be posted everywhere. */
export interface Failure {
  readonly message: string;
  /** Of a store. */
  readonly code: PortError['code'] | undefined;
  readonly goesOn: boolean;
  readonly name: string;
}
