/** A Topic Name from its levels. */

import { isTopicName } from '../packets/topics.js';
import { TopicError } from './error.js';

/**
 * The Topic Name of these levels, each exactly one: a value from outside cannot add levels or wildcards, since MQTT has no
 * way to escape them (4.7.1).
 *
 * ```ts
 * join('devices', id, 'state'); // devices/7/state
 * ```
 *
 * @throws {TopicError} no level, one with `/`, `+`, `#` or U+0000, or more than 65,535 bytes in all
 */
export function join(...levels: readonly (string | number)[]): string {
  for (const level of levels) {
    checkLevel(level);
  }
  const topic = levels.join('/');
  if (!isTopicName(topic)) {
    throw new TopicError(topic === '' ? 'a Topic Name has one character at least' : 'the Topic Name is too long');
  }
  return topic;
}

/** @throws {TopicError} */
export function checkLevel(level: string | number): void {
  if (/[/+#\0]/.test(String(level))) {
    throw new TopicError('a level of a Topic Name holds no "/", "+", "#" or U+0000');
  }
}
