/** Packets of the wire in MQTT.js's words. It does not know whether they were sent or came. */

import type { ServerInfo } from '../api/types.js';
import type { Connect, Properties, Packet as Read } from '../packets/types.js';
import { payloadOf } from './bytes.js';
import type { IConnackPacket, Packet } from './packet-types.js';
import { given, namedOf } from './properties.js';

/** As an object of its own, that may be changed. */
export function packetOf(packet: Read, five: boolean): Packet {
  const said = 'properties' in packet && five ? { properties: propertiesOf(packet.properties) } : {};
  return { ...fieldsOf(packet, five), ...said } as Packet;
}

function fieldsOf(packet: Read, five: boolean): object {
  const { type: cmd } = packet;
  switch (packet.type) {
    case 'connect':
      return { cmd, ...connectOf(packet) };
    case 'connack':
      return {
        cmd,
        sessionPresent: packet.sessionPresent,
        [five ? 'reasonCode' : 'returnCode']: packet.reasonCode,
      };
    case 'publish': {
      const { qos, retain, duplicate, topic, payload, packetIdentifier } = packet;
      return given({
        cmd,
        topic,
        payload: payloadOf(payload),
        qos,
        retain,
        dup: duplicate,
        messageId: packetIdentifier,
      });
    }
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return { cmd, messageId: packet.packetIdentifier, ...(five && { reasonCode: packet.reasonCode }) };
    case 'subscribe': {
      const subscriptions = packet.subscriptions.map(({ filter, qos, noLocal, retainAsPublished, retainHandling }) => ({
        topic: filter,
        qos,
        ...(five && { nl: noLocal, rap: retainAsPublished, rh: retainHandling }),
      }));
      return { cmd, messageId: packet.packetIdentifier, subscriptions };
    }
    case 'unsubscribe':
      return { cmd, messageId: packet.packetIdentifier, unsubscriptions: [...packet.filters] };
    case 'suback':
    case 'unsuback':
      return { cmd, messageId: packet.packetIdentifier, granted: [...packet.reasonCodes] };
    case 'disconnect':
    case 'auth':
      return { cmd, ...(five && { reasonCode: packet.reasonCode }) };
    default:
      return { cmd };
  }
}

function connectOf({ version, clientIdentifier, cleanStart, keepAlive, username, password, will }: Connect): object {
  return given({
    protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion: version,
    clientId: clientIdentifier,
    clean: cleanStart,
    keepalive: keepAlive,
    username,
    password: password && payloadOf(password),
    will: will && {
      topic: will.topic,
      payload: payloadOf(will.payload),
      qos: will.qos,
      retain: will.retain,
      ...(version === 5 && { properties: propertiesOf(will.properties) }),
    },
  });
}

function propertiesOf(properties: Properties): object {
  const {
    payloadFormatIndicator,
    subscriptionIdentifiers,
    subscriptionIdentifierAvailable,
    userProperties,
    correlationData,
    authenticationData,
    ...same
  } = properties;
  const [first, ...more] = subscriptionIdentifiers ?? [];
  return given({
    ...same,
    payloadFormatIndicator: payloadFormatIndicator === undefined ? undefined : payloadFormatIndicator === 1,
    subscriptionIdentifier: more.length > 0 ? [first, ...more] : first,
    subscriptionIdentifiersAvailable: subscriptionIdentifierAvailable,
    userProperties: userProperties && namedOf(userProperties),
    correlationData: correlationData && payloadOf(correlationData),
    authenticationData: authenticationData && payloadOf(authenticationData),
  });
}

/** What a client is told of CONNACK. */
export function connackOf(server: ServerInfo): IConnackPacket {
  const { protocol, sessionPresent, keepAlive, sessionExpiry, userProperties } = server;
  if (protocol < 5) {
    return { cmd: 'connack', sessionPresent, returnCode: 0 };
  }
  const properties = given({
    sessionExpiryInterval: sessionExpiry,
    receiveMaximum: server.receiveMaximum,
    maximumQoS: server.maximumQoS,
    retainAvailable: server.retainAvailable,
    maximumPacketSize: server.maximumPacketSize,
    assignedClientIdentifier: server.clientId,
    topicAliasMaximum: server.topicAliasMaximum,
    wildcardSubscriptionAvailable: server.wildcardSubscriptionAvailable,
    subscriptionIdentifiersAvailable: server.subscriptionIdentifierAvailable,
    sharedSubscriptionAvailable: server.sharedSubscriptionAvailable,
    serverKeepAlive: keepAlive,
    responseInformation: server.responseInformation,
    serverReference: server.serverReference,
    reasonString: server.reasonString,
    userProperties: namedOf(userProperties),
  });
  return { cmd: 'connack', sessionPresent, reasonCode: 0, properties };
}
