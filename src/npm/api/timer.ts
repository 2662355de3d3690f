/** Time-outs as long as the application likes. It does not know what for. */

/** Greatest delay of `setTimeout`; more would fire at once. */
const LONGEST = 2 ** 31 - 1;

/** Calls `act` after that many milliseconds, for `Infinity` never; the function that is returned prevents that. */
export function after(milliseconds: number, act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let left = milliseconds;
  const wait = (): void => {
    const delay = Math.min(left, LONGEST);
    left -= delay;
    timer = setTimeout(left > 0 ? wait : act, delay);
  };
  if (left < Number.POSITIVE_INFINITY) {
    wait();
  }
  return () => clearTimeout(timer);
}
