/**
 * What was promised, what was said on the wires, and what the pages heard: from that what was lost, doubled or out of
 * order, and whose slip it is. It does not know who was killed.
 */

import { Wire } from './tap.mjs';

export class Ledger {
  /** Numbers that were stored, and those that the broker has acknowledged. @type {Set<number>} */
  promised = new Set();
  /** @type {Set<number>} */
  completed = new Set();
  /** Numbers in the order in which a client of another kind got them. @type {number[]} */
  seen = [];
  /** What each subscriber heard. */
  heard = { auto: /** @type {number[]} */ ([]), after: /** @type {number[]} */ ([]) };
  /** What was said on their wires. */
  wires = { publisher: new Wire(false, 5), auto: new Wire(true, 4), after: new Wire(true, 5) };
  /** Of slips, what was said on the wires. @type {string[]} */
  slips = [];
  /** The page asks for numbers, so that none is used twice. */
  #next = 0;

  /** @param {number} count @returns {number} the first of so many numbers that nobody else has */
  take(count) {
    this.#next += count;
    return this.#next - count;
  }

  /** Whether everything that was promised is complete. */
  get isSettled() {
    return [...this.promised].every(
      (number) => this.completed.has(number) || this.wires.publisher.answered.has(number),
    );
  }

  /**
   * From the page to the broker. Lost: promised, and the broker never answered it. Doubled: with QoS 2 begun anew, though the
   * broker had kept the session. The broker's own: answered, and never passed on, or passed on twice.
   */
  get published() {
    const { first, exchanges, answered, lost: sessions } = this.wires.publisher;
    const seen = new Set(this.seen);
    const lost = [...this.promised].filter((number) => !answered.has(number) && !seen.has(number)).length;
    const anew = [...exchanges].filter(([number, times]) => qosOf(number) === 2 && times > 1).length;
    const twice = this.seen.filter((number, at) => qosOf(number) === 2 && this.seen.indexOf(number) < at).length;
    const never = [...answered.keys()].filter((number) => number >= 0 && !seen.has(number)).length;
    return {
      messages: this.promised.size,
      lost,
      doubled: sessions > 0 ? 0 : anew,
      reordered: descents(first),
      again: 0,
      broker: never + twice,
    };
  }

  /**
   * From the broker to a page. Lost: acknowledged, and the handler never had it. Doubled: handled more often than the broker
   * began an exchange of QoS 2. Reordered: in another order than the broker sent them. The broker's own: passed on to a
   * client of another kind, and never sent to this one, or in more than one exchange.
   *
   * @param {'auto' | 'after'} who
   */
  subscribed(who) {
    const heard = this.heard[who];
    const { first, exchanges, answered } = this.wires[who];
    const set = new Set(heard);
    const lost = [...answered.keys()].filter((number) => number >= 0 && !set.has(number));
    for (const number of who === 'after' ? lost : []) {
      this.slips.push(`${who} has not heard ${number}: ${this.wires[who].history.get(number)?.join(', ')}`);
    }
    /** @type {Map<number, number>} */
    const times = new Map();
    for (const number of heard) {
      times.set(number, (times.get(number) ?? 0) + 1);
    }
    let again = 0;
    for (const [number, count] of times) {
      again += qosOf(number) === 2 ? Math.max(0, count - (exchanges.get(number) ?? 0)) : 0;
    }
    const begun = [...exchanges].filter(([number, count]) => qosOf(number) === 2 && count > 1).length;
    const missing = [...new Set(this.seen)].filter((number) => !set.has(number) && !answered.has(number)).length;
    const place = new Map(first.map((number, at) => [number, at]));
    const places = (/** @type {number} */ number) => place.get(number) ?? -1;
    // What is acknowledged after it was handled may be handled again; that is no slip.
    const after = who === 'after';
    return {
      messages: set.size,
      lost: lost.length,
      doubled: after ? 0 : again,
      // Of what the broker began twice it may be either that was handled first; and what it sent again in another order
      // was perhaps handled when it was first sent.
      reordered: descents(
        [...set].filter((number) => exchanges.get(number) === 1 && answered.has(number)),
        (number) => answered.get(number) ?? -1,
        (earlier, later) => places(earlier) < places(later),
        (...numbers) => {
          const history = numbers.map((number) => `${number} (${this.wires[who].history.get(number)?.join(', ')})`);
          this.slips.push(`${who} has heard ${history.join(' before ')}`);
        },
      ),
      again: after ? again : 0,
      broker: begun + missing + descents(first),
    };
  }
}

/** Even numbers are published with QoS 2, odd ones with QoS 1: those may come twice. @param {number} number */
export function qosOf(number) {
  return number % 2 === 0 ? 2 : 1;
}

/**
 * How often one comes before one that it should follow, among those of the same QoS.
 *
 * @param {readonly number[]} numbers
 * @param {(number: number) => number} place
 * @param {(earlier: number, later: number) => boolean} excused
 * @param {(earlier: number, later: number) => void} tell
 */
function descents(
  numbers,
  place = (number) => number,
  excused = (_earlier, _later) => false,
  tell = (_earlier, _later) => {},
) {
  const last = [-1, -1, -1];
  const greatest = [-1, -1, -1];
  let count = 0;
  for (const number of numbers) {
    const [qos, at] = [qosOf(number), place(number)];
    const before = greatest[qos] ?? -1;
    if (at >= (last[qos] ?? -1)) {
      last[qos] = at;
      greatest[qos] = number;
    } else if (!excused(before, number)) {
      count++;
      tell(before, number);
    }
  }
  return count;
}
