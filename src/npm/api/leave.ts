/** The end of a page. It does not know what is done then. */

/**
 * Until the signal is aborted: `leaving` is called when the page goes, for good or to the back/forward cache, and `gone` when
 * it is for good and listeners of `pagehide` have had their say. `sockets`: the page has its own, which Firefox closes
 * before it tells a page that is replaced that it goes; there `beforeunload` is the last that it hears in time. `stays` is
 * called when that may have come to nothing.
 */
export function onLeave(
  signal: AbortSignal,
  sockets: boolean,
  leaving: () => void,
  stays: () => void,
  gone: () => void,
): void {
  const hide = ({ persisted }: PageTransitionEvent): void => {
    leaving();
    if (persisted) {
      return;
    }
    // A page that was seen is hidden after that (HTML, 7.4.2.4); one that was not is told nothing more.
    if (globalThis.document?.visibilityState === 'visible') {
      document.addEventListener('visibilitychange', gone, { once: true, signal });
    } else {
      gone();
    }
  };
  globalThis.addEventListener?.('pagehide', hide, { signal });
  const asked = (): void => {
    leaving();
    setTimeout(stays);
  };
  if (sockets) {
    globalThis.addEventListener?.('beforeunload', asked, { signal });
  }
}
