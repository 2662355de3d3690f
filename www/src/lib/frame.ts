/**
 * Puts work off to the next animation frame, once, however often it is asked for.
 * It does not know what the work is.
 */
export function onceAFrame(run: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      run();
    });
  };
}
