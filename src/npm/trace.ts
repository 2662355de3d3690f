/**
 * `wasmqtt/trace`: what a client sends and receives, recorded and measured. What is recorded can be read, stored as JSON, and
 * opened in Wireshark.
 */

export type { Entry, EventEntry, PacketEntry } from './trace/entry.js';
export type { RecordingData } from './trace/json.js';
export { type Measures, type Meter, measure, type Quantiles } from './trace/meter.js';
export { type Recorder, type RecordOptions, record } from './trace/recorder.js';
export { Recording } from './trace/recording.js';
