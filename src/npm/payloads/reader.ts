/** Messages to values: decoded, checked, and in the order in which they came. It does not know where they go. */

import type { Client } from '../api/client.js';
import type { MqttError } from '../api/errors.js';
import type { Message } from '../api/types.js';
import { type Codec, codecFor } from './codec.js';
import { PayloadError } from './error.js';
import { type TypedMessage, Understood } from './message.js';
import { type Checked, check, failed, isPromise, type StandardSchema } from './schema.js';

/** An implementation specific error: reason code of PUBACK for a message whose payload is not valid. */
const NOT_PROCESSED = 0x83;

export class Reader<T> {
  readonly #client: Client;
  readonly #codecs: readonly Codec[];
  readonly #schema: StandardSchema | undefined;
  readonly #onInvalid: ((error: PayloadError, message: Message) => unknown) | undefined;

  constructor(
    client: Client,
    codecs: readonly Codec[],
    schema: StandardSchema | undefined,
    onInvalid: ((error: PayloadError, message: Message) => unknown) | undefined,
  ) {
    this.#client = client;
    this.#codecs = codecs;
    this.#schema = schema;
    this.#onInvalid = onInvalid;
  }

  /** What a payload says, or what is wrong with it. */
  read({ payload, properties }: Message): Checked | Promise<Checked> {
    const codec = codecFor(this.#codecs, properties.contentType);
    if (!codec) {
      return failed(`no codec reads the content type "${properties.contentType}"`);
    }
    try {
      return check(this.#schema, codec.decode(payload));
    } catch (thrown) {
      return failed(thrown);
    }
  }

  /** The message with its value; undefined for one that is not valid, once that was told. */
  accept(message: Message, { value, issues }: Checked): TypedMessage<T> | undefined {
    if (!issues) {
      return new Understood(message, value as T);
    }
    const client = this.#client;
    // Nobody else will, where the application acknowledges.
    message.ack(client.server?.protocol === 5 ? { reasonCode: NOT_PROCESSED } : undefined);
    const error = new PayloadError('received', message.topic, issues);
    const onInvalid = this.#onInvalid;
    if (onInvalid) {
      client.guard(() => onInvalid(error, message), undefined);
    } else {
      client.report(error as unknown as MqttError);
    }
    return undefined;
  }

  /** A handler of messages, which hands on those that are valid in their order, while `wanted` is true. */
  handler(
    handle: (message: TypedMessage<T>, ...more: unknown[]) => unknown,
    wanted: () => boolean,
  ): (message: Message, ...more: unknown[]) => unknown {
    let before: Promise<unknown> | undefined;
    return (message, ...more) => {
      const give = (checked: Checked): unknown => {
        const read = this.accept(message, checked);
        return read && wanted() ? handle(read, ...more) : undefined;
      };
      const checked = this.read(message);
      if (!before && !isPromise(checked)) {
        return give(checked);
      }
      // What the handler gives may be a promise, for which the next message does not wait.
      const handled = Promise.all([checked, before]).then(([done]) => ({ by: give(done) }));
      const told = handled.then(
        () => {},
        () => {},
      );
      before = told;
      told.then(() => {
        if (before === told) {
          before = undefined;
        }
      });
      return handled.then(({ by }) => by);
    };
  }
}
