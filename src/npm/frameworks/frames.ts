/**
 * When views are told of what is new: at most once a frame, all of them together. It does not know what is shown.
 */

/** Something that is shown. What a view reads of it changes in `take` alone, so that all views of a frame agree. */
export abstract class Cell {
  readonly #listeners = new Set<{ readonly told: () => void }>();

  /** `told` is called after each frame in which something changed, until the function that is returned is. */
  listen(told: () => void): () => void {
    const listener = { told };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Makes what has come since the last frame what is read. False when there is nothing new to see. */
  abstract take(): boolean;

  tell(): void {
    for (const listener of [...this.#listeners]) {
      guarded(listener.told);
    }
  }

  /** Something has come. */
  protected changed(): void {
    due.add(this);
    if (!waiting) {
      waiting = wait();
    }
  }
}

/** Has the views of a frame told inside `batch`, for a framework that would draw after each. */
export function tellWithin(batch: (tell: () => void) => void): void {
  within = batch;
}

/** Runs code of the application; what it throws is reported as an exception of a listener is. */
export function guarded<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (thrown) {
    (globalThis.reportError ?? console.error)(thrown);
    return undefined;
  }
}

/**
 * Milliseconds at most. A page that is hidden has no frames, and a frame that is out of sight may have none; timers there
 * fire once a second at best.
 */
const WITHOUT_FRAMES = 1000;

/** Milliseconds, where nothing is drawn at all. */
const NO_SCREEN = 16;

const due = new Set<Cell>();
let waiting: (() => void) | undefined;
let within = (tell: () => void): void => tell();

/** Waits for the next frame; the function that is returned ends that. */
function wait(): () => void {
  const page: Document | undefined = globalThis.document;
  const draws = typeof requestAnimationFrame === 'function';
  const hidden = page?.visibilityState === 'hidden';
  const frame = draws && !hidden ? requestAnimationFrame(run) : undefined;
  const timer = setTimeout(run, draws || hidden ? WITHOUT_FRAMES : NO_SCREEN);
  const shown = (): void => {
    waiting?.();
    waiting = wait();
  };
  if (hidden) {
    page?.addEventListener('visibilitychange', shown);
  }
  return () => {
    clearTimeout(timer);
    page?.removeEventListener('visibilitychange', shown);
    if (frame !== undefined) {
      cancelAnimationFrame(frame);
    }
  };
}

function run(): void {
  waiting?.();
  waiting = undefined;
  const cells = [...due];
  due.clear();
  // First all of them change, then any is told.
  const changed = cells.filter((cell) => cell.take());
  within(() => {
    for (const cell of changed) {
      cell.tell();
    }
  });
}
