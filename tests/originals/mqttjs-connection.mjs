/** A server's connection, as the suite takes it of `mqtt-connection`, whose listeners run for the case that runs. */

import Connection from 'mqtt-connection';
import { inCase } from './mqttjs-cases.mjs';

// biome-ignore lint/style/noDefaultExport: the suite imports it so.
export default class extends Connection {
  /** @param {unknown[]} event @returns {any} */
  emit(...event) {
    return inCase(() => super.emit(...event));
  }
}
