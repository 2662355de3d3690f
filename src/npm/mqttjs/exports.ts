/** What the module has, by name; its default is all of it. */

import { MqttClient } from './client.js';
import { connect, connectAsync } from './connect.js';
import { ErrorWithReasonCode, ErrorWithSubackPacket, ReasonCodes } from './errors.js';
import { DefaultMessageIdProvider, UniqueMessageIdProvider } from './identifiers.js';
import { Store } from './store.js';
import { validateTopic, validateTopics } from './validations.js';

export type { Bytes, MessagePayload } from './bytes.js';
export type { KeepaliveManager } from './client.js';
export type { IMessageIdProvider } from './identifiers.js';
export type * from './packet-types.js';
export type { IStore, IStoreOptions, PacketStream } from './store.js';
export type { Stream } from './stream.js';
export type * from './types.js';
export {
  connect,
  connectAsync,
  DefaultMessageIdProvider,
  ErrorWithReasonCode,
  ErrorWithSubackPacket,
  MqttClient,
  MqttClient as Client,
  ReasonCodes,
  Store,
  UniqueMessageIdProvider,
  validateTopic,
  validateTopics,
};
