/**
 * The client as the application holds it: it checks and copies what it is given and hands it to the engine. When
 * something is sent, and what becomes of it, is the engine's matter.
 */

import { acknowledge, acknowledgeAfter } from './acknowledge.js';
import { readAddresses } from './address.js';
import { Authenticator } from './authenticator.js';
import { Authorizer } from './authorizer.js';
import { Claim } from './claim.js';
import { Deferred, ignore, onAbort, rejected } from './deferred.js';
import { asyncDispose } from './dispose.js';
import { closed, errorOf, MqttError } from './errors.js';
import type { Engine } from './generated/wasmqtt.js';
import { type Handler, Inbox } from './inbox.js';
import { Link } from './link.js';
import { Listeners } from './listeners.js';
import type { EngineClass } from './load.js';
import { CLOSE, CONNECT, PUBLISH, read, readSubscribe, readWait, UNSUBSCRIBE } from './options.js';
import { bytesOf, snapshot, textOf } from './payload.js';
import { Pending, type Start } from './pending.js';
import { Requests } from './request.js';
import { type RequestHandler, Responder } from './respond.js';
import { Sink } from './sink.js';
import { readStats } from './stats.js';
import { Subscription } from './subscription.js';
import type {
  CloseOptions,
  ConnectOptions,
  Message,
  MessageIterator,
  Payload,
  PublishOptions,
  PublishResult,
  RequestManyOptions,
  RequestOptions,
  RespondOptions,
  ServerInfo,
  State,
  Stats,
  SubscribeOptions,
  SubscribeResult,
  UnsubscribeOptions,
  UnsubscribeResult,
  WaitOptions,
} from './types.js';

/** May be async; what it throws becomes an `error` event. */
export type MessageHandler = (message: Message) => unknown;

/** Reason code of DISCONNECT that makes the server publish the will (5.0). */
const WITH_WILL = 4;

/** Made by `connect`. Every promise it gives settles, at the latest when it is closed. */
export class Client extends Listeners {
  readonly #sink: Sink;
  readonly #link: Link;
  #state: State = 'idle';
  readonly #ready = new Deferred<ServerInfo>();
  readonly #closed = new Deferred<void>();
  /** Somebody asked for one of the two. */
  #watched = false;
  readonly #closing: Pending<void>[] = [];
  /** What ended it, if that was an error. */
  #fatal: MqttError | undefined;
  #aborted: MqttError | undefined;
  readonly #authorizer: Authorizer;
  readonly #authenticator: Authenticator;
  #unwatch: () => void = ignore;
  #claim: Claim | undefined;
  /** Made, and not connected before its identifier is held. */
  #made: Engine | undefined;
  #requests: Requests | undefined;
  #clientId = '';
  #stats: Stats = readStats([]);

  /** @internal */
  constructor(
    load: () => Promise<EngineClass>,
    url: string | URL | readonly (string | URL)[],
    options?: ConnectOptions,
  ) {
    super();
    this.#ready.promise.catch(ignore);
    this.#closed.promise.catch(ignore);
    this.#sink = new Sink({
      state: (state) => (state === 'closed' ? this.#finish(this.#fatal) : this.#enter(state)),
      connected: (server) => {
        this.#ready.resolve(server);
        this.emit('connect', server);
      },
      disconnected: (detail) => {
        if (!detail.willRetry) {
          this.#fatal = detail.error;
        }
        this.emit('disconnect', detail);
      },
      message: (message) => this.emit('message', message),
      lost: (inbox, error) => {
        this.#forget(inbox);
        inbox?.end(error);
        this.report(error);
      },
      authorize: (attempt, reason) => this.#authorizer.ask(attempt, reason),
      authenticate: (step, data) => this.#authenticator.step(step, data),
      acknowledge: (delivery, options) => acknowledge(this.#link.engine, delivery, options),
    });
    this.#link = new Link(this.#sink);
    const report = (error: MqttError): void => this.report(error);
    this.#authorizer = new Authorizer(this.#link, report);
    this.#authenticator = new Authenticator(this.#link, report, (error) => this.#fail(error));
    try {
      const config: ConnectOptions = {};
      const { signal, auth, authentication } = read(options, CONNECT, config);
      if (auth) {
        this.#authorizer.auth = config.auth = auth;
      }
      if (authentication) {
        this.#authenticator.mechanism = config.authentication = authentication;
      }
      const urls = readAddresses(url, config);
      this.#clientId = config.clientId ?? '';
      const copy = snapshot(config);
      this.#unwatch = onAbort(signal, () => {
        this.#aborted = new MqttError('aborted', 'aborted', { cause: signal?.reason });
        this.close().catch(ignore);
      });
      if (!this.#link.ended) {
        // At the same time: in the usual case nobody else has the identifier.
        this.#claim = new Claim(urls, this.#clientId, {
          held: () => this.#start(),
          left: () => this.#link.engine?.hold(true),
          lost: (error) => this.#fail(error),
        });
        load().then(
          (Engine) => this.#begin(() => new Engine(this.#sink, urls, copy)),
          (error) => this.#finish(error),
        );
      }
    } catch (thrown) {
      this.#end(errorOf(thrown));
    }
  }

  get state(): State {
    return this.#state;
  }

  /** The first CONNACK. Rejects when the client is closed before; that alone is no unhandled rejection. */
  get ready(): Promise<ServerInfo> {
    this.#watched = true;
    return this.#ready.promise;
  }

  /** Resolves when the client was closed, rejects when an error closed it; that alone is no unhandled rejection. */
  get closed(): Promise<void> {
    this.#watched = true;
    return this.#closed.promise;
  }

  /** What CONNACK said, while there is a connection. */
  get server(): ServerInfo | undefined {
    return this.#state === 'closed' ? undefined : this.#sink.server;
  }

  /** In use; `""` before the engine is loaded, or until the server has assigned one. */
  get clientId(): string {
    return this.#link.engine?.client_id() ?? this.#clientId;
  }

  /** Counters since the client was made. */
  stats(): Stats {
    const { engine } = this.#link;
    return engine ? readStats(engine.stats()) : this.#stats;
  }

  /** QoS 0: resolves when handed to the socket. QoS 1 and 2: when the server has taken it over. */
  publish(topic: string, payload: Payload, options?: PublishOptions): Promise<PublishResult> {
    const link = this.#link;
    return link.ask(() => {
      const rest: object = {};
      const { qos = 0, retain = false, ...wait } = read(options, PUBLISH, rest);
      const name = textOf(topic, 'the topic');
      const properties = Object.keys(rest).length > 0 ? snapshot(rest) : undefined;
      const blob = payload instanceof Blob && payload;
      let bytes = blob ? new Uint8Array() : bytesOf(payload, 'the payload');
      if (!link.flows && typeof payload !== 'string') {
        bytes = bytes.slice();
      }
      const start: Start = (engine) => engine.publish(name, bytes, qos, retain, properties);
      const pending = link.pending<PublishResult>(wait, start, qos);
      if (blob) {
        pending.blocked = true;
        const load = async (): Promise<void> => {
          bytes = new Uint8Array(await blob.arrayBuffer());
        };
        load()
          .catch((cause) => pending.reject(new MqttError('invalid-argument', 'the payload is unreadable', { cause })))
          .then(() => {
            pending.blocked = false;
            link.pump();
          });
      }
      return pending;
    });
  }

  /**
   * Registers at once and holds over reconnects. Messages go to the handler; without one they are kept for
   * `for await`. Errors, those of the arguments too, are told by `ready` of the subscription.
   */
  subscribe(filter: string, options?: SubscribeOptions): Subscription;
  subscribe(filter: string, handler: MessageHandler | undefined, options?: SubscribeOptions): Subscription;
  subscribe(
    filter: string,
    second: MessageHandler | SubscribeOptions | undefined,
    third?: SubscribeOptions,
  ): Subscription {
    const handler = typeof second === 'function' ? second : undefined;
    const given = typeof second === 'function' ? third : (second ?? third);
    let mode: SubscribeOptions['ack'];
    const handle: Handler | undefined =
      handler &&
      ((message, ack): void =>
        this.guard(() =>
          mode === 'after-handler' && ack
            ? acknowledgeAfter(handler, message, ack, () => this.#sink.server?.protocol === 5)
            : handler(message),
        ));
    let inbox = new Inbox(handle);
    let pending: Pending<SubscribeResult> | undefined;
    let signal: AbortSignal | undefined;
    const ready = this.#link.ask(() => {
      const { qos, flags, ack, userProperties, max, overflow, ...wait } = readSubscribe(given);
      mode = ack;
      const said = userProperties && snapshot({ userProperties });
      const name = textOf(filter, 'the filter');
      const box = new Inbox(handle, max, overflow === 'drop-newest', ack === 'after-handler');
      inbox = box;
      signal = wait.signal;
      pending = this.#link.pending<SubscribeResult>(wait, (engine) => {
        box.id = engine.subscribe(name, qos, flags, said);
        if (ack !== 'auto') {
          this.#sink.manual.add(box.id);
        }
        this.#sink.inboxes.set(box.id, box);
        return box.id;
      });
      return pending;
    });
    const end = (options?: UnsubscribeOptions, error?: MqttError): Promise<UnsubscribeResult> =>
      this.#unsubscribe(inbox, pending, options, error);
    ready.then(
      () => inbox.watch(signal, () => end()),
      (error: MqttError) => {
        const quiet = error.code === 'closed' || error.code === 'aborted';
        if (error.code === 'refused' || error.code === 'hung-up') {
          this.#forget(inbox);
          inbox.end(error);
        } else {
          end(undefined, quiet ? undefined : error);
        }
      },
    );
    return new Subscription(filter, inbox, ready, end, (error, heard) => {
      if (this.#link.ended || error.code === 'aborted') {
        return;
      }
      if (!heard) {
        this.report(error);
      } else if (error.code === 'hung-up') {
        // It cost the whole client connections, and is not the business of one subscriber alone.
        this.emit('error', error);
      }
    });
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
    return this.#link.ask(() => this.#link.pending(readWait(wait), (engine) => engine.reauthenticate()));
  }

  /** Milliseconds to the server and back, by PINGREQ. */
  ping(wait?: WaitOptions): Promise<number> {
    return this.#link.ask(() => this.#link.pending(readWait(wait), (engine) => engine.ping()));
  }

  /** Resolves when every publish before it is complete. */
  flush(wait?: WaitOptions): Promise<void> {
    return this.#link.ask(() => this.#link.pending(readWait(wait), (engine) => engine.flush()));
  }

  /** Disconnects for good, so that there is no will. What is not complete then, rejects with code `closed`. */
  close(options?: CloseOptions): Promise<void> {
    try {
      const {
        drain = 0,
        sendWill = false,
        sessionExpiry,
        reasonString,
        userProperties,
        ...wait
      } = read(options, CLOSE);
      const said = snapshot({ reasonString, userProperties });
      const start: Start = (engine) => {
        engine.disconnect(drain, sendWill ? WITH_WILL : 0, sessionExpiry, said);
        return undefined;
      };
      const pending = new Pending<void>(wait, start, ignore);
      const { engine, ended } = this.#link;
      if (this.#state === 'closed') {
        pending.resolve();
      } else if (!pending.done) {
        this.#closing.push(pending);
        if (drain > 0 && !ended) {
          this.#link.push(pending);
        } else if (engine) {
          start(engine);
        } else {
          this.#end();
        }
      }
      return pending.promise;
    } catch (thrown) {
      return rejected(errorOf(thrown));
    }
  }

  async [asyncDispose](): Promise<void> {
    await this.close();
  }

  #begin(make: () => Engine): void {
    if (this.#link.ended) {
      return;
    }
    try {
      // What is wrong with the options is told before anybody is waited for.
      this.#made = make();
    } catch (thrown) {
      this.#finish(errorOf(thrown));
      return;
    }
    this.#claim?.wanted();
  }

  /** The identifier is held: nobody else of this origin is thrown out. */
  #start(): void {
    const link = this.#link;
    if (link.engine) {
      link.engine.hold(false);
      return;
    }
    try {
      this.#made?.connect();
    } catch (thrown) {
      this.#finish(errorOf(thrown));
      return;
    }
    link.engine = this.#made;
    link.pump();
  }

  #enter(state: State): void {
    const previous = this.#state;
    if (state !== previous) {
      this.#state = state;
      this.emit('state', { state, previous });
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
    if (!link.engine) {
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
    if (this.#state === 'closed') {
      return;
    }
    const link = this.#link;
    const { engine } = link;
    this.#stats = this.stats();
    this.#clientId = this.clientId;
    link.ended = true;
    link.cause = error;
    link.engine = undefined;
    this.#made?.free();
    this.#made = undefined;
    this.#unwatch();
    this.#claim?.release();
    this.#authorizer.abort();
    this.#authenticator.abort();
    this.#enter('closed');
    for (const pending of this.#closing) {
      pending.resolve();
    }
    const reason = error ?? closed();
    link.end(reason);
    for (const inbox of this.#sink.inboxes.values()) {
      inbox.end(error);
    }
    this.#sink.inboxes.clear();
    this.#ready.reject(this.#aborted ?? reason);
    if (error) {
      this.#closed.reject(error);
    } else {
      this.#closed.resolve();
    }
    const heard = this.emit('close', { error });
    if (error && !engine && !heard && !this.#watched) {
      // A wrong option, or no WebAssembly: too bad to go by in silence.
      this.report(error);
    }
  }

  #unsubscribe(
    inbox: Inbox,
    pending: Pending<SubscribeResult> | undefined,
    options?: UnsubscribeOptions,
    error?: MqttError,
  ): Promise<UnsubscribeResult> {
    if (inbox.ended) {
      return inbox.gone;
    }
    const { id } = inbox;
    const gone =
      id === undefined
        ? inbox.gone
        : this.#link.ask(() => {
            const { userProperties, ...wait } = read(options, UNSUBSCRIBE);
            const said = userProperties && snapshot({ userProperties });
            return this.#link.pending<UnsubscribeResult>(wait, (engine) => engine.unsubscribe(id, said));
          });
    gone.catch(ignore);
    inbox.gone = gone;
    this.#forget(inbox);
    inbox.end(error);
    if (pending && !pending.done) {
      pending.reject(new MqttError('aborted', 'the subscription was ended'));
    }
    return gone;
  }

  #forget(inbox: Inbox | undefined): void {
    if (inbox?.id !== undefined) {
      this.#sink.inboxes.delete(inbox.id);
    }
  }
}
