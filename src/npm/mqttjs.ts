/**
 * The client in MQTT.js's words, for programs that import it in place of `mqtt`. What differs is in
 * `docs/from-mqttjs.md`.
 */

import * as mqtt from './mqttjs/exports.js';

export * from './mqttjs/exports.js';
// biome-ignore lint/style/noDefaultExport: programs for MQTT.js import it so.
export default mqtt;
