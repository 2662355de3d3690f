/** The options of a broker, checked, with their defaults. */

import type { BrokerOptions } from './types.js';

const DEFAULTS = {
  url: 'ws://broker.test/mqtt',
  versions: [3, 4, 5],
  latency: 0,
  authenticate: undefined,
  authentication: undefined,
  receiveMaximum: 0xffff,
  maximumPacketSize: Number.POSITIVE_INFINITY,
  maximumQoS: 2,
  topicAliasMaximum: 10,
  retainAvailable: true,
  wildcardSubscriptionAvailable: true,
  subscriptionIdentifierAvailable: true,
  sharedSubscriptionAvailable: true,
  serverKeepAlive: undefined,
  maximumSessionExpiry: Number.POSITIVE_INFINITY,
  responseInformation: undefined,
} satisfies { [Name in keyof BrokerOptions]-?: BrokerOptions[Name] };

type Given = { readonly [Name in keyof typeof DEFAULTS]-?: Exclude<BrokerOptions[Name], undefined> };

/** Those without a default may be missing. */
export type Settings = Omit<Given, Missing> & { readonly [Name in Missing]: Given[Name] | undefined };

type Missing = 'authenticate' | 'authentication' | 'serverKeepAlive' | 'responseInformation';

/** Least and greatest value of each number. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  latency: [0, Number.POSITIVE_INFINITY],
  receiveMaximum: [1, 0xffff],
  maximumPacketSize: [1, Number.POSITIVE_INFINITY],
  maximumQoS: [0, 2],
  topicAliasMaximum: [0, 0xffff],
  serverKeepAlive: [0, 0xffff],
  maximumSessionExpiry: [0, Number.POSITIVE_INFINITY],
};

/** @throws {TypeError} that names an option which is unknown or wrong */
export function settingsOf(options: BrokerOptions): Settings {
  const settings: Record<string, unknown> = { ...DEFAULTS };
  for (const [name, value] of Object.entries(options)) {
    if (!(name in DEFAULTS)) {
      throw new TypeError(`a broker has no option ${name}`);
    }
    if (value === undefined) {
      continue;
    }
    const [from, to] = RANGES[name] ?? [];
    if (from !== undefined && to !== undefined && !(typeof value === 'number' && value >= from && value <= to)) {
      throw new TypeError(`${name} is a number from ${from} to ${to}`);
    }
    settings[name] = value;
  }
  return settings as unknown as Settings;
}
