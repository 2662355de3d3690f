/** What is wrong with a packet, read or to be written. */

/** MALFORMED_PACKET: the bytes cannot be parsed. PROTOCOL_ERROR: they say what they may not say (5.0, 4.13). */
export const MALFORMED_PACKET = 0x81;
export const PROTOCOL_ERROR = 0x82;
export const TOPIC_ALIAS_INVALID = 0x94;
export const PACKET_TOO_LARGE = 0x95;

/** A packet that breaks the specification, or one that cannot be written. */
export class PacketError extends Error {
  override readonly name = 'PacketError';
  /** The code to put in DISCONNECT (5.0, 4.13.1). */
  readonly reasonCode: number;

  constructor(message: string, reasonCode = MALFORMED_PACKET) {
    super(message);
    this.reasonCode = reasonCode;
  }
}

export function malformed(message: string): PacketError {
  return new PacketError(message);
}

export function protocolError(message: string): PacketError {
  return new PacketError(message, PROTOCOL_ERROR);
}
