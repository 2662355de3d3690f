/**
 * WebKit as programs: a display that nobody sees, WebKitGTK's driver, and the browser that it starts.
 * It does not know the protocol of the driver.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findWebKit } from '../../../scripts/setup/webkit.mjs';
import { owned } from '../children.mjs';
import { atEnd } from '../cleanup.mjs';
import { freePorts, HOST } from '../net.mjs';

/** Starts the driver, and gives its address and the capabilities that a session asks for. */
export async function startDriver() {
  const { display: xvfb, driver, browser } = findWebKit();
  if (!xvfb || !driver || !browser) {
    throw new Error('WebKitGTK was not found: npm run e2e -- --browser webkit installs it');
  }
  const screen = spawn(xvfb, ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  end(screen);
  const display = await new Promise((resolve, reject) => {
    screen.stdio[3]?.once('data', (data) => resolve(`:${String(data).trim()}`));
    screen.once('exit', () => reject(new Error('Xvfb has ended')));
  });

  const [port = 0] = await freePorts(1);
  const child = spawn(driver, [`--port=${port}`, `--host=${HOST}`], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {
      ...process.env,
      DISPLAY: display,
      GDK_BACKEND: 'x11',
      // It opens pages of the tests only, and can't be a sandbox for root.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
    },
  });
  end(child);
  return {
    url: `http://${HOST}:${port}`,
    capabilities: {
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] },
    },
  };
}

/** @param {import('node:child_process').ChildProcess} child */
function end(child) {
  owned(child);
  atEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    }
  });
}
