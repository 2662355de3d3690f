/** What the broker says to SUBSCRIBE and UNSUBSCRIBE. */

import type { ProtocolVersion, QoS } from '../api/types.js';
import { sharedFilter } from '../packets/topics.js';
import type { PacketToEncode, Subscribe, SubscriptionRequest, Unsubscribe } from '../packets/types.js';
import type { Rules } from './rules.js';
import type { Session, Subscription } from './session.js';
import type { Settings } from './settings.js';

interface Server {
  readonly settings: Settings;
  readonly rules: Rules;
  subscribe(session: Session, subscription: Subscription): void;
}

/** SUBACK first, then what is retained. */
export function answerSubscribe(
  { packetIdentifier, subscriptions, properties }: Subscribe,
  session: Session,
  server: Server,
  send: (packet: PacketToEncode) => void,
): void {
  const [identifier] = properties.subscriptionIdentifiers ?? [];
  const granted: Subscription[] = [];
  const reasonCodes = subscriptions.map((request) => {
    const code = refusal(request, identifier, server);
    if (code !== undefined) {
      return session.outlet?.version === 5 ? code : 0x80;
    }
    const qos = Math.min(request.qos, server.settings.maximumQoS) as QoS;
    granted.push({ ...request, qos, identifier });
    return qos;
  });
  send({ type: 'suback', packetIdentifier, reasonCodes });
  for (const subscription of granted) {
    server.subscribe(session, subscription);
  }
}

function refusal(
  { filter }: SubscriptionRequest,
  identifier: number | undefined,
  { settings, rules }: Server,
): number | undefined {
  if (!settings.wildcardSubscriptionAvailable && /[+#]/.test(filter)) {
    return 0xa2;
  }
  const shared = sharedFilter(filter);
  if (!settings.sharedSubscriptionAvailable && shared) {
    return 0x9e;
  }
  if (!settings.subscriptionIdentifierAvailable && identifier !== undefined) {
    return 0xa1;
  }
  return rules.forbidden('subscribe', shared?.filter ?? filter);
}

export function answerUnsubscribe(
  { packetIdentifier, filters }: Unsubscribe,
  session: Session,
  version: ProtocolVersion,
): PacketToEncode {
  const codes = filters.map((filter) => (session.subscriptions.delete(filter) ? 0 : 0x11));
  return { type: 'unsuback', packetIdentifier, reasonCodes: version === 5 ? codes : [] };
}
