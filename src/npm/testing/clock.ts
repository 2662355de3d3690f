/** Time as `setTimeout` and `Date` tell it when they are asked: fake timers of a test govern it. It does not know MQTT. */

/** The longest delay that `setTimeout` takes. */
const LONGEST = 2 ** 31 - 1;

/** One alarm at a time. */
export class Alarm {
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Replaces what was set before.
   *
   * @param ms however many; `Infinity` is never
   * @param quiet a process of Node may end before it
   */
  set(ms: number, ring: () => void, quiet = false): void {
    this.clear();
    if (ms === Number.POSITIVE_INFINITY) {
      return;
    }
    const now = Math.min(ms, LONGEST);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (ms > now) {
        this.set(ms - now, ring, quiet);
      } else {
        ring();
      }
    }, now);
    if (quiet) {
      (this.#timer as { unref?: () => void }).unref?.();
    }
  }

  clear(): void {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }
}

/** Calls that are due later, which can be called off together. */
export class Later {
  readonly #alarms = new Set<Alarm>();

  do(ms: number, run: () => void): void {
    const alarm = new Alarm();
    this.#alarms.add(alarm);
    alarm.set(ms, () => {
      this.#alarms.delete(alarm);
      run();
    });
  }

  clear(): void {
    for (const alarm of this.#alarms) {
      alarm.clear();
    }
    this.#alarms.clear();
  }
}
