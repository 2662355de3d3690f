/** A publish: what the application gives, checked and handed to the engine. It does not know what becomes of it. */

import * as port from '../port/port.js';
import { MqttError } from './errors.js';
import type { Command, Link } from './link.js';
import { PUBLISH, read, Said } from './options.js';
import type { Outstanding } from './outstanding.js';
import { bytesOf, isBlob, textOf } from './payload.js';
import { Pending } from './pending.js';
import type { Payload, Publishing, PublishOptions, PublishResult, QoS, WaitOptions } from './types.js';

/** With `outstanding`, where the session is stored. */
export function publish(
  link: Link,
  outstanding: Outstanding | undefined,
  topic: string,
  payload: Payload,
  options: PublishOptions | undefined,
): Publishing {
  try {
    let flags = options === undefined ? 0 : flagsOf(options);
    let id: string | undefined;
    let wait: WaitOptions | undefined;
    let properties: Uint8Array | undefined;
    if (flags === undefined) {
      const said = new Said();
      const given = read(options, PUBLISH, said.take);
      flags = (given.qos ?? 0) | ((given.retain ?? 0) << 2);
      wait = given;
      ({ properties } = said);
      id = options?.id;
    }
    let name = textOf(topic, 'the topic');
    if (id !== undefined) {
      flags |= 8;
      name += `\0${id}`;
    }
    const pending = new Pending<PublishResult>((flags & 3) as QoS);
    if (isBlob(payload)) {
      const promise = link.askLater(pending, wait, load(payload, flags, name, properties));
      return outstanding?.add(pending, topic, id) ?? promise;
    }
    const bytes = bytesOf(payload, 'the payload');
    const promise = link.ask(pending, wait, port.PUBLISH, flags, 0, name, bytes, properties);
    return outstanding?.add(pending, topic, id) ?? promise;
  } catch (thrown) {
    return link.refused(thrown);
  }
}

/**
 * Of options that are `qos` and `retain` alone, as those of most publishes: read without an allocation, which takes a publish of
 * QoS 0 from 0.19 times a bare WebSocket's to 0.17. Undefined for all others, and for wrong ones: `read` knows of them.
 */
function flagsOf(options: PublishOptions): number | undefined {
  let flags = 0;
  for (const key in options) {
    const value = Object.hasOwn(options, key) ? options[key as keyof PublishOptions] : undefined;
    if (key === 'qos' && (value === 0 || value === 1 || value === 2)) {
      flags |= value;
    } else if (key === 'retain' && typeof value === 'boolean') {
      flags |= +value << 2;
    } else {
      return undefined;
    }
  }
  return typeof options === 'object' && !Array.isArray(options) && options !== null ? flags : undefined;
}

async function load(blob: Blob, flags: number, name: string, properties: Uint8Array | undefined): Promise<Command> {
  try {
    return [port.PUBLISH, flags, 0, name, new Uint8Array(await blob.arrayBuffer()), properties];
  } catch (cause) {
    throw new MqttError('invalid-argument', 'the payload is unreadable', { cause });
  }
}
