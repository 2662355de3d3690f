/** What the error of a failed attempt to connect says for nothing, and where more is told. It does not try anything. */

import { MqttError } from './errors.js';

/** That error with the cause that is likely by what a page knows, and with who finds out more. */
export function hinted(error: MqttError, urls: readonly string[]): MqttError {
  const { code, phase, message } = error;
  if (!/^(connection-lost|connect-timeout)$/.test(code) || !/^(opening|connack)$/.test(phase)) {
    return error;
  }
  const cause =
    globalThis.navigator?.onLine === false
      ? ' (the browser is offline)'
      : /:[18]883\//.test(urls.join())
        ? ' (1883 and 8883 are the ports of MQTT over TCP)'
        : '';
  return new MqttError(code, `${message}${cause}: wasmqtt/doctor tells why`, error);
}
