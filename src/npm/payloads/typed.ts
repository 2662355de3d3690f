/** A client whose payloads are values of one type. It does not know how they are checked and made of bytes. */

import type { Client } from '../api/client.js';
import type { MqttError } from '../api/errors.js';
import type {
  Message,
  Payload,
  ProtocolVersion,
  Publishing,
  PublishOptions,
  SubscribeOptions,
  TopicTemplate,
} from '../api/types.js';
import { type Codec, json } from './codec.js';
import { PayloadError } from './error.js';
import { type LastOptions, last, type Store } from './last.js';
import type { TypedMessage } from './message.js';
import { ignore, passedOn, publishingOf } from './passed.js';
import { Reader } from './reader.js';
import { type Checked, check, failed, type InputOf, isPromise, type OutputOf, type StandardSchema } from './schema.js';
import { TypedSubscription } from './subscription.js';

export interface TypedOptions {
  /** Checks each value: before it is published, and before a handler gets it. Default: none, every value passes. */
  schema?: StandardSchema | undefined;
  /**
   * How values are bytes. Of several the first one writes, and reads what has no content type; the others read what has theirs.
   * Default: `json`.
   */
  codec?: Codec | readonly Codec[] | undefined;
  /** Is given what is not valid of what was received. Default: that is an `error` event of the client. */
  onInvalid?: ((error: PayloadError, message: Message) => unknown) | undefined;
}

/** As of a client; the content type is the codec's. */
export type TypedPublishOptions = Omit<PublishOptions, 'contentType'>;

/** May be async; what it throws becomes an `error` event. With a template it gets what the names stand for, too. */
export type TypedHandler<T, Params = undefined> = (message: TypedMessage<T>, params: Params) => unknown;

/** Made by `typed`. */
export class Typed<Input, Output = Input> {
  readonly #client: Client;
  readonly #codec: Codec;
  readonly #schema: StandardSchema | undefined;
  readonly #reader: Reader<Output>;
  /** Of the last connection that was seen. */
  #protocol: ProtocolVersion | undefined;
  /** What waits for an asynchronous schema. */
  #before: Promise<unknown> | undefined;

  /** @internal */
  constructor(client: Client, { schema, codec = json, onInvalid }: TypedOptions) {
    const codecs: readonly Codec[] = Array.isArray(codec) ? codec : [codec];
    this.#client = client;
    this.#codec = codecs[0] ?? json;
    this.#schema = schema;
    this.#reader = new Reader(client, codecs, schema, onInvalid);
  }

  /**
   * Publishes the value as it is given, in the order of the calls. Rejects with a `PayloadError` where the schema refuses it, or the
   * codec cannot write it: nothing is sent then. Otherwise as `publish` of the client.
   */
  publish(topic: string, value: Input, options?: TypedPublishOptions): Publishing {
    const checked = check(this.#schema, value);
    const payload = this.#encode(topic, value);
    const publish = ({ issues }: Checked): Publishing => {
      const error = issues ? new PayloadError('published', topic, issues) : payload;
      return error instanceof PayloadError ? Promise.reject(error) : this.#send(topic, error, options);
    };
    if (!this.#before && !isPromise(checked)) {
      return publish(checked);
    }
    const later = Promise.all([checked, this.#before]).then(([done]) => ({ publishing: publish(done) }));
    const told = later.then(ignore);
    this.#before = told;
    told.then(() => {
      if (this.#before === told) {
        this.#before = undefined;
      }
    });
    return publishingOf(later);
  }

  /** As `subscribe` of the client, with messages that have a `value`. What is not valid reaches no handler and ends no loop. */
  subscribe(filter: string | TopicTemplate<unknown>, options?: SubscribeOptions): TypedSubscription<Output>;
  subscribe(
    filter: string,
    handler: ((message: TypedMessage<Output>) => unknown) | undefined,
    options?: SubscribeOptions,
  ): TypedSubscription<Output>;
  subscribe<P>(
    template: TopicTemplate<P>,
    handler: TypedHandler<Output, P> | undefined,
    options?: SubscribeOptions,
  ): TypedSubscription<Output>;
  subscribe(
    filter: string | TopicTemplate<unknown>,
    second: TypedHandler<Output, unknown> | SubscribeOptions | undefined,
    third?: SubscribeOptions,
  ): TypedSubscription<Output> {
    const client = this.#client as Pick<Client, 'subscribe'>;
    const template = filter as TopicTemplate<unknown>;
    if (typeof second !== 'function') {
      return new TypedSubscription(client.subscribe(template, second ?? third), this.#reader);
    }
    const handler = second as (...given: unknown[]) => unknown;
    const take = this.#reader.handler(handler, () => subscription.lives !== false);
    const subscription = client.subscribe(template, take, third);
    return new TypedSubscription(subscription, this.#reader);
  }

  /** The last value of each topic of a filter, as `last` gives it. */
  last(filter: string, options?: Omit<LastOptions<Output>, 'read'>): Store<ReadonlyMap<string, Output>> {
    return last<Output>(this, filter, { ...options, read: (message) => (message as TypedMessage<Output>).value });
  }

  #encode(topic: string, value: Input): Payload | PayloadError {
    try {
      return this.#codec.encode(value);
    } catch (thrown) {
      return new PayloadError('published', topic, failed(thrown).issues);
    }
  }

  #send(topic: string, payload: Payload, options: TypedPublishOptions | undefined): Publishing {
    const client = this.#client;
    const { contentType } = this.#codec;
    this.#protocol = client.server?.protocol ?? this.#protocol;
    if (contentType === undefined || (this.#protocol && this.#protocol < 5)) {
      return client.publish(topic, payload, options);
    }
    const first = client.publish(topic, payload, { ...options, contentType });
    // Before the first connection nobody knows whether it can be said.
    const publishing = first.catch((error: MqttError) => {
      if (error.code === 'unsupported') {
        return client.publish(topic, payload, options);
      }
      throw error;
    });
    return Object.assign(passedOn(publishing), first.stored && { stored: first.stored });
  }
}

/**
 * A client whose payloads are values: checked by a schema, if there is one, and JSON unless another codec is given.
 *
 * ```ts
 * const states = typed(client, { schema: z.object({ on: z.boolean() }) });
 * states.subscribe('lamps/+/state', ({ topic, value }) => draw(topic, value.on));
 * await states.publish('lamps/1/state', { on: true });
 * ```
 */
export function typed<Schema extends StandardSchema>(
  client: Client,
  options: TypedOptions & { schema: Schema },
): Typed<InputOf<Schema>, OutputOf<Schema>>;
export function typed<T = unknown>(client: Client, options?: TypedOptions & { schema?: undefined }): Typed<T>;
export function typed(client: Client, options: TypedOptions = {}): Typed<unknown> {
  return new Typed(client, options);
}
