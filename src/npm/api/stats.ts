/** The counters of a client, read from the row of numbers that the engine gives. It does not know what they count. */

import type { Stats } from './types.js';

/** The fields in the order of the row; `NaN` stands for undefined. */
export function readStats(row: ArrayLike<number>): Stats {
  const at = (index: number): number => row[index] ?? 0;
  const time = (index: number): number | undefined => (at(index) > -1 && row.length > 0 ? at(index) : undefined);
  return {
    bytesSent: at(0),
    bytesReceived: at(1),
    packetsSent: at(2),
    packetsReceived: at(3),
    messagesSent: at(4),
    messagesReceived: at(5),
    queued: at(6),
    queuedBytes: at(7),
    inFlight: at(8),
    connections: at(9),
    roundTrip: time(10),
    bufferedAmount: at(11),
    messagesDropped: at(12),
    idleTimeout: time(14),
  };
}
