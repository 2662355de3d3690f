/** Properties of 5.0 between MQTT.js's words and the client's. */

import type { MessageProperties, UserProperties as Pairs, PublishOptions } from '../api/types.js';
import { payloadOf } from './bytes.js';
import type { IPublishPacket, UserProperties } from './packet-types.js';

/** As pairs, in their order. */
export function pairsOf(properties: UserProperties | undefined): [string, string][] | undefined {
  return (
    properties &&
    Object.entries(properties).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]))
  );
}

/** By their names. */
export function namedOf(pairs: Pairs): UserProperties | undefined {
  const named: UserProperties = {};
  for (const [name, value] of pairs) {
    const before = Object.hasOwn(named, name) ? named[name] : undefined;
    // Not by assignment: it may be called as something that every object has.
    Object.defineProperty(named, name, {
      value: before === undefined ? value : [before, value].flat(),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return pairs.length > 0 ? named : undefined;
}

/** Of a message that is published, or a will. */
export function publishOptionsOf(properties: IPublishPacket['properties']): PublishOptions {
  const { payloadFormatIndicator, messageExpiryInterval, contentType, responseTopic, correlationData, userProperties } =
    properties ?? {};
  return {
    ...(payloadFormatIndicator !== undefined && { payloadFormat: payloadFormatIndicator ? 'utf-8' : 'bytes' }),
    expiry: messageExpiryInterval,
    contentType,
    responseTopic,
    correlationData,
    userProperties: pairsOf(userProperties),
  };
}

/** Of a message that came; nothing is in it that did not come. */
export function publishPropertiesOf(
  properties: MessageProperties,
  identifiers: readonly number[],
): NonNullable<IPublishPacket['properties']> {
  const { payloadFormat, expiry, contentType, responseTopic, correlationData } = properties;
  return given({
    payloadFormatIndicator: payloadFormat && payloadFormat === 'utf-8',
    messageExpiryInterval: expiry,
    contentType,
    responseTopic,
    correlationData: correlationData && payloadOf(correlationData),
    userProperties: namedOf(properties.userProperties),
    subscriptionIdentifier: identifiers.length > 1 ? [...identifiers] : identifiers[0],
  });
}

/** Without what is undefined. */
export function given<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
