/** Why cases of MQTT.js's suite do not pass, in a sentence each. */

/** What there is, and whether a program in a browser could meet it. @type {Record<string, { browser: boolean }>} */
export const KINDS = {
  'no-browser': { browser: false },
  private: { browser: false },
  forbidden: { browser: false },
  differs: { browser: true },
};

const HANDLERS = 'It calls functions inside the original that read packets.';
const ALIASES = 'The client has Topic Aliases of its own on the wire, for topics that are used often.';
const FORCED =
  "It ends by force what is in flight, whose callback is never called there: here it is told 'Connection closed'.";
const RESCHEDULE = 'It counts the calls of a private method of the original.';

/** @type {{ case: string, kind: keyof typeof KINDS, because: string, protocol?: string, file?: string, always?: boolean }[]} */
export const REASONS = [
  {
    case: 'should reconnect to multiple host-ports-protocol combinations',
    kind: 'no-browser',
    because: 'Its server for wss: speaks no TLS, and sees bare TCP connections.',
  },
  {
    case: 'should provide connack packet with connect event',
    kind: 'forbidden',
    because: 'Its server says Session Present after a clean start [MQTT-3.2.2-1].',
  },
  {
    case: 'should emit error event if the socket refuses the connection',
    kind: 'no-browser',
    because: 'It asks for ECONNREFUSED: a page is not told why a WebSocket did not open.',
  },
  {
    case: 'should not interrupt messages',
    kind: 'forbidden',
    because:
      'Its server answers PUBLISH of QoS 2 by PUBACK [MQTT-4.3.3-2]: now and then it has ended before that is seen.',
  },
  {
    case: 'should mark a message as duplicate when "dup" option is set',
    kind: 'forbidden',
    because: 'It asks for DUP in a packet that was not sent before [MQTT-3.3.1-1].',
  },
  {
    case: 'should publish 10 QoS 1 and receive them only when',
    kind: 'forbidden',
    because: 'Its server sends QoS 1 with the Packet Identifier 0 [MQTT-2.3.1-1].',
  },
  {
    case: 'should publish 10 QoS 2 and receive them only when',
    kind: 'forbidden',
    because: 'Its server sends QoS 2 with the Packet Identifier 0 [MQTT-2.3.1-1].',
  },
  { case: 'should not send a `puback` if the execution of', kind: 'private', because: HANDLERS },
  { case: 'should silently ignore errors thrown by `handleMessage`', kind: 'private', because: HANDLERS },
  { case: 'with async incoming store in QoS', kind: 'private', because: HANDLERS },
  { case: 'should not send a `pubcomp` if the execution of', kind: 'private', because: HANDLERS },
  { case: 'handle qos 2 messages exactly once when multiple pubrel', kind: 'private', because: HANDLERS },
  {
    case: 'should send an unsubscribe packet (offline)',
    kind: 'differs',
    because: 'A server without a session has nothing to end, so nothing is sent and the callback is called.',
  },
  {
    case: 'should fire a callback on unsuback',
    kind: 'forbidden',
    because: 'Its server sends two UNSUBACKs for one UNSUBSCRIBE.',
  },
  {
    case: 'should send ping at keepalive interval',
    kind: 'private',
    because: "It counts calls of the original's own `sendPing` for each ping.",
  },
  { case: 'should not shift ping on publish', kind: 'private', because: RESCHEDULE },
  { case: 'reschedule pings if publishing at a higher rate', kind: 'private', because: RESCHEDULE },
  { case: 'should shift ping on pingresp', kind: 'private', because: RESCHEDULE },
  {
    case: 'should emit connack timeout error',
    kind: 'private',
    because: 'It has a timer of the original run on after CONNACK, which only its own fake clock makes happen.',
  },
  {
    case: 'should reconnect on connack error if requested',
    kind: 'forbidden',
    protocol: '3.1.1',
    because: 'Its server sends the return code 135, which 3.1.1 does not have.',
  },
  {
    case: 'should resend in-flight QoS 2 pubrel messages from the client if clean is false',
    kind: 'forbidden',
    because: 'It asks for PUBREL of a session that the server says it does not have.',
  },
  {
    case: 'should reconnect on keepalive timeout',
    kind: 'private',
    because:
      'Its fake clock jumps over the PINGREQ and its limit in one call, in which no promise settles: no time goes so.',
  },
  {
    case: 'should should empty the incoming store',
    kind: 'private',
    because: 'It counts what is in a private field of the incoming store.',
  },
  {
    case: 'topic should be complemented on receive',
    kind: 'differs',
    because: 'A message has its topic: that the server named it by an alias is not told.',
  },
  { case: 'registered topic alias should automatically used', kind: 'differs', protocol: '5.0', because: ALIASES },
  { case: 'topicAlias is automatically used if autoAssign', kind: 'differs', protocol: '5.0', because: ALIASES },
  { case: 'topicAlias should be removed and topic restored on resend', kind: 'differs', because: ALIASES },
  {
    case: 'topicAlias should be removed and topic restored on offline publish',
    kind: 'differs',
    because: 'It asks that QoS 1 overtakes the QoS 0 published before it: here the order is that of publishing.',
  },
  {
    case: 'auth packet',
    kind: 'forbidden',
    because: 'It asks for AUTH with the Reason Code 0, which only a server may send (3.15.2.1).',
  },
  {
    case: 'Subscribe properties',
    kind: 'differs',
    because: 'The client has Subscription Identifiers of its own on the wire: messages carry that of the application.',
  },
  { case: 'puback handling errors check', kind: 'differs', because: FORCED },
  { case: 'pubrec handling errors check', kind: 'differs', because: FORCED },
];
