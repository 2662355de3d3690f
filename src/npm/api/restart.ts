/**
 * A client that is stopped and begun again: what is asked of the engine for that, and who waits for it. It does not know
 * what else the client does.
 */

import * as port from '../port/port.js';
import type { ConnectChanges, ConnectOptions } from './connection.js';
import { ignore } from './deferred.js';
import { closed, MqttError } from './errors.js';
import type { Link } from './link.js';
import { changeable, DISCONNECT, read, Said, UNSUBSCRIBE } from './options.js';
import { textOf } from './payload.js';
import { Pending } from './pending.js';
import { readConnect } from './settings.js';
import type { DisconnectOptions, ServerInfo, UnsubscribeOptions, UnsubscribeResult, WaitOptions } from './types.js';

export class Restart {
  readonly #link: Link;
  readonly #url: string | URL | readonly (string | URL)[];
  #options: ConnectOptions;
  /** Who waits for CONNACK. */
  #waiting: Pending<ServerInfo>[] = [];

  constructor(link: Link, url: string | URL | readonly (string | URL)[], options: ConnectOptions | undefined) {
    this.#link = link;
    this.#url = url;
    this.#options = { ...options };
  }

  /** Ends the connection, not the client. */
  stop(options: DisconnectOptions | undefined): Promise<void> {
    this.#check();
    const said = new Said();
    const { sendWill = 0, sessionExpiry = -1, ...wait } = read(options, DISCONNECT, said.take);
    const pending = new Pending<void>();
    return this.#link.ask(pending, wait, port.STOP, sendWill, sessionExpiry, '', undefined, said.properties);
  }

  /** Begins again; `server` is what there is already. */
  begin(changes: ConnectChanges | undefined, wait: WaitOptions, server: ServerInfo | undefined): Promise<ServerInfo> {
    this.#check();
    const pending = new Pending<ServerInfo>();
    if (changes) {
      read<object>(changes, changeable(), ignore);
      const options = { ...this.#options, ...changes };
      const { setup } = readConnect(this.#url, options, new AbortController().signal);
      const configured = new Pending<void>();
      configured.promise.then(
        () => {
          this.#options = options;
        },
        (error: MqttError) => pending.reject(error),
      );
      this.#link.ask(configured, undefined, port.CONFIGURE, 0, 0, '', setup.settings);
    }
    pending.limit(wait, ignore);
    pending.promise.catch(ignore);
    if (server && !changes) {
      pending.resolve(server);
    } else {
      this.#waiting.push(pending);
      this.#link.tell(port.CONNECT);
    }
    return pending.promise;
  }

  /** Gives up a filter that this client does not subscribe to. */
  unsubscribe(filter: string, options: UnsubscribeOptions | undefined): Promise<UnsubscribeResult> {
    this.#check();
    const said = new Said();
    const wait = read(options, UNSUBSCRIBE, said.take) as WaitOptions;
    const name = textOf(filter, 'the filter');
    const pending = new Pending<UnsubscribeResult>();
    return this.#link.ask(pending, wait, port.UNSUBSCRIBE, 0, 0, name || '\0', undefined, said.properties);
  }

  connected(server: ServerInfo): void {
    for (const pending of this.#waiting.splice(0)) {
      pending.resolve(server);
    }
  }

  /** There is no next attempt. */
  failed(error: MqttError): void {
    for (const pending of this.#waiting.splice(0)) {
      pending.reject(error);
    }
  }

  #check(): void {
    if (this.#link.ended) {
      throw closed(this.#link.cause);
    }
    if (this.#options.share) {
      throw new MqttError('unsupported', 'a connection that pages share is begun and ended with its clients');
    }
  }
}
