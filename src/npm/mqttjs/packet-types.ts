/** Packets as MQTT.js says them. Types alone. */

export type QoS = 0 | 1 | 2;
/** A name that comes twice has an array. */
export type UserProperties = { [name: string]: string | string[] };

export type PacketCmd =
  | 'auth'
  | 'connack'
  | 'connect'
  | 'disconnect'
  | 'pingreq'
  | 'pingresp'
  | 'puback'
  | 'pubcomp'
  | 'publish'
  | 'pubrel'
  | 'pubrec'
  | 'suback'
  | 'subscribe'
  | 'unsuback'
  | 'unsubscribe';

export interface IPacket {
  cmd: PacketCmd;
  messageId?: number;
  length?: number;
}

interface Reasons {
  reasonString?: string;
  userProperties?: UserProperties;
}

export interface IAuthPacket extends IPacket {
  cmd: 'auth';
  reasonCode: number;
  properties?: Reasons & { authenticationMethod?: string; authenticationData?: Uint8Array };
}

/** Of a will, and of a message. */
interface MessageProperties {
  payloadFormatIndicator?: boolean;
  messageExpiryInterval?: number;
  contentType?: string;
  responseTopic?: string;
  correlationData?: Uint8Array;
  userProperties?: UserProperties;
}

export interface IConnectPacket extends IPacket {
  cmd: 'connect';
  clientId: string;
  protocolVersion?: 4 | 5 | 3;
  protocolId?: 'MQTT' | 'MQIsdp';
  clean?: boolean;
  keepalive?: number;
  username?: string;
  password?: Uint8Array;
  will?: {
    topic: string;
    payload: Uint8Array | string;
    qos?: QoS;
    retain?: boolean;
    properties?: MessageProperties & { willDelayInterval?: number };
  };
  properties?: {
    sessionExpiryInterval?: number;
    receiveMaximum?: number;
    maximumPacketSize?: number;
    topicAliasMaximum?: number;
    requestResponseInformation?: boolean;
    requestProblemInformation?: boolean;
    userProperties?: UserProperties;
    authenticationMethod?: string;
    authenticationData?: Uint8Array;
  };
}

export interface IPublishPacket extends IPacket {
  cmd: 'publish';
  qos: QoS;
  dup: boolean;
  retain: boolean;
  topic: string;
  payload: string | import('./bytes.js').MessagePayload;
  properties?: MessageProperties & { topicAlias?: number; subscriptionIdentifier?: number | number[] };
}

export interface IConnackPacket extends IPacket {
  cmd: 'connack';
  /** 3.x */
  returnCode?: number;
  /** 5.0 */
  reasonCode?: number;
  sessionPresent: boolean;
  properties?: Reasons & {
    sessionExpiryInterval?: number;
    receiveMaximum?: number;
    maximumQoS?: number;
    retainAvailable?: boolean;
    maximumPacketSize?: number;
    assignedClientIdentifier?: string;
    topicAliasMaximum?: number;
    wildcardSubscriptionAvailable?: boolean;
    subscriptionIdentifiersAvailable?: boolean;
    sharedSubscriptionAvailable?: boolean;
    serverKeepAlive?: number;
    responseInformation?: string;
    serverReference?: string;
    authenticationMethod?: string;
    authenticationData?: Uint8Array;
  };
}

export interface ISubscription {
  topic: string;
  qos: QoS;
  /** No Local */
  nl?: boolean;
  /** Retain As Published */
  rap?: boolean;
  /** Retain Handling */
  rh?: number;
}

export interface ISubscribePacket extends IPacket {
  cmd: 'subscribe';
  subscriptions: ISubscription[];
  properties?: Reasons & { subscriptionIdentifier?: number };
}

export interface ISubackPacket extends IPacket {
  cmd: 'suback';
  reasonCode?: number;
  properties?: Reasons;
  granted: number[];
}

export interface IUnsubscribePacket extends IPacket {
  cmd: 'unsubscribe';
  properties?: Reasons;
  unsubscriptions: string[];
}

export interface IUnsubackPacket extends IPacket {
  cmd: 'unsuback';
  reasonCode?: number;
  properties?: Reasons;
  granted: number[];
}

interface IAckPacket extends IPacket {
  reasonCode?: number;
  properties?: Reasons;
}

export interface IPubackPacket extends IAckPacket {
  cmd: 'puback';
}

export interface IPubcompPacket extends IAckPacket {
  cmd: 'pubcomp';
}

export interface IPubrelPacket extends IAckPacket {
  cmd: 'pubrel';
}

export interface IPubrecPacket extends IAckPacket {
  cmd: 'pubrec';
}

export interface IPingreqPacket extends IPacket {
  cmd: 'pingreq';
}

export interface IPingrespPacket extends IPacket {
  cmd: 'pingresp';
}

export interface IDisconnectPacket extends IPacket {
  cmd: 'disconnect';
  reasonCode?: number;
  properties?: Reasons & { sessionExpiryInterval?: number; serverReference?: string };
}

export type Packet =
  | IConnectPacket
  | IPublishPacket
  | IConnackPacket
  | ISubscribePacket
  | ISubackPacket
  | IUnsubscribePacket
  | IUnsubackPacket
  | IPubackPacket
  | IPubcompPacket
  | IPubrelPacket
  | IPingreqPacket
  | IPingrespPacket
  | IDisconnectPacket
  | IPubrecPacket
  | IAuthPacket;
