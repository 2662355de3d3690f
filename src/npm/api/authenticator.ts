/**
 * Runs the application's mechanism of enhanced authentication and hands its answers to the engine. It does not know
 * when they are sent: the engine says what is asked for.
 */

import { AUTHENTICATION, EXPIRES, type Port, REFUSE_AUTHENTICATION } from '../port/port.js';
import type { Authentication, AuthenticationAnswer } from './connection.js';
import { errorOf, invalid, MqttError } from './errors.js';
import type { Link } from './link.js';
import { bytesOf, isPayload } from './payload.js';

export class Authenticator {
  mechanism: Authentication | undefined;
  readonly #link: Link;
  readonly #report: (error: MqttError) => void;
  readonly #distrust: (error: MqttError) => void;
  #asking: AbortController | undefined;

  /** `distrust` ends a client whose server did not prove what the application wants proven. */
  constructor(link: Link, report: (error: MqttError) => void, distrust: (error: MqttError) => void) {
    this.#link = link;
    this.#report = report;
    this.#distrust = distrust;
  }

  /** 0: begin; 1: begin again on a connection that stands; 2: the server's challenge; 3: its last data. */
  step(number: number, data: Uint8Array): void {
    this.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const { signal } = asking;
    const call = async (): Promise<AuthenticationAnswer> => {
      switch (number) {
        case 2:
          return this.mechanism?.challenge(data, { signal });
        case 3:
          await this.mechanism?.success?.(data);
          return undefined;
        default:
          return this.mechanism?.start?.({ again: number === 1, signal });
      }
    };
    call().then(
      (answer) => number < 3 && this.#answer(asking, answer),
      (cause) => this.#fail(asking, number === 3, cause),
    );
  }

  /** Nobody waits for the answer any more. */
  abort(): void {
    this.#asking?.abort();
    this.#asking = undefined;
  }

  #answer(asking: AbortController, answer: AuthenticationAnswer): void {
    const { port } = this.#link;
    if (!port || this.#asking !== asking) {
      return;
    }
    try {
      const plain = isPayload(answer);
      const { data, expiresAt } = plain ? { data: answer } : (answer ?? {});
      const bytes = data === undefined ? undefined : bytesOf(data, 'the authentication data');
      const left = lifetime(expiresAt);
      this.#asking = undefined;
      port.send(AUTHENTICATION, 0, +(bytes !== undefined), 0, '', bytes);
      expire(port, left);
    } catch (thrown) {
      this.#asking = asking;
      this.#fail(asking, false, thrown, errorOf(thrown));
    }
  }

  /** `wrong` is the error where the function gave what cannot be. */
  #fail(asking: AbortController, last: boolean, cause: unknown, wrong?: MqttError): void {
    const { port } = this.#link;
    if (!port || this.#asking !== asking) {
      return;
    }
    this.#asking = undefined;
    const text = last ? 'the server was not trusted' : 'the authentication function failed';
    const error = wrong ?? new MqttError('auth', text, { cause });
    this.#report(error);
    if (last) {
      this.#distrust(error);
    } else {
      port.send(REFUSE_AUTHENTICATION);
    }
  }
}

/** Milliseconds until then. */
export function lifetime(expiresAt: number | Date | undefined): number {
  const date: Date | undefined = typeof expiresAt === 'object' ? expiresAt : undefined;
  const time = expiresAt === undefined ? Number.POSITIVE_INFINITY : (date?.getTime?.() ?? expiresAt);
  if (typeof time !== 'number' || Number.isNaN(time)) {
    throw invalid('"expiresAt" must be a date, or milliseconds since 1970');
  }
  return time - Date.now();
}

/** Tells the engine when what was given expires. */
export function expire(port: Port, left: number): void {
  if (left < Number.POSITIVE_INFINITY) {
    port.send(EXPIRES, 0, Math.max(left, 0));
  }
}
