/** What is told when something did not work, in MQTT.js's words. */

import type { MqttError } from '../api/errors.js';
import type { ISubackPacket } from './packet-types.js';

/** By reason code (5.0, 2.4), and by the return code of a CONNACK of 3.x. */
export const ReasonCodes: Readonly<Record<number, string>> = {
  0: '',
  1: 'Unacceptable protocol version',
  2: 'Identifier rejected',
  3: 'Server unavailable',
  4: 'Bad username or password',
  5: 'Not authorized',
  16: 'No matching subscribers',
  17: 'No subscription existed',
  128: 'Unspecified error',
  129: 'Malformed Packet',
  130: 'Protocol Error',
  131: 'Implementation specific error',
  132: 'Unsupported Protocol Version',
  133: 'Client Identifier not valid',
  134: 'Bad User Name or Password',
  135: 'Not authorized',
  136: 'Server unavailable',
  137: 'Server busy',
  138: 'Banned',
  139: 'Server shutting down',
  140: 'Bad authentication method',
  141: 'Keep Alive timeout',
  142: 'Session taken over',
  143: 'Topic Filter invalid',
  144: 'Topic Name invalid',
  145: 'Packet identifier in use',
  146: 'Packet Identifier not found',
  147: 'Receive Maximum exceeded',
  148: 'Topic Alias invalid',
  149: 'Packet too large',
  150: 'Message rate too high',
  151: 'Quota exceeded',
  152: 'Administrative action',
  153: 'Payload format invalid',
  154: 'Retain not supported',
  155: 'QoS not supported',
  156: 'Use another server',
  157: 'Server moved',
  158: 'Shared Subscriptions not supported',
  159: 'Connection rate exceeded',
  160: 'Maximum connect time',
  161: 'Subscription Identifiers not supported',
  162: 'Wildcard Subscriptions not supported',
};

/** The server's reason code is the `code`. */
export class ErrorWithReasonCode extends Error {
  code: number;

  constructor(message: string, code: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** A refused SUBSCRIBE, with its answer. */
export class ErrorWithSubackPacket extends Error {
  packet: ISubackPacket;

  constructor(message: string, packet: ISubackPacket) {
    super(message);
    this.packet = packet;
  }
}

/** The return code of 3.x that says what that reason code says. */
const RETURN_CODES: Readonly<Record<number, number>> = { 132: 1, 133: 2, 136: 3, 134: 4, 135: 5 };

/** What a connection that failed is an `error` event of; none where `close` says it all. */
export function errorOfConnection(error: MqttError, version: number): Error | undefined {
  const { code, reasonCode } = error;
  switch (code) {
    case 'connection-refused':
    case 'auth': {
      if (reasonCode === undefined) {
        return error;
      }
      const said = version < 5 ? (RETURN_CODES[reasonCode] ?? reasonCode) : reasonCode;
      return new ErrorWithReasonCode(`Connection refused: ${ReasonCodes[said] ?? error.message}`, said, error);
    }
    case 'connect-timeout':
      return new Error('connack timeout', { cause: error });
    case 'keep-alive':
      return new Error('Keepalive timeout', { cause: error });
    case 'protocol-error':
      return protocolError(error);
    case 'connection-lost':
    case 'disconnected':
    case 'aborted':
    case 'closed':
      return undefined;
    default:
      return error;
  }
}

/** The server broke the specification. */
function protocolError(error: MqttError): Error {
  const { reasonCode, phase, message } = error;
  if (reasonCode === 149) {
    return new Error(`exceeding packets size ${phase === 'connack' ? 'connack' : 'publish'}`, { cause: error });
  }
  if (reasonCode === 148) {
    return new Error('Received Topic Alias is out of range', { cause: error });
  }
  if (reasonCode === 130 && message.startsWith('a Topic Alias that stands for nothing')) {
    return new Error('Received unregistered Topic Alias', { cause: error });
  }
  return error;
}

/** Of a publish. */
export function errorOfPublish(error: MqttError): Error {
  if (error.code === 'refused' && error.reasonCode !== undefined) {
    return new ErrorWithReasonCode(`Publish error: ${ReasonCodes[error.reasonCode]}`, error.reasonCode, error);
  }
  return error.code === 'closed' ? new Error('Connection closed', { cause: error }) : error;
}
