/** Paho's JavaScript client. */

import paho from 'paho-mqtt';
import { Routes } from './routes.js';

export async function connect(url) {
  const client = new paho.Client(url, `bench-${Math.random().toString(36).slice(2)}`);
  const routes = new Routes();
  const waiting = new Map();
  client.onMessageArrived = (message) => routes.dispatch(message.destinationName, message.payloadBytes);
  client.onMessageDelivered = (message) => {
    waiting.get(message)?.();
    waiting.delete(message);
  };
  await new Promise((onSuccess, onFailure) => client.connect({ onSuccess, onFailure, mqttVersion: 4 }));
  return {
    async subscribe(filter, qos, handler) {
      routes.add(filter, (topic, payload) => handler(payload.length, topic));
      await new Promise((onSuccess, onFailure) => client.subscribe(filter, { qos, onSuccess, onFailure }));
    },
    publish(topic, payload, qos) {
      const message = new paho.Message(payload);
      message.destinationName = topic;
      message.qos = qos;
      if (qos === 0) {
        client.send(message);
        return undefined;
      }
      return new Promise((resolve) => {
        waiting.set(message, resolve);
        client.send(message);
      });
    },
    close: () => client.disconnect(),
  };
}
