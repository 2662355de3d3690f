/** Whether a filter may be. */

/** False for one that has `#` elsewhere than as its last level, or a wildcard beside other letters. */
export function validateTopic(topic: string): boolean {
  const levels = topic.split('/');
  return levels.every((level, at) => level === '+' || (level === '#' ? at === levels.length - 1 : !/[+#]/.test(level)));
}

/** The first that may not be; `empty_topic_list` of none; null where all are right. */
export function validateTopics(topics: string[]): string | null {
  return topics.length === 0 ? 'empty_topic_list' : (topics.find((topic) => !validateTopic(topic)) ?? null);
}
