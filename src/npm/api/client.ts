/**
 * The client as the application holds it: it checks and copies what it is given and hands it to the engine. When
 * something is sent, and what becomes of it, is the engine's matter.
 */

import type { PortError } from '../port/failure.js';
import * as port from '../port/port.js';
import { Pulse } from '../port/pulse.js';
import { trusted } from '../port/trusted.js';
import { Authenticator } from './authenticator.js';
import { Authorizer } from './authorizer.js';
import type { ConnectChanges, ConnectOptions } from './connection.js';
import { ignore, onAbort, rejected } from './deferred.js';
import { Desk } from './desk.js';
import { asyncDispose } from './dispose.js';
import { closed, errorOf, invalid, MqttError } from './errors.js';
import { Events } from './events.js';
import { onLeave } from './leave.js';
import { Lifetime } from './lifetime.js';
import { Link } from './link.js';
import { type ClientEventType, type ClientListener, Listeners } from './listeners.js';
import { errorOfPort, Opening } from './opening.js';
import { CLOSE, read, Said, WAIT } from './options.js';
import { Outstanding } from './outstanding.js';
import { Packets } from './packets.js';
import { Pending } from './pending.js';
import { publish } from './publishing.js';
import { Requests } from './request.js';
import { type RequestHandler, Responder } from './respond.js';
import { Restart } from './restart.js';
import { readConnect } from './settings.js';
import { readStats } from './stats.js';
import { type MessageHandler, Subscriptions, type TemplateHandler } from './subscribing.js';
import type { Subscription } from './subscription.js';
import type {
  CloseOptions,
  DisconnectOptions,
  Message,
  MessageIterator,
  Payload,
  PendingPublish,
  Publishing,
  PublishOptions,
  RequestManyOptions,
  RequestOptions,
  RespondOptions,
  ServerInfo,
  Sharing,
  State,
  Stats,
  SubscribeOptions,
  TopicTemplate,
  UnsubscribeOptions,
  UnsubscribeResult,
  WaitOptions,
} from './types.js';

/** Made by `connect`. Every promise it gives settles, at the latest when it is closed. */
export class Client extends Listeners {
  readonly #link = new Link();
  readonly #desk: Desk;
  readonly #packets = new Packets(this.#link, this);
  readonly #subscriptions: Subscriptions;
  readonly #restart: Restart;
  readonly #life = new Lifetime();
  readonly #opening: Opening;
  /** What ended it, if that was an error. */
  #fatal: MqttError | undefined;
  readonly #authorizer: Authorizer;
  readonly #authenticator: Authenticator;
  #unwatch: () => void = ignore;
  #requests: Requests | undefined;
  #pulse: Pulse | undefined;
  #sharing: Sharing | undefined;
  #shares = false;
  /** Where the session is stored. */
  #outstanding: Outstanding | undefined;
  readonly #ended = new AbortController();
  #clientId = '';
  #stats: Stats = readStats([]);

  /** @internal */
  constructor(open: port.Open, url: string | URL | readonly (string | URL)[], options?: ConnectOptions) {
    super();
    const report = (error: MqttError): void => this.report(error);
    this.#authorizer = new Authorizer(this.#link, report);
    this.#authenticator = new Authenticator(this.#link, report, (error) => this.#fail(error));
    this.#opening = new Opening(this.#link, {
      identified: (clientId) => {
        this.#clientId = clientId;
      },
      refused: (error) => this.#finish(error),
      lost: (error) => this.#fail(error),
    });
    this.#desk = new Desk(this.#link, {
      state: (state) => (state === 'closed' ? this.#finish(this.#fatal) : this.#enter(state)),
      connected: (server) => {
        this.#clientId = server.clientId;
        this.#pulse?.keep(server.keepAlive);
        this.#life.connected(server);
        this.#restart.connected(server);
        this.emit('connect', server);
      },
      disconnected: (detail) => {
        this.#pulse?.keep(0);
        if (!detail.willRetry) {
          this.#fatal = detail.error;
          this.#restart.failed(detail.error);
        }
        this.emit('disconnect', detail);
      },
      message: (message) => this.emit('message', message),
      shared: (sharing) => {
        this.#sharing = sharing;
        this.emit('share', sharing);
      },
      frame: (...frame) => this.#packets.take(...frame),
      sessionLost: (republished) => this.emit('session-lost', { republished }),
      stored: (tokens) => this.#outstanding?.stored(tokens),
      restored: (...publish) => this.#outstanding?.restored(...publish),
      lost: (inbox, error) => {
        this.#subscriptions.lost(inbox, error);
        this.report(error);
      },
      authorize: (attempt, reason) => this.#authorizer.ask(attempt, reason),
      authenticate: (step, data) => this.#authenticator.step(step, data),
      refused: (error) => this.#finish(error),
    });
    this.#subscriptions = new Subscriptions(this.#link, this.#desk, this);
    this.#restart = new Restart(this.#link, url, options);
    try {
      const { urls, clientId, signal, auth, mechanism, setup, closes } = readConnect(url, options, this.#ended.signal);
      if (setup.session) {
        this.#outstanding = new Outstanding(this.#link);
      }
      this.#authorizer.auth = auth;
      this.#authenticator.mechanism = mechanism;
      this.#desk.urls = urls;
      this.#clientId = clientId;
      this.#unwatch = onAbort(signal, () => {
        this.#life.aborted = this.placed(new MqttError('aborted', 'aborted', { cause: signal?.reason }));
        this.close().catch(ignore);
      });
      onLeave(
        this.#ended.signal,
        !setup.worker && setup.share === undefined,
        () => this.#link.port?.send(port.TICK, 0, 1),
        () => this.#link.port?.send(port.TICK),
        () => closes && this.close().catch(ignore),
      );
      if (!this.#link.ended) {
        this.#shares = setup.share !== undefined;
        if (!setup.worker && !this.#shares) {
          this.#pulse = new Pulse(() => {
            this.#link.port?.send(port.TICK);
            return this.#link.port?.stats()[port.PING_DUE];
          }, trusted);
        }
        const events = new Events(this.#desk);
        const { stops = false } = setup.session ?? {};
        const loaded = open(
          setup,
          (batch) => events.take(batch),
          (error) => this.#broken(error, stops),
        );
        this.#opening.begin(urls, clientId, setup, loaded);
      }
    } catch (thrown) {
      this.#end(errorOf(thrown));
    }
  }

  /** @internal */
  override placed(thrown: unknown): MqttError {
    return this.#link.placed(thrown);
  }

  override addEventListener<K extends ClientEventType>(
    type: K,
    listener: ClientListener<K> | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener, options);
    if (type === 'packet') {
      this.#packets.listen();
    }
  }

  get state(): State {
    return this.#life.state;
  }

  /** The first CONNACK. Rejects when the client is closed before; that alone is no unhandled rejection. */
  get ready(): Promise<ServerInfo> {
    return this.#life.ready;
  }

  /** Resolves when the client was closed, rejects when an error closed it; that alone is no unhandled rejection. */
  get closed(): Promise<void> {
    return this.#life.closed;
  }

  /** What CONNACK said, while there is a connection. */
  get server(): ServerInfo | undefined {
    return this.#life.state === 'closed' ? undefined : this.#desk.server;
  }

  /** In use; `""` before the engine is loaded, or until the server has assigned one. */
  get clientId(): string {
    return this.#clientId;
  }

  /** With `share`, once it is known: where the connection is. */
  get sharing(): Sharing | undefined {
    return this.#sharing;
  }

  /**
   * Counters since the client was made. Rates, ages of what waits and quantiles of round trips are of `measure(client)` of
   * `wasmqtt/trace`: they cost something for each packet, and here nothing does.
   */
  stats(): Stats {
    const { port } = this.#link;
    return port ? readStats(port.stats()) : this.#stats;
  }

  /** QoS 0: resolves when handed to the socket. QoS 1 and 2: when the server has taken it over. */
  publish(topic: string, payload: Payload, options?: PublishOptions): Publishing {
    return publish(this.#link, this.#outstanding, topic, payload, options);
  }

  /**
   * Registers at once and holds over reconnects. Messages go to the handler; without one they are kept for
   * `for await`. Errors, those of the arguments too, are told by `ready` of the subscription.
   *
   * In place of a filter there may be a `template` of `wasmqtt/topics`, as of `devices/:id/state`: its handler gets what the
   * names stand for as well. In text a colon is a colon.
   */
  subscribe(filter: string | TopicTemplate<unknown>, options?: SubscribeOptions): Subscription;
  subscribe(filter: string, handler: MessageHandler | undefined, options?: SubscribeOptions): Subscription;
  subscribe<P>(
    template: TopicTemplate<P>,
    handler: TemplateHandler<P> | undefined,
    options?: SubscribeOptions,
  ): Subscription;
  subscribe(
    filter: string | TopicTemplate<unknown>,
    second: TemplateHandler<unknown> | SubscribeOptions | undefined,
    third?: SubscribeOptions,
  ): Subscription {
    const [handler, options] = typeof second === 'function' ? [second, third] : [undefined, second ?? third];
    return this.#subscriptions.add(filter, handler, options);
  }

  /**
   * The first reply to a request: in 5.0 by Response Topic and Correlation Data, in 3.x by a convention of topics. It is
   * sent once the server has granted the one subscription for all replies. Rejects with code `refused` where the server
   * says that nobody subscribes, or the responder failed.
   */
  request(topic: string, payload: Payload, options?: RequestOptions): Promise<Message> {
    return this.#asker().one(topic, payload, options);
  }

  /** All replies to a request, until `max` of them or `timeout`. Leaving the loop ends the waiting. */
  requestMany(topic: string, payload: Payload, options?: RequestManyOptions): MessageIterator {
    return this.#asker().many(topic, payload, options);
  }

  /**
   * Answers requests with what the handler gives, until it is stopped. Messages that ask for no reply are left alone. A
   * handler that throws is an `error` event; in 5.0 the requester is told that it failed, and nothing more.
   */
  respond(filter: string, handler: RequestHandler, options?: RespondOptions): Responder {
    return new Responder(this, filter, handler, options);
  }

  #asker(): Requests {
    this.#requests ??= new Requests(this);
    return this.#requests;
  }

  /**
   * Authenticates anew. With `authentication` on the connection there is (5.0); without, by a new connection, for which
   * `auth` is asked. Rejects with code `not-connected` without a connection.
   */
  reauthenticate(wait?: WaitOptions): Promise<void> {
    return this.#ask(wait, port.REAUTHENTICATE);
  }

  /** Milliseconds to the server and back, by PINGREQ. */
  ping(wait?: WaitOptions): Promise<number> {
    return this.#ask(wait, port.PING);
  }

  /** Resolves when every publish before it is complete. */
  flush(wait?: WaitOptions): Promise<void> {
    return this.#ask(wait, port.FLUSH);
  }

  /**
   * The publishes that are not complete, of this page and of those before it, in their order. Rejects with code
   * `unsupported` where the session is not stored.
   */
  pending(): Promise<PendingPublish[]> {
    return this.#outstanding?.list() ?? this.#link.refused(new MqttError('unsupported', 'the session is not stored'));
  }

  /**
   * Closes the client, and removes all that is stored of its session; the server is told to forget its half (5.0).
   * Rejects with code `closed` where the client is closed: one that has the session does this.
   */
  clearSession(): Promise<void> {
    if (this.#link.ended) {
      return rejected(closed(this.#link.cause));
    }
    this.#opening.clears = true;
    return this.close({ sessionExpiry: 0, ...(this.#shares && { everywhere: true }) });
  }

  /**
   * Ends the connection with DISCONNECT, so that there is no will, or the attempt at one: the client is `idle` then, and
   * all that waits in it waits for `connect()`. A `disconnect` event with code `aborted` tells of it. Rejects with code
   * `unsupported` for a client with `share`.
   */
  disconnect(options?: DisconnectOptions): Promise<void> {
    return this.#attempt(() => this.#restart.stop(options));
  }

  /**
   * Connects a client that is `idle`: after `disconnect()`, and with `reconnect: "by-hand"` after a connection that was lost
   * or refused. `changes` take the place of options given before, from this connection on; they are refused with code
   * `unsupported` unless it is `idle`. Resolves with CONNACK; rejects when the attempt fails and there is no next one, which
   * alone is no unhandled rejection.
   */
  connect(changes?: ConnectChanges, wait: WaitOptions = {}): Promise<ServerInfo> {
    return this.#attempt(() => this.#restart.begin(changes, wait, this.#desk.server));
  }

  /**
   * Has the server end a subscription that this client does not have: of a session that an earlier one began. Resolves as
   * `unsubscribe` of a `Subscription` does. Rejects with code `invalid-argument` for a filter that this client subscribes to.
   */
  unsubscribe(filter: string, options?: UnsubscribeOptions): Promise<UnsubscribeResult> {
    return this.#attempt(() => this.#restart.unsubscribe(filter, options));
  }

  /** Disconnects for good, so that there is no will. What is not complete then, rejects with code `closed`. */
  close(options?: CloseOptions): Promise<void> {
    try {
      const said = new Said();
      const { drain = 0, sendWill = 0, everywhere = 0, sessionExpiry = -1, ...wait } = read(options, CLOSE, said.take);
      const kind = sendWill ? port.DISCONNECT_WITH_WILL : port.DISCONNECT;
      const where = everywhere ? port.EVERYWHERE : '';
      if (everywhere && !this.#shares) {
        throw invalid('option "everywhere" is for a client with "share"');
      }
      const pending = new Pending<void>();
      const link = this.#link;
      if (this.#life.state === 'closed') {
        pending.resolve();
      } else {
        this.#life.closing(pending);
        if (drain > 0 && !link.ended) {
          link.ask(pending, wait, kind, drain, sessionExpiry, where, undefined, said.properties);
        } else {
          pending.link = link;
          pending.limit(wait, ignore);
          if (pending.done) {
            return pending.promise;
          }
          if (link.port) {
            link.port.send(kind, 0, drain, sessionExpiry, where, undefined, said.properties);
          } else {
            this.#end();
          }
        }
      }
      return pending.promise;
    } catch (thrown) {
      return this.#link.refused(thrown);
    }
  }

  async [asyncDispose](): Promise<void> {
    await this.close();
  }

  #ask<T>(wait: WaitOptions | undefined, kind: number): Promise<T> {
    return this.#attempt(() => this.#link.ask(new Pending<T>(), read(wait, WAIT) as WaitOptions, kind));
  }

  /** What it gives; what it throws, as a rejection. */
  #attempt<T>(run: () => Promise<T>): Promise<T> {
    try {
      return run();
    } catch (thrown) {
      return this.#link.refused(thrown);
    }
  }

  #enter(state: State): void {
    const previous = this.#life.state;
    if (state === 'idle') {
      this.#fatal = undefined;
    }
    if (state !== previous) {
      this.#life.state = state;
      this.emit('state', { state, previous });
    }
  }

  /** The store or the worker failed; the engine goes on without it, or a new one does. */
  #broken(error: PortError, stops: boolean): void {
    const told = errorOfPort(error);
    if (error.code === 'connection-lost') {
      this.#link.lost(told);
      this.#desk.disconnected(told, undefined);
      return;
    }
    if (error.code === 'load') {
      this.#finish(told);
      return;
    }
    if (error.goesOn) {
      this.report(told);
      return;
    }
    this.#outstanding?.broken(told);
    if (stops || error.code === 'session-in-use') {
      this.#fail(told);
    } else {
      this.report(told);
    }
  }

  /** Ends a client that has no engine yet, after the code that is running. */
  #end(error?: MqttError): void {
    this.#link.ended = true;
    this.#link.cause = error;
    queueMicrotask(() => this.#finish(error));
  }

  /** Ends a client whose server is not who it should be, or whose identifier another one has. */
  #fail(error: MqttError): void {
    const link = this.#link;
    if (!link.port) {
      this.#finish(error);
      return;
    }
    this.#fatal = error;
    link.ended = true;
    link.cause = error;
    link.end(error);
    this.close().catch(ignore);
  }

  #finish(error?: MqttError): void {
    if (this.#life.state === 'closed') {
      return;
    }
    const link = this.#link;
    const had = link.port;
    this.#stats = this.stats();
    link.ended = true;
    link.cause = error;
    link.port = undefined;
    const freed = this.#opening.end();
    this.#ended.abort();
    this.#unwatch();
    this.#pulse?.end();
    this.#authorizer.abort();
    this.#authenticator.abort();
    this.#enter('closed');
    this.#life.freed(freed);
    const reason = error ?? closed();
    this.#outstanding?.end(reason, freed);
    link.end(reason);
    this.#subscriptions.end(error);
    this.#requests?.end(error);
    this.#restart.failed(reason);
    this.#life.end(error);
    const heard = this.emit('close', { error });
    if (error && !had && !heard && !this.#life.watched) {
      // A wrong option, or no WebAssembly: too bad to go by in silence.
      this.report(error);
    }
  }
}
