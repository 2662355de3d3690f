/** Topic Names and Topic Filters (4.7, 4.8.2): what is one, and how one matches the other. */

/** Whether the text is a Topic Name: no wildcard. */
export function isTopicName(text: string): boolean {
  return text !== '' && !/[+#\0]/.test(text) && isShort(text);
}

/** Whether the text is a Topic Filter, `$share/name/filter` included. */
export function isTopicFilter(text: string): boolean {
  if (text === '' || text.includes('\0') || !isShort(text)) {
    return false;
  }
  const share = sharedFilter(text);
  if ((share || text === '$share') && !(share?.name && !/[+#]/.test(share.name) && share.filter)) {
    return false;
  }
  const levels = (share?.filter ?? text).split('/');
  return levels.every((level, index) =>
    level.length < 2 ? level !== '#' || index === levels.length - 1 : !/[+#]/.test(level),
  );
}

/** The two parts of a shared subscription; `undefined` for any other. */
export function sharedFilter(text: string): { name: string; filter: string } | undefined {
  const [first, name = '', ...rest] = text.split('/');
  return first === '$share' && text !== first ? { name, filter: rest.join('/') } : undefined;
}

/**
 * Whether a message with this topic belongs to the filter, without `$share`. A wildcard in the first level does not match
 * a topic of `$` [MQTT-4.7.2-1].
 */
export function matches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) {
    return false;
  }
  const levels = topic.split('/');
  const wanted = filter.split('/');
  const open = wanted.at(-1) === '#';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  return (
    (open ? levels.length >= fixed.length : levels.length === fixed.length) &&
    fixed.every((level, index) => level === '+' || level === levels[index])
  );
}

/** At most 65 535 bytes of UTF-8, of which a unit of the text takes three at most. */
function isShort(text: string): boolean {
  return text.length <= 21_845 || new TextEncoder().encode(text).length <= 0xffff;
}
