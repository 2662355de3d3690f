/** Topic Aliases of one connection, in both directions (5.0, 3.3.2.3.4). */

import { PacketError, protocolError, TOPIC_ALIAS_INVALID } from '../packets/error.js';
import type { Publish } from '../packets/types.js';
import type { Settings } from './settings.js';

export class Aliases {
  /** Greatest alias that the client takes. */
  maximum = 0;
  readonly #toClient = new Map<string, number>();
  readonly #fromClient = new Map<number, string>();

  /** With a number for its topic, as long as there are any. */
  toClient(packet: Publish): Publish {
    const known = this.#toClient.get(packet.topic);
    if (known === undefined && this.#toClient.size >= this.maximum) {
      return packet;
    }
    const topicAlias = known ?? this.#toClient.size + 1;
    this.#toClient.set(packet.topic, topicAlias);
    return {
      ...packet,
      topic: known === undefined ? packet.topic : '',
      properties: { ...packet.properties, topicAlias },
    };
  }

  /** It was not sent with its alias. */
  forget(topic: string): void {
    this.#toClient.delete(topic);
  }

  /** With its topic. */
  fromClient(packet: Publish, { topicAliasMaximum }: Settings): Publish {
    const { topicAlias } = packet.properties;
    if (topicAlias === undefined) {
      return packet;
    }
    if (topicAlias > topicAliasMaximum) {
      throw new PacketError('the Topic Alias is greater than the maximum', TOPIC_ALIAS_INVALID); // [MQTT-3.3.2-9]
    }
    const topic = packet.topic || this.#fromClient.get(topicAlias);
    if (topic === undefined) {
      throw protocolError('the Topic Alias is unknown');
    }
    this.#fromClient.set(topicAlias, topic);
    return { ...packet, topic };
  }
}
