/**
 * Does a topic pass what was typed into a filter box: an MQTT filter when it has a wildcard, else a piece of the name.
 * It does not know subscriptions: which message belongs to which is the client's business.
 */
export function topicPasses(filter: string, topic: string): boolean {
  if (filter === '') return true;
  if (!/[+#]/.test(filter)) return topic.toLowerCase().includes(filter.toLowerCase());
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= levels.length) return false;
    if (level !== '+' && level !== levels[index]) return false;
  }
  return wanted.length === levels.length;
}
