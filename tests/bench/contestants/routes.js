/**
 * A handler a filter, for what has one handler for all messages: what an application of such a client writes itself.
 * Filters with wildcards are found by trying them once a topic.
 */
export class Routes {
  #handlers = new Map();
  #patterns = [];
  #found = new Map();

  add(filter, handler) {
    this.#found.clear();
    if (/[+#]/.test(filter)) {
      const levels = filter.split('/').map((level) => (level === '+' ? '[^/]*' : level.replaceAll('.', '\\.')));
      this.#patterns.push([new RegExp(`^${levels.join('/').replace(/\/?#$/, '(/.*)?')}$`), handler]);
    } else {
      this.#handlers.set(filter, handler);
    }
  }

  dispatch(topic, payload) {
    let handler = this.#found.get(topic);
    if (handler === undefined) {
      handler = this.#handlers.get(topic) ?? this.#patterns.find(([pattern]) => pattern.test(topic))?.[1];
      this.#found.set(topic, handler);
    }
    handler?.(topic, payload);
  }
}
