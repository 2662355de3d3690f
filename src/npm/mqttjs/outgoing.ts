/**
 * What the application publishes, until the server has it. It does not know when it is sent.
 */

import type { MqttError } from '../api/errors.js';
import type { PublishOptions, PublishResult } from '../api/types.js';
import type { Client } from '../index.js';
import { errorOfPublish } from './errors.js';
import type { Inside } from './inside.js';
import type { IPubackPacket, IPubcompPacket, IPublishPacket } from './packet-types.js';
import { given, namedOf, publishOptionsOf } from './properties.js';
import { packetsOf } from './store.js';
import type { IClientPublishOptions, PacketCallback } from './types.js';

export class Outgoing {
  readonly #client: Inside;
  readonly #aborts = new Map<number, AbortController>();
  /** Topics that the application has given a number, on this connection. */
  readonly #aliases = new Map<number, string>();

  constructor(client: Inside) {
    this.#client = client;
  }

  publish(
    topic: string,
    payload: string | Uint8Array,
    options: IClientPublishOptions,
    callback: PacketCallback | undefined,
  ): void {
    const client = this.#client;
    const { qos = 0, retain = false, properties, cbStorePut } = options;
    const fail = (error: Error): void => (callback ? callback(error) : client.log('publish', error));
    let name = topic;
    if (client.options.protocolVersion === 5 && properties?.topicAlias !== undefined) {
      const known = this.#alias(topic, properties.topicAlias);
      if (known instanceof Error) {
        fail(known);
        return;
      }
      name = known;
    }
    if (qos === 0) {
      if (!client.connected && !client.queueQoSZero) {
        fail(new Error('No connection to broker'));
        return;
      }
      const packet = { cmd: 'publish', topic: name, payload, qos, retain, dup: false } as IPublishPacket;
      client.queued(packet, callback);
      client.whenMade((core) =>
        this.#send(core, name, payload, { retain, ...this.#said(properties) }).then(
          () => callback?.(),
          (error: MqttError) => this.#late(() => fail(errorOfPublish(error))),
        ),
      );
      return;
    }
    const messageId = client.messageIdProvider.allocate();
    if (messageId === null) {
      fail(new Error('No packet identifier is free'));
      return;
    }
    const packet = {
      cmd: 'publish',
      topic: name,
      payload,
      qos,
      retain,
      dup: false,
      messageId,
      ...(properties && { properties }),
    } as IPublishPacket;
    client.outgoing[messageId] = { volatile: false, cb: callback ?? client.noop };
    client.outgoingStore.put(packet, (error) => {
      if (error) {
        delete client.outgoing[messageId];
        fail(error);
        return;
      }
      cbStorePut?.();
      this.#hand(packet);
    });
  }

  /** Publishes what an earlier client left in the store. */
  restore(): void {
    const client = this.#client;
    const store = client.outgoingStore;
    packetsOf(store).then(
      (packets) => {
        for (const packet of packets) {
          const { messageId } = packet;
          if (messageId === undefined || client.outgoing[messageId]) {
            continue;
          }
          if (packet.cmd === 'publish') {
            client.outgoing[messageId] = { volatile: false, cb: client.noop };
            client.messageIdProvider.register(messageId);
            this.#hand(packet);
          } else {
            // What the server has of it ended with the session of the client that sent it.
            store.del({ messageId }, client.noop);
          }
        }
      },
      (error: Error) => client.emit('error', error),
    );
  }

  remove(messageId: number): void {
    const entry = this.#client.outgoing[messageId];
    if (entry && !entry.volatile) {
      this.#aborts.get(messageId)?.abort();
      this.#end(messageId, () => entry.cb(new Error('Message removed')));
    }
  }

  /** Numbers for topics are those of a connection. */
  connectionLost(): void {
    this.#aliases.clear();
  }

  #hand(packet: IPublishPacket): void {
    const client = this.#client;
    const { messageId = 0, topic, payload, qos, retain, properties } = packet;
    const abort = new AbortController();
    this.#aborts.set(messageId, abort);
    const { signal } = abort;
    const options = { qos, retain, signal, ...this.#said(properties) };
    client.whenMade((core) =>
      this.#send(core, topic, payload, options).then(
        ({ reasonCode, reasonString, userProperties }) => {
          const cmd = qos === 2 ? 'pubcomp' : 'puback';
          const properties = given({ reasonString, userProperties: namedOf(userProperties) });
          const answer = { cmd, messageId, reasonCode, properties } as IPubackPacket | IPubcompPacket;
          this.#settle(messageId, undefined, answer);
        },
        (error: MqttError) => {
          if (error.code === 'closed') {
            // The store keeps it, for the next one that has the store.
            this.#late(() => this.#forget(messageId, errorOfPublish(error)));
          } else if (error.code !== 'aborted') {
            const cmd = qos === 2 ? 'pubrec' : 'puback';
            const answer = { cmd, messageId, reasonCode: error.reasonCode } as IPubackPacket;
            this.#settle(messageId, errorOfPublish(error), answer);
          }
        },
      ),
    );
  }

  async #send(
    core: Client,
    topic: string,
    payload: string | Uint8Array,
    options: PublishOptions,
  ): Promise<PublishResult> {
    return core.publish(topic, payload, options);
  }

  #said(properties: IPublishPacket['properties']): PublishOptions {
    return this.#client.options.protocolVersion === 5 && properties ? given(publishOptionsOf(properties)) : {};
  }

  #settle(messageId: number, error: Error | undefined, packet: IPubackPacket | IPubcompPacket): void {
    const entry = this.#client.outgoing[messageId];
    if (entry) {
      this.#end(messageId, () => entry.cb(error, packet));
    }
  }

  #end(messageId: number, then: () => void): void {
    const client = this.#client;
    this.#aborts.delete(messageId);
    delete client.outgoing[messageId];
    client.outgoingStore.del({ messageId }, () => {
      client.messageIdProvider.deallocate(messageId);
      then();
      client.emptied();
    });
  }

  #forget(messageId: number, error: Error): void {
    const entry = this.#client.outgoing[messageId];
    this.#aborts.delete(messageId);
    delete this.#client.outgoing[messageId];
    this.#client.messageIdProvider.deallocate(messageId);
    entry?.cb(error);
  }

  /** After who ended the client was told that it has ended. */
  #late(run: () => void): void {
    setTimeout(run);
  }

  /** The topic that the application means. */
  #alias(topic: string, alias: number): string | Error {
    const { server } = this.#client;
    if (topic === '') {
      return this.#aliases.get(alias) ?? new Error('Unregistered Topic Alias');
    }
    if (server && (alias < 1 || alias > server.topicAliasMaximum)) {
      return new Error('Sending Topic Alias out of range');
    }
    this.#aliases.set(alias, topic);
    return topic;
  }
}
