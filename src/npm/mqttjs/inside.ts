/** The client as its parts see it: what they look at, and whom they tell. */

import type { ServerInfo } from '../api/types.js';
import type { Client } from '../index.js';
import type { DoneCallback, PacketCallback } from './callbacks.js';
import type { IMessageIdProvider } from './identifiers.js';
import type { IPublishPacket, Packet } from './packet-types.js';
import type { IStore } from './store.js';
import type { IClientOptions, MqttClientEventCallbacks } from './types.js';

export interface Inside {
  readonly options: IClientOptions;
  readonly connected: boolean;
  readonly queueQoSZero: boolean;
  readonly outgoing: Record<number, { volatile: boolean; cb: PacketCallback }>;
  readonly outgoingStore: IStore;
  readonly messageIdProvider: IMessageIdProvider;
  readonly messageIdToTopic: Record<number, string[]>;
  readonly server: ServerInfo | undefined;
  readonly noop: () => void;
  // biome-ignore lint/suspicious/noExplicitAny: as console.log.
  readonly log: (...args: any[]) => void;
  emit<Type extends keyof MqttClientEventCallbacks>(
    event: Type,
    ...args: Parameters<MqttClientEventCallbacks[Type]>
  ): boolean;
  handleMessage(packet: IPublishPacket, callback: DoneCallback): void;
  /** For the core there is, or the next one. */
  whenMade(run: (core: Client) => void): void;
  /** Tells who asks for something while the client ends. */
  refuses(callback?: ((error: Error) => void) | undefined): boolean;
  /** It waits for a connection. */
  queued(packet: Packet, cb?: PacketCallback): void;
  /** What is until the connection is lost has its answer. */
  answered(messageId: number, error?: Error, packet?: Packet): void;
  /** Something less waits. */
  emptied(): void;
}
