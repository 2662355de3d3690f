/**
 * The one error class of the package, and how the engine's errors become one.
 * It does not know which errors there are when: the engine decides that.
 */

import { explained } from '../packets/explained.js';
import type { UserProperties } from '../port/bytes.js';

/** By the numbers of the engine; the last ones are of this side. */
const CODES = [
  'invalid-argument',
  'unsupported',
  'too-large',
  'queue-full',
  'not-connected',
  'refused',
  'connection-refused',
  'auth',
  'connect-timeout',
  'keep-alive',
  'connection-lost',
  'disconnected',
  'taken-over',
  'protocol-error',
  'closed',
  'aborted',
  'timeout',
  'hung-up',
  'load',
  'listener',
  'session-store',
  'session-in-use',
  'share-conflict',
] as const satisfies readonly MqttErrorCode[];

/** By the numbers of the engine. */
const PHASES = ['idle', 'opening', 'connack', 'connected', 'closing', 'closed'] as const satisfies readonly MqttPhase[];

/**
 * What went wrong, in one word. `refused`: one request, by its acknowledgement; `hung-up`: one request, by ending each
 * connection on which it was sent (`close` or `reasonCode` say how); `connection-refused`: by CONNACK; `taken-over`: another client has the client identifier;
 * `load`: the WebAssembly could not be loaded; `listener`: code of the application threw, see `cause`; `session-store`: the
 * session could not be stored or read, see `cause`; `session-in-use`: another client of this origin has the stored session;
 * `share-conflict`: another page shares a connection of this name with other options; `invalid-payload`: a `PayloadError` of
 * `wasmqtt/payloads`.
 */
export type MqttErrorCode =
  | 'invalid-argument'
  | 'unsupported'
  | 'too-large'
  | 'queue-full'
  | 'not-connected'
  | 'refused'
  | 'connection-refused'
  | 'auth'
  | 'connect-timeout'
  | 'keep-alive'
  | 'connection-lost'
  | 'disconnected'
  | 'taken-over'
  | 'protocol-error'
  | 'closed'
  | 'aborted'
  | 'timeout'
  | 'hung-up'
  | 'load'
  | 'listener'
  | 'session-store'
  | 'session-in-use'
  | 'share-conflict'
  | 'invalid-payload';

/**
 * Where the connection stood when that went wrong. `idle`: none was wanted yet, or the next attempt was awaited; `opening`: the
 * WebSocket was being opened; `connack`: CONNECT was sent; `connected`: it was up; `closing`: what was queued was sent before
 * the end; `closed`: for good.
 */
export type MqttPhase = 'idle' | 'opening' | 'connack' | 'connected' | 'closing' | 'closed';

/** How a WebSocket ended. */
export interface CloseInfo {
  /** 1006 when there was no close frame. */
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** What is known besides code and message. */
export interface MqttErrorDetails {
  readonly reasonCode?: number | undefined;
  readonly reasonString?: string | undefined;
  readonly userProperties?: UserProperties | undefined;
  readonly close?: CloseInfo | undefined;
  readonly phase?: MqttPhase | undefined;
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

/** Every error of the package. It never holds a user name, a password or a payload. */
export class MqttError extends Error {
  override readonly name = 'MqttError';
  readonly code: MqttErrorCode;
  /** The page that explains the code. */
  readonly url: string;
  /** The server's reason code; for 3.x the one of 5.0 that says the same. */
  readonly reasonCode: number | undefined;
  /** The server's words (5.0). */
  readonly reasonString: string | undefined;
  /** The server's user properties (5.0). */
  readonly userProperties: UserProperties;
  /** How the WebSocket ended, if that is what went wrong. */
  readonly close: CloseInfo | undefined;
  readonly phase: MqttPhase;
  /** The same again may work. Of a lost connection: the client tries again by itself. */
  readonly retryable: boolean;

  constructor(code: MqttErrorCode, message: string, details: MqttErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.url = explained(code);
    this.reasonCode = details.reasonCode;
    this.reasonString = details.reasonString;
    this.userProperties = details.userProperties ?? [];
    this.close = details.close;
    this.phase = details.phase ?? 'idle';
    this.retryable = details.retryable ?? false;
  }

  /** For `JSON.stringify`: all but `stack`, and but for a `cause` that is no error of the package and may hold anything. */
  toJSON(): Record<string, unknown> {
    const { name, message, cause } = this;
    return { name, message, ...(this as object), cause: cause instanceof MqttError ? cause : undefined };
  }
}

/** @internal The error of that number, told by the engine. */
export function told(code: number, phase: number, message: string, details: MqttErrorDetails): MqttError {
  return new MqttError(CODES[code] ?? 'load', message, { ...details, phase: PHASES[phase] ?? 'idle' });
}

/**
 * @internal What was thrown, as an error of the package; `phase` is the number of where the connection stands, for one that
 * does not say where it stood.
 */
export function errorOf(thrown: unknown, phase = 0): MqttError {
  const error = thrown instanceof MqttError ? thrown : new MqttError('load', 'the engine failed', { cause: thrown });
  if (error.phase === 'idle') {
    (error as { phase: MqttPhase }).phase = PHASES[phase] ?? 'idle';
  }
  return error;
}

/** @internal */
export function invalid(message: string): MqttError {
  return new MqttError('invalid-argument', message);
}

/** @internal `cause` is what ended the client, if that was not the application. */
export function closed(cause?: MqttError): MqttError {
  return new MqttError('closed', 'the client is closed', { phase: 'closed', ...(cause && { cause }) });
}

/** @internal The application ended it: by closing the client, by a signal, by unsubscribing. */
export function isOwnEnd(error: unknown): boolean {
  return (
    error instanceof MqttError && (error.code === 'aborted' || (error.code === 'closed' && error.cause === undefined))
  );
}
