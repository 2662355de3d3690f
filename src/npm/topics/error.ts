/** What is no Topic Name, no Topic Filter, or no template of one. */
export class TopicError extends TypeError {
  override readonly name = 'TopicError';
  readonly code = 'invalid-topic';
}
