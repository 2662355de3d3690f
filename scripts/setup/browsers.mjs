/**
 * The browsers of the tests and the programs that drive them: Chromium, which must be there, and Firefox, which may.
 * It does not know what runs in them.
 */

import { canInstall, install } from './apt.mjs';
import { findTool, geckodriver, setUpTool } from './cargo-tools.mjs';
import { which } from './places.mjs';
import { SetupError } from './say.mjs';

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FIREFOX = ['firefox', 'firefox-esr'];

export function findBrowsers() {
  const first = (/** @type {(string | undefined)[]} */ names) => names.map((name) => which(name)).find(Boolean);
  const folder = findTool(geckodriver);
  return {
    chromium: first([process.env.CHROME, ...CHROMIUM]),
    chromedriver: first([process.env.CHROMEDRIVER, 'chromedriver']),
    firefox: first([process.env.FIREFOX, ...FIREFOX]),
    geckodriver: first([process.env.GECKODRIVER]) ?? (folder && which(geckodriver.programs[0], [folder])),
  };
}

/**
 * @param {(line: string) => void} log
 */
export async function setUpBrowsers(log) {
  await setUpChromium(log);
  await setUpFirefox(log);
}

/**
 * @param {(line: string) => void} log
 */
async function setUpChromium(log) {
  const before = findBrowsers();
  const packages = [...(before.chromium ? [] : ['chromium']), ...(before.chromedriver ? [] : ['chromium-driver'])];
  if (packages.length === 0) {
    return;
  }
  await install(packages, { log, what: 'Chromium and its driver', usually: '1 minute' });
  const { chromium, chromedriver } = findBrowsers();
  if (!chromium) {
    throw new SetupError(
      'Chromium is missing; the tests run in it.',
      'Install Chromium or Chrome; if it is in an unusual place, set CHROME to its path.',
    );
  }
  if (!chromedriver) {
    throw new SetupError(
      'chromedriver is missing; the tests in WebAssembly are started by it.',
      "Install the one of your Chromium's version; if it is in an unusual place, set CHROMEDRIVER to its path.",
    );
  }
}

/**
 * @param {(line: string) => void} log
 */
async function setUpFirefox(log) {
  if (!findBrowsers().firefox && canInstall()) {
    await install(['firefox-esr'], { log, what: 'Firefox', usually: '1 minute' });
  }
  if (!findBrowsers().firefox) {
    log('Firefox is not there and could not be had: the tests go on without it.');
    return;
  }
  try {
    if (!findBrowsers().geckodriver) {
      await setUpTool(geckodriver, log);
    }
  } catch (error) {
    if (!(error instanceof SetupError)) {
      throw error;
    }
    log(`${error.message}\nThe tests go on without Firefox.`);
  }
}
