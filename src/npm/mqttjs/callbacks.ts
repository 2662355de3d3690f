/** How it is told what became of something, in MQTT.js's words. Types alone. */

import type { ErrorWithReasonCode } from './errors.js';
import type { Packet } from './packet-types.js';

export type DoneCallback = (error?: Error) => void;
// biome-ignore lint/suspicious/noExplicitAny: what it returns is of no interest.
export type PacketCallback = (error?: Error | ErrorWithReasonCode, packet?: Packet) => any;
