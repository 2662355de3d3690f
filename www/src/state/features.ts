/**
 * What the connection at hand can and cannot do, from what the server said in CONNACK and the version in force.
 * It does not guess: a broker is believed.
 */
import type { ServerInfo } from 'wasmqtt';
import { versionName } from '../lib/format.js';

export interface Feature {
  readonly name: string;
  readonly available: boolean;
  /** Why it is not, with the broker as the subject. */
  readonly why: string;
}

const FIVE_ONLY: readonly string[] = [
  'Message properties',
  'Message expiry',
  'Reason codes',
  'Session expiry',
  'Will delay',
  'No local',
  'Retain as published',
  'Retain handling',
  'Topic aliases',
  'Flow control',
];

export function featuresOf(server: ServerInfo): Feature[] {
  const five = server.protocol === 5;
  const needsFive = `speaks ${versionName(server.protocol)} here`;
  const told = (name: string, available: boolean): Feature => ({
    name,
    available,
    why: available ? '' : 'said so when it accepted the connection',
  });
  return [
    told('Retained messages', server.retainAvailable),
    told('Wildcards', server.wildcardSubscriptionAvailable),
    { name: 'QoS 2', available: server.maximumQoS === 2, why: `allows QoS ${server.maximumQoS} at most` },
    five
      ? told('Shared subscriptions', server.sharedSubscriptionAvailable)
      : { name: 'Shared subscriptions', available: false, why: needsFive },
    ...FIVE_ONLY.map((name): Feature => {
      if (!five) return { name, available: false, why: needsFive };
      if (name === 'Topic aliases') return told(name, server.topicAliasMaximum > 0);
      return { name, available: true, why: '' };
    }),
  ];
}

/** Why something of 5.0 can't be had now; undefined when it can, or when nobody knows yet. */
export function whyNotFive(server: ServerInfo | undefined): string | undefined {
  if (server === undefined || server.protocol === 5) return undefined;
  return `Needs MQTT 5.0; this connection speaks ${versionName(server.protocol)}.`;
}
