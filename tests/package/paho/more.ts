// What Paho has and `@types/paho-mqtt` has not, and the names of 1.0.

import Paho, { type Client, type MQTT, Paho as Named } from 'wasmqtt/paho';

const client: MQTT.Client = new Paho.MQTT.Client('broker.example', 443, 'dashboard');
export const same: Client = client;
export const message: Named.MQTT.Message = new Named.MQTT.Message(new Uint8Array([1]));
message.topic = 'topic';
client.onConnected = (reconnect: boolean, uri: string) => console.log(reconnect, uri);
client.onConnectionLost = ({ reconnect, uri }) => console.log(reconnect, uri);
client.disconnectedPublishing = true;
client.disconnectedBufferSize = 10;
client.publish('topic', 'text', 1, true);
client.publish(message);
client.subscribe(['a', 'b'], { onSuccess: ({ grantedQos }) => console.log(grantedQos[1]) });
client.unsubscribe(['a', 'b']);
export const uri: string = client.uri;
// @ts-expect-error It is read-only.
client.host = 'other.example';
// @ts-expect-error There is no such version.
client.connect({ mqttVersion: 5 });
// @ts-expect-error Nor such an option.
client.connect({ retries: 1 });
