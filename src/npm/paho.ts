/**
 * Paho's names on this client, for programs that were written for it: `Client` and `Message` of 1.1, and under `MQTT` of 1.0.
 * What differs is in `docs/from-paho.md`.
 */

import * as Paho from './paho/names.js';

export * from './paho/names.js';
// biome-ignore lint/style/noDefaultExport: programs import it by default, as that of Paho.
export { Paho, Paho as default };
