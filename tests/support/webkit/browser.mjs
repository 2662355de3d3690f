/**
 * A WebKit for a test file, with what the tests use of puppeteer's `Browser`. It does not know the tests.
 */

import { atEnd } from '../cleanup.mjs';
import { WebKitPage } from './page.mjs';
import { startDriver } from './programs.mjs';
import { Session } from './session.mjs';

/** @param {{ insecure: boolean }} options `insecure` certificates are good enough */
export async function startWebKit({ insecure }) {
  const { url, capabilities } = await startDriver();
  const session = new Session(url);
  await session.start({ ...capabilities, acceptInsecureCerts: insecure });
  // Its first window stays, as a browser without one ends.
  const first = await session.command('GET', '/window');
  atEnd(() => session.command('DELETE', '').catch(() => {}));
  return {
    /** In a window of its own, so that none of them is hidden. */
    async newPage() {
      const { handle } = await session.command('POST', '/window/new', { type: 'window' }, first);
      return new WebKitPage(session, handle);
    },
  };
}
