/** What can go wrong beside what the engine tells. It does not know what is made of it. */

export interface PortError extends Error {
  /**
   * `session-in-use`, `session-store`: of the store of a session. `unsupported`: there can be no worker. `connection-lost`: a
   * worker died, and another one takes its place. `load`: none does. `share-conflict`: pages that would share a connection
   * differ in their options.
   */
  readonly code: 'session-in-use' | 'session-store' | 'unsupported' | 'connection-lost' | 'load' | 'share-conflict';
  /** Nothing has to be done about it. */
  readonly goesOn: boolean;
}

/** Such an error; no class of its own, as what makes it and what reads it are loaded apart. */
export function portError(code: PortError['code'], message: string, cause?: unknown, goesOn = false): PortError {
  return Object.assign(new Error(message, { cause }), { code, goesOn });
}

export function isPortError(error: unknown): error is PortError {
  return typeof error === 'object' && error !== null && 'goesOn' in error;
}
