/**
 * From the options to an engine that may connect: it is loaded, and nobody else of this origin has its identifier. It does
 * not know what is asked of the engine.
 */

import { isPortError, type PortError } from '../port/failure.js';
import * as port from '../port/port.js';
import { Claim } from './claim.js';
import { MqttError } from './errors.js';
import type { Link } from './link.js';

export interface Opener {
  /** The identifier in use is known. */
  identified(clientId: string): void;
  /** There is no engine, and there will be none. */
  refused(error: MqttError): void;
  /** Another client has the identifier. */
  lost(error: MqttError): void;
}

export class Opening {
  /** What the engine has stored of the session is to be removed at its end. */
  clears = false;
  readonly #link: Link;
  readonly #told: Opener;
  #claim: Claim | undefined;
  /** Made, and not connected before its identifier is held. */
  #made: port.Port | undefined;

  constructor(link: Link, told: Opener) {
    this.#link = link;
    this.#told = told;
  }

  /** Loads the engine and holds the identifier at the same time. */
  begin(urls: readonly string[], clientId: string, setup: port.Setup, loaded: Promise<port.Port | undefined>): void {
    const claim = (clientId: string): Claim =>
      new Claim(urls, setup.share === undefined ? clientId : '', {
        held: () => this.#start(),
        left: () => this.#link.port?.send(port.HOLD, 0, 1),
        lost: (error) => this.#told.lost(error),
      });
    // In the usual case nobody else has the identifier. With a session it may be another one.
    this.#claim = setup.session ? undefined : claim(clientId);
    loaded.then(
      (made) => {
        if (this.#link.ended) {
          made?.free(this.clears);
        } else if (made) {
          this.#claim ??= claim(clientId && made.clientId);
          this.#made = made;
          this.#told.identified(made.clientId);
          this.#claim.wanted();
        }
      },
      (cause) => this.#told.refused(notLoaded(cause)),
    );
  }

  /** Lets go of the identifier and of the engine. */
  end(): Promise<void> | undefined {
    this.#claim?.release();
    const freed = this.#made?.free(this.clears);
    this.#made = undefined;
    return freed;
  }

  /** The identifier is held: nobody else of this origin is thrown out. */
  #start(): void {
    const link = this.#link;
    if (link.port) {
      link.port.send(port.HOLD, 0, 0);
      return;
    }
    link.port = this.#made;
    if (link.tapped) {
      link.port?.send(port.TAP, 0, 1);
    }
    link.port?.send(port.CONNECT);
    link.pump();
  }
}

/** What kept an engine from being there. */
export function notLoaded(cause: unknown): MqttError {
  return cause instanceof MqttError
    ? cause
    : isPortError(cause)
      ? errorOfPort(cause)
      : new MqttError('load', 'the WebAssembly could not be loaded', { cause, retryable: true });
}

export function errorOfPort({ code, message, cause }: PortError): MqttError {
  return new MqttError(code, message, { cause, retryable: code === 'connection-lost' });
}
