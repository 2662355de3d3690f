/** What is wrong with a payload. It does not know who found it out. */

import { explained } from '../packets/explained.js';

/** One thing that is wrong. */
export interface PayloadIssue {
  /** In the words of the schema, or of what decoded it: they may quote the payload. */
  readonly message: string;
  /** Where in the value; empty for all of it. */
  readonly path: readonly PropertyKey[];
}

/**
 * A payload that its codec cannot read, or whose value its schema refuses. Of one that was received it is given to `onInvalid`, or
 * is an `error` event of the client, and has what every error there has. Message and JSON hold nothing of the payload.
 */
export class PayloadError extends Error {
  override readonly name: string = 'PayloadError';
  readonly code = 'invalid-payload';
  /** The page that explains it. */
  readonly url: string = explained('invalid-payload');
  /** Whether it came, or was to be published. */
  readonly direction: 'received' | 'published';
  readonly topic: string;
  readonly phase = 'connected';
  readonly retryable = false;
  readonly userProperties: readonly [] = [];
  readonly #issues: readonly PayloadIssue[];

  constructor(direction: 'received' | 'published', topic: string, issues: readonly PayloadIssue[]) {
    const what = direction === 'received' ? 'what came on' : 'what is to be published to';
    super(`${what} "${topic}" is not valid: ${issues.length} ${issues.length === 1 ? 'issue' : 'issues'}`);
    this.direction = direction;
    this.topic = topic;
    this.#issues = issues;
  }

  /** What is wrong, for those who may see the payload: it is in no log of the error. */
  get issues(): readonly PayloadIssue[] {
    return this.#issues;
  }

  /** For `JSON.stringify`: all but `stack` and the issues. */
  toJSON(): Record<string, unknown> {
    const { name, message } = this;
    return { name, message, ...(this as object) };
  }
}
