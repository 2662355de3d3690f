/** The error of what is wrong with a topic. */

import { explained } from '../packets/explained.js';

/** What is no Topic Name, no Topic Filter, or no template of one. */
export class TopicError extends TypeError {
  override readonly name = 'TopicError';
  readonly code = 'invalid-topic';
  /** The page that explains it. */
  readonly url: string = explained('invalid-topic');
}
