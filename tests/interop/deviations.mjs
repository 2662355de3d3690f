/**
 * What brokers do otherwise than the scenarios ask, each with what was seen. A deviation that is no longer seen fails
 * its test. It does not know how it is shown.
 */

/** @type {readonly { broker: string, protocol?: string, feature: string, seen: string }[]} */
export const DEVIATIONS = [
  {
    broker: 'iotcore (rumqttd)',
    feature: 'wrong password',
    seen: 'It closes the connection without a CONNACK, WebSocket code 1006: the error is connection-lost.',
  },
  {
    broker: 'ejabberd',
    protocol: '5.0',
    feature: 'message expiry',
    seen: 'It delivers a message with a Message Expiry Interval of 1 s more than two seconds later, before the other.',
  },
  {
    broker: 'amqtt',
    feature: 'retained',
    seen: 'An empty retained message clears nothing: a new subscriber gets it, with RETAIN.',
  },
  {
    broker: 'mqttv5',
    protocol: '3.1.1',
    feature: 'taken over',
    seen: 'It sends a client of 3.1.1 the DISCONNECT E0 .. 8E of 5.0, which is a protocol-error there.',
  },
  {
    broker: 'RabbitMQ',
    feature: 'wrong password',
    seen: 'It closes the connection without a CONNACK, WebSocket code 1002 `unauthenticated`: the error is connection-lost.',
  },
  {
    broker: 'RabbitMQ',
    feature: 'will',
    seen: 'It publishes the will after a DISCONNECT, too.',
  },
  {
    broker: 'RabbitMQ',
    feature: 'retained, by a wildcard',
    seen: 'A subscription with a wildcard gets no retained messages.',
  },
];

/** @param {{ broker: string, protocol: string, feature: string }} cell */
export function deviationOf({ broker, protocol, feature }) {
  const found = DEVIATIONS.find(
    (it) => it.broker === broker && it.feature === feature && (it.protocol ?? protocol) === protocol,
  );
  return found?.seen;
}
