/** A message on its way through the broker, and how a test sees it. It does not know who gets it. */

import type { QoS } from '../api/types.js';
import type { Properties, Publish, Will } from '../packets/types.js';
import type { BrokerPublishOptions, PublishedMessage } from './types.js';

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Those that travel with it (5.0, 3.3.2.3). */
  readonly properties: Properties;
  /** By `Date.now()`; `Infinity` for never. */
  readonly expiresAt: number;
  readonly clientId: string | undefined;
  readonly isWill: boolean;
}

/** Of a PUBLISH, or of a will at the time at which it is published. */
export function messageOf(
  { topic, payload, qos, retain, properties }: Publish | Will,
  clientId: string | undefined,
  isWill = false,
): Message {
  const { topicAlias, subscriptionIdentifiers, willDelayInterval, ...travels } = properties;
  const { messageExpiryInterval: seconds = Number.POSITIVE_INFINITY } = travels;
  const expiresAt = Date.now() + seconds * 1000;
  return { topic, payload: payload.slice(), qos, retain, properties: travels, expiresAt, clientId, isWill };
}

/** Of the test itself. */
export function publishOf(topic: string, payload: Uint8Array, options: BrokerPublishOptions): Publish {
  const { qos = 0, retain = false, payloadFormat, expiry, userProperties, ...others } = options;
  const given = {
    messageExpiryInterval: expiry,
    payloadFormatIndicator: payloadFormat && (payloadFormat === 'utf-8' ? 1 : 0),
    contentType: others.contentType,
    responseTopic: others.responseTopic,
    correlationData: others.correlationData,
    userProperties,
  };
  const properties = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Properties;
  return { type: 'publish', duplicate: false, qos, retain, topic, payload, properties };
}

/** The properties to send now, with what is left of its lifetime [MQTT-3.3.2-6]; `undefined` when it has none left. */
export function propertiesNow({ properties, expiresAt }: Message): Properties | undefined {
  if (expiresAt === Number.POSITIVE_INFINITY) {
    return properties;
  }
  const left = Math.ceil((expiresAt - Date.now()) / 1000);
  return left > 0 ? { ...properties, messageExpiryInterval: left } : undefined;
}

export function shown({ expiresAt, ...message }: Message): PublishedMessage {
  const text = () => new TextDecoder().decode(message.payload);
  return { ...message, text, json: () => JSON.parse(text()) };
}
