/** What the suite takes of MQTT.js: the package, whose clients end with the case that made them. */

import mqtt, { MqttClient } from '../../dist/mqttjs.js';
import { afterCase } from './mqttjs-cases.mjs';

const { connect } = MqttClient.prototype;
/** @type {WeakSet<MqttClient>} */
const seen = new WeakSet();

MqttClient.prototype.connect = function () {
  if (!seen.has(this)) {
    seen.add(this);
    afterCase('clients', () => {
      if (!this.disconnected) {
        const ended = new Promise((resolve) => this.once('end', () => resolve(undefined)));
        this.end(true);
        return ended;
      }
    });
  }
  return connect.call(this);
};

export * from '../../dist/mqttjs.js';
// biome-ignore lint/style/noDefaultExport: the suite imports it so.
export default mqtt;
