/** `wasmqtt/topics`: what applications do with Topic Names and Topic Filters (4.7), without a client. */

import { matches as matchesFilter, sharedFilter } from './packets/topics.js';

export { isTopicFilter, isTopicName } from './packets/topics.js';
export { TopicError } from './topics/error.js';
export { join } from './topics/join.js';
export { fill, filterOf, type Params, params, type Template, template, type Values } from './topics/template.js';

/**
 * Whether a message with this topic belongs to the filter; to `$share/name/filter` where it belongs to that filter (4.8.2).
 * A wildcard in the first level does not match a topic of `$`, as `$SYS/…` (4.7.2). What is no Topic Filter matches nothing
 * that it does not say letter by letter.
 *
 * ```ts
 * matches('devices/+/state', 'devices/7/state'); // true
 * ```
 */
export function matches(filter: string, topic: string): boolean {
  return matchesFilter(sharedFilter(filter)?.filter ?? filter, topic);
}
