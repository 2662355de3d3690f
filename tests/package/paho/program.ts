// A program typed against `@types/paho-mqtt`: it compiles against that and against `wasmqtt/paho` alike.

import * as everything from 'LIBRARY';
import Paho, { Client, type ConnectionOptions, Message, type MQTTError } from 'LIBRARY';

const client: Client = new Client('broker.example', 443, '/mqtt', 'dashboard');
export const others: Paho.Client[] = [
  new Paho.Client('broker.example', 443, 'dashboard'),
  new everything.Client('wss://broker.example/mqtt', 'dashboard'),
];

const will: Message = new Message('gone');
will.destinationName = 'status';
will.qos = 1;
will.retained = true;

const options: ConnectionOptions = {
  timeout: 3,
  userName: 'user',
  password: 'password',
  willMessage: will,
  keepAliveInterval: 30,
  cleanSession: true,
  useSSL: true,
  invocationContext: { page: 1 },
  hosts: ['a.example', 'b.example'],
  ports: [443, 8443],
  mqttVersion: 4,
  mqttVersionExplicit: true,
  reconnect: true,
  uris: ['wss://a.example/mqtt'],
  onSuccess: (told: Paho.WithInvocationContext) => console.log(told.invocationContext.page),
  onFailure({ errorCode, errorMessage, invocationContext }: Paho.ErrorWithInvocationContext) {
    const code: number = errorCode;
    const text: string = errorMessage;
    console.log(code, text, invocationContext);
  },
};

const lost: Paho.OnConnectionLostHandler = (error: MQTTError) => {
  if (error.errorCode !== 0) {
    console.log(error.errorMessage);
  }
};
client.onConnectionLost = lost;
client.onMessageArrived = (message: Message) => {
  const text: string = message.payloadString;
  const bytes: ArrayBuffer | Paho.TypedArray = message.payloadBytes;
  const qos: Paho.Qos = message.qos;
  console.log(message.destinationName, text, bytes.byteLength, qos, message.retained, message.duplicate);
};
client.onMessageDelivered = ({ destinationName }) => console.log(destinationName);
client.trace = ({ severity, message }: Paho.TraceElement) => console.log(severity, message);
client.connect(options);
client.connect();

const subscribing: Paho.SubscribeOptions = {
  qos: 2,
  timeout: 10,
  onSuccess(told: Paho.OnSubscribeSuccessParams) {
    const granted: Paho.Qos = told.grantedQos;
    console.log(granted);
  },
  onFailure: ({ errorCode }) => console.log(errorCode.toFixed()),
};
client.subscribe('plant/+/temperature', subscribing);
const ending: Paho.UnsubscribeOptions = { onSuccess: () => undefined };
client.unsubscribe('plant/+/temperature', ending);
client.send(will);
client.send('topic', 'text', 1, true);
client.send('topic', new ArrayBuffer(2));
client.startTrace();
export const log: string[] = client.getTraceLog();
client.stopTrace();
export const state: boolean = client.isConnected();
export const place: [string, number, string, string] = [client.host, client.port, client.path, client.clientId];
client.disconnect();
