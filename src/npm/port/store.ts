/** Where a session is stored, as the engine's side sees it. It does not know what the records are. */

/** Where sessions are kept: `"indexeddb"`, or an object of the application's. */
export interface SessionStore {
  /** Opens the session of that name, for one owner: the records that there are, and a way to change them. */
  open(name: string): Promise<SessionRecords>;
}

/** The records of one session: numbers, which are integers below 2^53, and bytes. */
export interface SessionRecords {
  /** All of them. */
  read(): Promise<readonly (readonly [key: number, value: Uint8Array])[]>;
  /**
   * Makes all of these changes or none, after those before; `undefined` removes a record, which may not be there.
   * Resolves when they will outlive the page.
   */
  write(changes: readonly SessionChange[]): Promise<void>;
  /** Removes all records. */
  clear(): Promise<void>;
  /** Nothing more is asked. */
  close(): void | Promise<void>;
}

export type SessionChange = readonly [key: number, value: Uint8Array | undefined];

/** What is to be stored, and how. */
export interface SessionSetup {
  readonly store: 'indexeddb' | SessionStore;
  readonly name: string;
  /** The application's; each of several clients has its own. */
  readonly clientId: string;
  readonly strict: boolean;
  readonly inUse: 'fail' | 'wait' | 'separate';
  /** Whether a store that fails ends the client. */
  readonly stops: boolean;
  /** Whether the browser is asked to keep the storage of the origin. */
  readonly persistent: boolean;
  /** Nobody else can have it, and nobody is asked. */
  readonly alone?: boolean;
  /** Who publishes may outlive the engine: what is complete is kept until that has been told. */
  readonly shared?: boolean;
  /** The client of the Web Locks that had it, and does not answer. */
  readonly from?: string | undefined;
  /** Is given each socket before anything is heard of it. */
  readonly watch?: (socket: WebSocket) => void;
  /** The client has ended. */
  readonly ended: AbortSignal;
}
