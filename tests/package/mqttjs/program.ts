/** A program for MQTT.js that uses most of what a page can. It compiles against `mqtt` and against `wasmqtt/mqttjs`. */

import mqtt, {
  Client,
  connect,
  connectAsync,
  DefaultMessageIdProvider,
  ErrorWithReasonCode,
  type IClientOptions,
  type IClientPublishOptions,
  type IClientSubscribeOptions,
  type IConnackPacket,
  type IDisconnectPacket,
  type IPublishPacket,
  type ISubscriptionGrant,
  type ISubscriptionMap,
  MqttClient,
  type OnMessageCallback,
  type Packet,
  type PacketCallback,
  ReasonCodes,
  Store,
  UniqueMessageIdProvider,
  validateTopic,
  validateTopics,
} from 'mqtt';

const options: IClientOptions = {
  clientId: MqttClient.defaultId(),
  username: 'dashboard',
  password: 'secret',
  clean: true,
  keepalive: 30,
  reconnectPeriod: 1000,
  connectTimeout: 4000,
  protocolVersion: 5,
  resubscribe: true,
  queueQoSZero: false,
  properties: { sessionExpiryInterval: 60, receiveMaximum: 10, userProperties: { page: 'one' } },
  will: {
    topic: 'pages/one',
    payload: 'gone',
    qos: 1,
    retain: true,
    properties: { willDelayInterval: 5, contentType: 'text/plain' },
  },
  incomingStore: new Store({ clean: false }),
  outgoingStore: new Store({ clean: false }),
  messageIdProvider: new UniqueMessageIdProvider(),
  transformWsUrl: (url, given, client) => `${url}?id=${given.clientId ?? client.options.clientId}`,
  createWebsocket: (url, protocols) => new WebSocket(url, protocols),
  customHandleAcks: (topic, message, packet, done) => done(message.length > 0 && packet && topic ? 0 : 128),
  servers: [{ host: 'one.example', port: 8083, protocol: 'wss' }],
  log: (...said) => console.debug(...said),
};

const client: mqtt.MqttClient = mqtt.connect('wss://broker.example:8084/mqtt', options);
const other = connect({ ...options, host: 'broker.example', manualConnect: true });
const later: Promise<MqttClient> = connectAsync('ws://broker.example', { protocolVersion: 4 });

const seen: OnMessageCallback = (topic, payload, packet) => {
  const text: string = payload.toString();
  const hex: string = payload.toString('hex');
  const parsed: { value: number } = JSON.parse(payload.toString('utf8'));
  const bytes: Uint8Array = payload;
  const size: number = payload.length + (payload[0] ?? 0) + payload.readUInt8(0) + bytes.byteLength;
  const same: boolean = payload.equals(payload);
  console.log(topic, text, hex, parsed.value, size, same, packet.retain, packet.qos, packet.properties?.contentType);
};

client
  .on('connect', (packet: IConnackPacket) => console.log(packet.sessionPresent, packet.reasonCode))
  .on('reconnect', () => console.log(client.reconnecting))
  .on('close', () => console.log(client.connected))
  .on('offline', () => console.log(client.disconnected))
  .on('end', () => console.log(client.disconnecting))
  .on('disconnect', (packet: IDisconnectPacket) => console.log(packet.reasonCode))
  .on('error', (error) => console.log(error.message, error instanceof ErrorWithReasonCode && error.code))
  .on('packetsend', (packet: Packet) => console.log(packet.cmd, packet.messageId))
  .on('packetreceive', (packet) => packet.cmd === 'publish' && console.log(packet.topic))
  .on('outgoingEmpty', () => {});
client.on('message', seen);
client.once('message', (topic: string, payload: Buffer, packet: IPublishPacket) => console.log(topic, payload, packet));
client.off('message', seen).removeListener('message', seen).removeAllListeners('packetsend').setMaxListeners(20);
console.log(client.listenerCount('message'), client.listeners('connect').length, client.eventNames());

const publishing: IClientPublishOptions = { qos: 1, retain: true, properties: { messageExpiryInterval: 60 } };
const published: PacketCallback = (error, packet) => console.log(error?.message, packet?.cmd);
client.publish('a/b', 'text');
client.publish('a/b', Buffer.from('bytes'), publishing);
client.publish('a/b', 'text', published).publish('a/b', 'text', { qos: 2, cbStorePut: () => {} }, published);

const subscribing: IClientSubscribeOptions = { qos: 1, nl: true, rap: true, rh: 1 };
const map: ISubscriptionMap = { 'a/#': { qos: 0 }, 'b/+': { qos: 2 } };
client.subscribe('a/b');
client.subscribe(['a/b', 'c'], subscribing);
client.subscribe(map, (error, granted?: ISubscriptionGrant[]) =>
  console.log(
    error,
    granted?.map(({ topic }) => topic),
  ),
);
client.subscribe('a/b', { qos: 1 }, (error, granted, packet) => console.log(error, granted?.[0]?.qos, packet?.granted));
client.unsubscribe('a/b');
client.unsubscribe(['a/b'], { properties: { userProperties: { why: 'done' } } }, (error?: Error) => console.log(error));

async function all(): Promise<void> {
  const connected = await later;
  const granted: ISubscriptionGrant[] = await connected.subscribeAsync('a', { qos: 1 });
  const packet: Packet | undefined = await connected.publishAsync('a', 'b', { qos: 1 });
  await connected.unsubscribeAsync('a');
  console.log(granted.length, packet?.messageId, connected.getLastMessageId());
  connected.removeOutgoingMessage(connected.getLastMessageId() ?? 0);
  connected.reconnect();
  await connected.endAsync(true);
  await connected.endAsync();
}

client.handleMessage = (packet, callback) => callback(packet.topic === '' ? new Error('no topic') : undefined);
console.log(other instanceof Client);
other.connect();
other.reconnect({ incomingStore: new Store(), outgoingStore: new Store() });
other.end();
other.end(true, { reasonCode: 4 }, (error) => console.log(error));
client.end(false, () => all().catch((error: Error) => console.log(error)));
console.log(client.options.clientId, client.queue.length, client.outgoing, MqttClient.VERSION, ReasonCodes[135]);
console.log(new DefaultMessageIdProvider().allocate(), validateTopic('a/+'), validateTopics(['a/#']));
