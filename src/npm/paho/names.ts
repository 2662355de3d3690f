/** All names, as of Paho 1.1 and, under `MQTT`, as of 1.0. */

export * from './main.js';
export * as MQTT from './main.js';
