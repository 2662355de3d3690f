/** What follows from a seed: the same each time. It does not know what is decided by it. */

export class Chance {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** @param {number} least @param {number} most */
  within(least, most) {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return least + Math.floor((this.#state / 2 ** 32) * (most - least + 1));
  }

  /**
   * One of them, each as often as its weight says beside the others.
   *
   * @template {string} Kind
   * @param {readonly Kind[]} kinds
   * @param {Readonly<Record<Kind, number>>} weights
   * @returns {Kind}
   */
  pick(kinds, weights) {
    let at = this.within(0, kinds.reduce((sum, kind) => sum + weights[kind], 0) - 1);
    for (const kind of kinds) {
      at -= weights[kind];
      if (at < 0) {
        return kind;
      }
    }
    throw new Error('there is nothing to pick');
  }
}
