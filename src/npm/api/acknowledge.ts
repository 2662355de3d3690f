/**
 * Acknowledgement by the application: by hand, and when a handler is done. It does not know when an acknowledgement
 * leaves: the engine keeps their order.
 */

import { invalid, MqttError } from './errors.js';
import { ACK, read, Said } from './options.js';
import type { AckOptions, Message, ServerInfo } from './types.js';

/** Reason code of PUBACK for a message whose handler threw: an implementation specific error. */
const NOT_PROCESSED = 0x83;

/** The reason codes of PUBACK and PUBREC (5.0, 3.4.2.1). */
const REASONS: readonly number[] = [0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];

/** What an acknowledgement on that connection shall say. */
export function readAck(
  options: AckOptions | undefined,
  server: ServerInfo | undefined,
): { reasonCode: number; properties: Uint8Array | undefined } {
  const said = new Said();
  const { reasonCode = 0 } = read(options, ACK, said.take);
  const { properties } = said;
  if (server && server.protocol < 5 && (reasonCode !== 0 || properties)) {
    throw new MqttError('unsupported', 'MQTT 3.x acknowledges and says no more');
  }
  if (!REASONS.includes(reasonCode)) {
    throw invalid('a reason code that PUBACK does not have');
  }
  return { reasonCode, properties };
}

/** What the handler is done with is acknowledged; of what it threw at, the server is told so where it can be (`five`). */
export async function acknowledgeAfter(
  handler: (message: Message) => unknown,
  message: Message,
  ack: (options?: AckOptions) => boolean,
  five: () => boolean,
): Promise<void> {
  try {
    await handler(message);
  } catch (thrown) {
    ack(five() ? { reasonCode: NOT_PROCESSED } : undefined);
    throw thrown;
  }
  ack();
}
