/**
 * mosquitto, the broker of the end-to-end tests, and openssl, which makes the certificates for its `wss:`. It does
 * not know how they are run.
 */

import { install } from './apt.mjs';
import { which } from './places.mjs';
import { SetupError } from './say.mjs';

export function findBroker() {
  return { mosquitto: which(process.env.MOSQUITTO) ?? which('mosquitto'), openssl: which('openssl') };
}

/**
 * @param {(line: string) => void} log
 * @param {{ certificates: boolean }} options
 */
export async function setUpBroker(log, { certificates }) {
  if (!findBroker().mosquitto) {
    if (await install(['mosquitto'], { log, what: 'the broker mosquitto', usually: '20 seconds' })) {
      log('  Where systemd runs, Debian starts it as a service, too; to end that: systemctl disable --now mosquitto');
    }
    if (!findBroker().mosquitto) {
      throw new SetupError(
        'mosquitto is missing and could not be had.',
        'Install it: apt-get install mosquitto, brew install mosquitto, or https://mosquitto.org/download.',
      );
    }
  }
  if (certificates && !findBroker().openssl) {
    await install(['openssl'], { log, what: 'openssl, for the test certificates', usually: '10 seconds' });
    if (!findBroker().openssl) {
      throw new SetupError('openssl is missing; the tests of wss: need it.', 'Install it: apt-get install openssl');
    }
  }
}
