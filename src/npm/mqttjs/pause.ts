/** The pause before the next attempt, which ends at once when the network is back. It does not know who makes it. */

export class Pause {
  timer: ReturnType<typeof setTimeout> | null = null;
  readonly #run: () => void;

  constructor(run: () => void) {
    this.#run = run;
  }

  begin(milliseconds: number): void {
    this.timer = setTimeout(this.#due, milliseconds);
    globalThis.addEventListener?.('online', this.#due);
  }

  end(): void {
    clearTimeout(this.timer ?? undefined);
    this.timer = null;
    globalThis.removeEventListener?.('online', this.#due);
  }

  readonly #due = (): void => {
    this.end();
    this.#run();
  };
}
