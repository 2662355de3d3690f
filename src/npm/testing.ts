/**
 * An MQTT broker in memory, for tests of an application without a network: `connect(broker.url, broker.options)`. It
 * needs no client of this package: whatever takes a WebSocket will do.
 */

import { Broker } from './testing/broker.js';
import type { BrokerOptions } from './testing/types.js';

export type { ProtocolVersion, QoS, UserProperties } from './api/types.js';
export type * from './packets/types.js';
export type { Answer, Broker, PatienceOptions } from './testing/broker.js';
export type * from './testing/types.js';

/**
 * A broker, running at once. `close` it when the test is done.
 *
 * @throws {TypeError} an option is unknown or wrong
 */
export function createBroker(options: BrokerOptions = {}): Broker {
  return new Broker(options);
}
