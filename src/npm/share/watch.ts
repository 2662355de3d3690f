/** What becomes of the page: seen, left, frozen, back. It does not know what is done then. */

export interface Watched {
  /** It is looked at again. */
  seen(): void;
  /** It goes to the back/forward cache, or is frozen: nothing of it runs until it returns. */
  leaves(): void;
  returns(): void;
}

export class Watch {
  readonly #life = new AbortController();

  constructor({ seen, leaves, returns }: Watched) {
    const { signal } = this.#life;
    const page: { addEventListener?: typeof addEventListener } = globalThis;
    const { document } = globalThis;
    page.addEventListener?.('pagehide', (event) => event.persisted && leaves(), { signal });
    page.addEventListener?.('pageshow', (event) => event.persisted && returns(), { signal });
    document?.addEventListener('freeze', () => leaves(), { signal });
    document?.addEventListener('resume', () => returns(), { signal });
    document?.addEventListener('visibilitychange', () => document.hidden || seen(), { signal });
  }

  end(): void {
    this.#life.abort();
  }
}
