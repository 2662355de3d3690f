/** The options and callbacks of the client, in MQTT.js's words. Types alone. */

import type { MessagePayload } from './bytes.js';
import type { ErrorWithReasonCode } from './errors.js';
import type { IMessageIdProvider } from './identifiers.js';
import type {
  IAuthPacket,
  IConnackPacket,
  IConnectPacket,
  IDisconnectPacket,
  IPublishPacket,
  ISubackPacket,
  ISubscribePacket,
  IUnsubscribePacket,
  Packet,
  QoS,
} from './packet-types.js';
import type { IStore, Store } from './store.js';

export type { DoneCallback, PacketCallback } from './callbacks.js';

export type BaseMqttProtocol = 'wss' | 'ws' | 'mqtt' | 'mqtts' | 'tcp' | 'ssl' | 'wx' | 'wxs' | 'ali' | 'alis';
export type MqttProtocolWithUnix = `${BaseMqttProtocol}+unix`;
export type MqttProtocol = BaseMqttProtocol | MqttProtocolWithUnix;

export type GenericCallback<T> = (error?: Error, result?: T) => void;
export type VoidCallback = () => void;
export type Callback = () => void;
export type StorePutCallback = () => void;
export type TimerVariant = 'auto' | 'worker' | 'native';

export interface Timer {
  set(callback: () => void, milliseconds?: number): number;
  clear(timer: number): void;
}

/** Says with which reason code a message is acknowledged (5.0). */
export type AckHandler = (
  topic: string,
  message: MessagePayload,
  // biome-ignore lint/suspicious/noExplicitAny: as MQTT.js has it.
  packet: any,
  cb: (error: Error | number | null, code?: number) => void,
) => void;

/** Nothing of it is a page's to say: it is taken and has no effect. */
export interface ISecureClientOptions {
  key?: unknown;
  keyPath?: string;
  cert?: unknown;
  certPath?: string;
  ca?: unknown;
  caPaths?: string | string[];
  rejectUnauthorized?: boolean;
  ALPNProtocols?: unknown;
}

/** The client as `transformWsUrl` is given it: it is an `MqttClient`. */
export interface AddressedClient {
  options: IClientOptions;
  readonly connected: boolean;
  readonly reconnecting: boolean;
}

export interface IClientOptions extends ISecureClientOptions {
  /** `ws`, `wss`; `mqtt` and `tcp` mean `ws`, `mqtts` and `ssl` mean `wss`. */
  protocol?: MqttProtocol;
  /** Default: that of the page. */
  host?: string;
  hostname?: string;
  /** Default: 80, with `wss` 443. */
  port?: number;
  /** Default: `/`. */
  path?: string;
  /** Of the address; `clientId` in it is the client identifier. */
  query?: Record<string, string>;
  /** `user:password` */
  auth?: string;
  /** With each connection the next one. */
  servers?: Array<{
    host: string;
    port: number;
    protocol?: 'wss' | 'ws' | 'mqtt' | 'mqtts' | 'tcp' | 'ssl' | 'wx' | 'wxs';
  }>;
  defaultProtocol?: MqttProtocol;
  /** Gives the address that is opened, each time. */
  transformWsUrl?(url: string, options: IClientOptions, client: AddressedClient): string;
  /** Makes the socket. */
  // biome-ignore lint/suspicious/noExplicitAny: any implementation of WebSocket.
  createWebsocket?: (url: string, websocketSubProtocols: string[], options: IClientOptions) => any;
  /** Of it `protocols`, the subprotocols to offer, has an effect: a page cannot set headers. */
  // biome-ignore lint/suspicious/noExplicitAny: what Node's implementation takes.
  wsOptions?: any;

  /** Connect when `connect()` of the client is called. */
  manualConnect?: boolean;
  /** Milliseconds; 0 is not at all. Default: 1000. */
  reconnectPeriod?: number;
  /** A refused connection is tried again in any case, unless `reconnectPeriod` is 0. */
  reconnectOnConnackError?: boolean;
  /** Milliseconds to CONNACK. Default: 30 000. */
  connectTimeout?: number;
  /** Subscribe again after a reconnect where the server has lost the subscriptions. Default: true. */
  resubscribe?: boolean;
  /** Filters in one SUBSCRIBE. Default, and at most: 8. */
  subscribeBatchSize?: number | null;
  /** Keep QoS 0 publishes while there is no connection. Default: true. */
  queueQoSZero?: boolean;
  incomingStore?: IStore;
  outgoingStore?: IStore;
  messageIdProvider?: IMessageIdProvider;
  customHandleAcks?: AckHandler;
  /** Default: says nothing. */
  // biome-ignore lint/suspicious/noExplicitAny: as console.log.
  log?: (...args: any[]) => void;

  /** Default: `mqttjs_` and eight hexadecimal digits. */
  clientId?: string;
  /** 3 is 3.1, 4 is 3.1.1, 5 is 5.0. Default: 4. */
  protocolVersion?: IConnectPacket['protocolVersion'];
  protocolId?: IConnectPacket['protocolId'];
  /** Default: true. */
  clean?: boolean;
  /** Seconds; 0 is off. Default: 60. */
  keepalive?: number;
  username?: string;
  password?: Uint8Array | string;
  will?: IConnectPacket['will'];
  /** Of CONNECT (5.0). */
  properties?: IConnectPacket['properties'];

  /** No effect: AUTH before the server asks for it is forbidden [MQTT-4.12.0-2]. See `handleAuth`. */
  authPacket?: Partial<IAuthPacket>;
  /** No effect: aliases are used wherever the server takes any. */
  autoUseTopicAlias?: boolean;
  autoAssignTopicAlias?: boolean;
  /** No effect: a ping goes out when nothing else has until 2 s before the end of the keep-alive. */
  reschedulePings?: boolean;
  /** No effect: there is no stream to configure. */
  encoding?: string;
  browserBufferSize?: number;
  browserBufferTimeout?: number;
  binary?: boolean;
  objectMode?: boolean;
  writeCache?: boolean;
  forceNativeWebSocket?: boolean;
  /** No effect: the browser's clock does not stop in hidden pages for longer than the keep-alive allows. */
  timerVariant?: TimerVariant | Timer;
  servername?: string;
  unixSocket?: boolean;
  socksProxy?: string;
  socksTimeout?: number;
  my?: unknown;
}

export interface IClientPublishOptions {
  /** Default: 0. */
  qos?: QoS;
  /** Default: false. */
  retain?: boolean;
  /** No effect: DUP says that the packet was sent before, which the client knows itself [MQTT-3.3.1-1]. */
  dup?: boolean;
  /** 5.0. */
  properties?: IPublishPacket['properties'];
  /** The message is in `outgoingStore`. */
  cbStorePut?: StorePutCallback;
}

export interface IClientReconnectOptions {
  incomingStore?: Store;
  outgoingStore?: Store;
}

export interface IClientSubscribeProperties {
  properties?: ISubscribePacket['properties'];
}

export interface IClientSubscribeOptions extends IClientSubscribeProperties {
  qos: QoS;
  /** No Local (5.0). */
  nl?: boolean;
  /** Retain As Published (5.0). */
  rap?: boolean;
  /** Retain Handling (5.0). */
  rh?: number;
}

export interface ISubscriptionRequest extends IClientSubscribeOptions {
  topic: string;
}

export interface ISubscriptionGrant extends Omit<ISubscriptionRequest, 'qos' | 'properties'> {
  /** As granted; 128 or more where it was refused. */
  qos: QoS | 128;
}

export type ISubscriptionMap = { [topic: string]: IClientSubscribeOptions } & { resubscribe?: boolean };

export interface IClientUnsubscribeProperties {
  /** Programs for MQTT.js 4 give it: without effect. */
  qos?: QoS;
  properties?: IUnsubscribePacket['properties'];
}

/** As a method's, so that one for MQTT.js 4 will do, where `err` is not `null` and `granted` is there. */
export type ClientSubscribeCallback = {
  told(err: Error | null, granted?: ISubscriptionGrant[], packet?: ISubackPacket): void;
}['told'];
export type OnConnectCallback = (packet: IConnackPacket) => void;
export type OnDisconnectCallback = (packet: IDisconnectPacket) => void;
export type OnMessageCallback = (topic: string, payload: MessagePayload, packet: IPublishPacket) => void;
export type OnPacketCallback = (packet: Packet) => void;
export type OnCloseCallback = () => void;
export type OnErrorCallback = (error: Error | ErrorWithReasonCode) => void;
export type CloseCallback = (error?: Error) => void;

export interface MqttClientEventCallbacks {
  connect: OnConnectCallback;
  message: OnMessageCallback;
  packetsend: OnPacketCallback;
  packetreceive: OnPacketCallback;
  disconnect: OnDisconnectCallback;
  error: OnErrorCallback;
  close: OnCloseCallback;
  end: VoidCallback;
  reconnect: VoidCallback;
  offline: VoidCallback;
  outgoingEmpty: VoidCallback;
}
