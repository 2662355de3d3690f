/**
 * Acknowledgement by the application: by hand, and when a handler is done. It does not know when an acknowledgement
 * leaves: the engine keeps their order.
 */

import { errorOf } from './errors.js';
import type { Engine } from './generated/wasmqtt.js';
import { ACK, read } from './options.js';
import { snapshot } from './payload.js';
import type { AckOptions, Message } from './types.js';

/** Reason code of PUBACK for a message whose handler threw: an implementation specific error. */
const NOT_PROCESSED = 0x83;

/** False when the message does not wait for it any more. */
export function acknowledge(engine: Engine | undefined, delivery: number, options: AckOptions | undefined): boolean {
  const { reasonCode = 0, ...said } = read(options, ACK);
  try {
    return engine?.acknowledge(delivery, reasonCode, snapshot(said)) ?? false;
  } catch (thrown) {
    throw errorOf(thrown);
  }
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
