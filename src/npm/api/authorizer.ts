/**
 * Asks the application's `auth` function before a CONNECT and hands the answer to the engine. It does not know when
 * to ask: the engine says so.
 */

import { CREDENTIALS, type Port, REFUSE_CREDENTIALS } from '../port/port.js';
import { expire, lifetime } from './authenticator.js';
import type { AuthContext, ConnectOptions, Credentials } from './connection.js';
import { errorOf, MqttError } from './errors.js';
import type { Link } from './link.js';
import { bytesOf, textOf } from './payload.js';

export class Authorizer {
  auth: ConnectOptions['auth'];
  readonly #link: Link;
  readonly #report: (error: MqttError) => void;
  #asking: AbortController | undefined;

  constructor(link: Link, report: (error: MqttError) => void) {
    this.#link = link;
    this.#report = report;
  }

  ask(attempt: number, reason: AuthContext['reason']): void {
    this.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const answer = (give: (port: Port) => void): void => {
      const { port } = this.#link;
      if (port && this.#asking === asking) {
        this.#asking = undefined;
        give(port);
      }
    };
    const call = async (): Promise<Credentials> =>
      (await this.auth?.({ attempt, reason, signal: asking.signal })) ?? {};
    const fail = (error: MqttError): void =>
      answer((port) => {
        port.send(REFUSE_CREDENTIALS);
        this.#report(error);
      });
    call().then(
      ({ username, password, expiresAt }) => {
        try {
          const name = username === undefined ? undefined : textOf(username, 'the user name');
          const bytes = password === undefined ? undefined : bytesOf(password, 'the password');
          const left = lifetime(expiresAt);
          answer((port) => {
            const which = +(name !== undefined) | (+(bytes !== undefined) << 1);
            port.send(CREDENTIALS, 0, which, 0, name, bytes);
            expire(port, left);
          });
        } catch (thrown) {
          fail(errorOf(thrown));
        }
      },
      (cause) => fail(new MqttError('auth', 'the auth function failed', { cause })),
    );
  }

  /** Nobody waits for the answer any more. */
  abort(): void {
    this.#asking?.abort();
    this.#asking = undefined;
  }
}
