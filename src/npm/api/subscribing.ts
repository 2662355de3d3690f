/**
 * The subscriptions of one client: it begins and ends them, and says where their messages go. Which of them a message is
 * for, the engine says.
 */

import * as port from '../port/port.js';
import { acknowledgeAfter } from './acknowledge.js';
import { ignore } from './deferred.js';
import type { Desk } from './desk.js';
import { invalid, MqttError } from './errors.js';
import { type Handler, Inbox } from './inbox.js';
import type { Link } from './link.js';
import type { Listeners } from './listeners.js';
import { BUFFER, read, Said, SUBSCRIBE, UNSUBSCRIBE } from './options.js';
import { textOf } from './payload.js';
import { Pending } from './pending.js';
import { Subscription } from './subscription.js';
import type {
  Message,
  SubscribeOptions,
  SubscribeResult,
  TopicTemplate,
  UnsubscribeOptions,
  UnsubscribeResult,
  WaitOptions,
} from './types.js';

/** May be async; what it throws becomes an `error` event. */
export type MessageHandler = (message: Message) => unknown;

/** It gets what the names of a template stand for, too. */
export type TemplateHandler<Params> = (message: Message, params: Params) => unknown;

export class Subscriptions {
  readonly #link: Link;
  readonly #desk: Desk;
  readonly #client: Listeners;

  constructor(link: Link, desk: Desk, client: Listeners) {
    this.#link = link;
    this.#desk = desk;
    this.#client = client;
  }

  /** Begins one. */
  add(
    of: string | TopicTemplate<unknown>,
    listener: TemplateHandler<unknown> | undefined,
    given: SubscribeOptions | undefined,
  ): Subscription {
    let afterHandler = false;
    const client = this.#client;
    const template = typeof of === 'string' ? undefined : of;
    const filter = template?.filter ?? (of as string);
    const handler: MessageHandler | undefined =
      listener && template
        ? (message) => listener(message, template.params(message.topic))
        : (listener as MessageHandler | undefined);
    const handle: Handler | undefined =
      handler &&
      ((message, ack) =>
        afterHandler && ack
          ? client.guard(
              () => acknowledgeAfter(handler, message, ack, () => this.#desk.server?.protocol === 5),
              undefined,
            )
          : client.guard(handler, message));
    let inbox = new Inbox(handle);
    let wait: WaitOptions | undefined;
    let ready: Promise<SubscribeResult>;
    const pending = new Pending<SubscribeResult>();
    try {
      const said = new Said();
      const {
        qos = 0,
        noLocal = 0,
        retainAsPublished = 0,
        retainHandling = 0,
        ack = 0,
        buffer,
        sample,
        latest = 0,
        ...rest
      } = read(given, SUBSCRIBE, said.take);
      const { max, overflow } = read(buffer as SubscribeOptions['buffer'], BUFFER);
      wait = rest;
      afterHandler = ack === AFTER_HANDLER;
      if (ack > 0 && (latest || sample)) {
        throw invalid(`option "${latest ? 'latest' : 'sample'}" does not go together with "ack"`);
      }
      inbox = new Inbox(handle, max, overflow === DROP_NEWEST, afterHandler, latest > 0, sample);
      const flags = qos | (noLocal << 2) | (retainAsPublished << 3) | (retainHandling << 4) | (+(ack > 0) << 6);
      const name = textOf(filter, 'the filter');
      ready = this.#link.ask(pending, wait, port.SUBSCRIBE, flags, 0, name, undefined, said.properties);
      if (!pending.done) {
        inbox.id = pending.id;
        this.#desk.inboxes.set(pending.id, inbox);
        if (ack > 0) {
          this.#desk.manual.add(pending.id);
        }
      }
    } catch (thrown) {
      ready = this.#link.refused(thrown);
    }
    const end = (options?: UnsubscribeOptions, error?: MqttError): Promise<UnsubscribeResult> =>
      this.#unsubscribe(inbox, pending, options, error);
    ready.then(
      () => inbox.watch(wait?.signal, () => end()),
      (error: MqttError) => {
        if (error.code === 'timeout' || error.code === 'aborted') {
          end(undefined, error.code === 'timeout' ? error : undefined);
        } else {
          this.#forget(inbox);
          inbox.end(error.code === 'closed' ? undefined : error);
        }
      },
    );
    return new Subscription(filter, inbox, ready, end, (error, heard) => {
      if (this.#link.ended || error.code === 'aborted') {
        return;
      }
      if (!heard) {
        this.#client.report(error);
      } else if (error.code === 'hung-up') {
        // It cost the whole client connections, and is not the business of one subscriber alone.
        this.#client.emit('error', error);
      }
    });
  }

  /** The server does not grant it any more. */
  lost(inbox: Inbox | undefined, error: MqttError): void {
    this.#forget(inbox);
    inbox?.end(error);
  }

  /** The client is closed. */
  end(error: MqttError | undefined): void {
    for (const inbox of this.#desk.inboxes.values()) {
      inbox.end(error);
    }
    this.#desk.inboxes.clear();
  }

  #unsubscribe(
    inbox: Inbox,
    pending: Pending<SubscribeResult>,
    options?: UnsubscribeOptions,
    error?: MqttError,
  ): Promise<UnsubscribeResult> {
    if (inbox.ended) {
      return inbox.gone;
    }
    // What was not handed over yet never will be.
    if (inbox.id !== undefined && pending.sent) {
      inbox.gone = this.#askToEnd(inbox.id, options);
      inbox.gone.catch(ignore);
    }
    this.#forget(inbox);
    inbox.end(error);
    if (!pending.done) {
      pending.reject(new MqttError('aborted', 'the subscription was ended'));
    }
    return inbox.gone;
  }

  #askToEnd(id: number, options: UnsubscribeOptions | undefined): Promise<UnsubscribeResult> {
    try {
      const said = new Said();
      const wait = read(options, UNSUBSCRIBE, said.take) as WaitOptions;
      const pending = new Pending<UnsubscribeResult>();
      return this.#link.ask(pending, wait, port.UNSUBSCRIBE, id, 0, '', undefined, said.properties);
    } catch (thrown) {
      return this.#link.refused(thrown);
    }
  }

  #forget(inbox: Inbox | undefined): void {
    if (inbox?.id !== undefined) {
      this.#desk.inboxes.delete(inbox.id);
    }
  }
}

/** Among the choices of `ack`. */
const AFTER_HANDLER = 1;
/** Among the choices of `overflow`. */
const DROP_NEWEST = 1;
