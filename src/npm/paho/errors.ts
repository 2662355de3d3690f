/**
 * Paho's errors: a number for callbacks, and texts that begin with it. What programs compare is as it was; the rest says what
 * went wrong here.
 */

import type { MqttError } from '../index.js';

export const OK = 0;
export const CONNECT_TIMEOUT = 1;
export const SUBSCRIBE_TIMEOUT = 2;
export const UNSUBSCRIBE_TIMEOUT = 3;
export const PING_TIMEOUT = 4;
export const INTERNAL_ERROR = 5;
export const CONNACK_RETURNCODE = 6;
export const SOCKET_ERROR = 7;
export const SOCKET_CLOSE = 8;
export const MALFORMED_UTF = 9;
export const UNSUPPORTED = 10;
export const INVALID_STATE = 11;
export const INVALID_TYPE = 12;
export const INVALID_ARGUMENT = 13;
export const UNSUPPORTED_OPERATION = 14;
export const MALFORMED_UNICODE = 17;
export const BUFFER_FULL = 18;

/** By their numbers; what is in braces is replaced, in its order. */
const TEXTS: Readonly<Record<number, string>> = {
  [OK]: 'AMQJSC0000I OK.',
  [CONNECT_TIMEOUT]: 'AMQJSC0001E Connect timed out.',
  [SUBSCRIBE_TIMEOUT]: 'AMQJS0002E Subscribe timed out.',
  [UNSUBSCRIBE_TIMEOUT]: 'AMQJS0003E Unsubscribe timed out.',
  [PING_TIMEOUT]: 'AMQJS0004E Ping timed out.',
  [INTERNAL_ERROR]: 'AMQJS0005E Internal error. {}',
  [CONNACK_RETURNCODE]: 'AMQJS0006E Bad Connack return code:{} {}.',
  [SOCKET_ERROR]: 'AMQJS0007E Socket error:{}.',
  [SOCKET_CLOSE]: 'AMQJS0008I Socket closed.',
  [MALFORMED_UTF]: 'AMQJS0009E Malformed UTF data: the payload is no text.',
  [UNSUPPORTED]: 'AMQJS0010E There is no {} here.',
  [INVALID_STATE]: 'AMQJS0011E Invalid state {}.',
  [INVALID_TYPE]: 'AMQJS0012E Invalid type {} for {}.',
  [INVALID_ARGUMENT]: 'AMQJS0013E Invalid argument {} for {}.',
  [UNSUPPORTED_OPERATION]: 'AMQJS0014E Unsupported operation: the property is read-only.',
  [MALFORMED_UNICODE]: 'AMQJS0017E Malformed Unicode string: it has half of a surrogate pair.',
  [BUFFER_FULL]: 'AMQJS0018E Message buffer is full, maximum buffer size: {}.',
};

export function textOf(code: number, ...values: readonly unknown[]): string {
  let next = 0;
  return (TEXTS[code] ?? '').replace(/\{\}/g, () => String(values[next++]));
}

export function failure(code: number, ...values: readonly unknown[]): Error {
  return new Error(textOf(code, ...values));
}

/** What a callback is told. */
export interface Reason {
  readonly errorCode: number;
  readonly errorMessage: string;
}

export function reason(code: number, ...values: readonly unknown[]): Reason {
  return { errorCode: code, errorMessage: textOf(code, ...values) };
}

/** Return codes of CONNACK (3.1.1, 3.2.2.3), by the reason codes of 5.0 that say the same. */
const RETURN_CODES: Readonly<Record<number, readonly [code: number, name: string]>> = {
  132: [1, 'Connection Refused: unacceptable protocol version'],
  133: [2, 'Connection Refused: identifier rejected'],
  136: [3, 'Connection Refused: server unavailable'],
  134: [4, 'Connection Refused: bad user name or password'],
  135: [5, 'Connection Refused: not authorized'],
};

/** The server did not take the identifier. */
export const REJECTED = 133;

export function refusal(reasonCode: number | undefined): Reason {
  const [code, name] = RETURN_CODES[reasonCode ?? 0] ?? [reasonCode, 'Connection Refused'];
  return reason(CONNACK_RETURNCODE, code, name);
}

/** Why an attempt failed, or a connection was lost. */
export function reasonOf(error: MqttError | undefined, connected: boolean): Reason {
  switch (error?.code) {
    case 'connect-timeout':
      return reason(CONNECT_TIMEOUT);
    case 'keep-alive':
      return reason(PING_TIMEOUT);
    case 'auth':
    case 'connection-refused':
      return refusal(error.reasonCode);
    case 'connection-lost':
    case 'disconnected':
    case 'taken-over':
      // Browsers say that opening failed by an error, and of a connection that it was closed.
      return connected || error.close?.wasClean ? reason(SOCKET_CLOSE) : reason(SOCKET_ERROR, ` ${error.message}`);
    default:
      return reason(INTERNAL_ERROR, `${error?.message ?? 'the client ended'}.`);
  }
}
